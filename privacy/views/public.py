"""Public pages of privacy: the ledger of promises and the data map."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from core.limits import limited
from core.outbound import registry as outbound
from core.promises import Outcome
from policies.coverage import list_rows
from privacy.checks import count_declared
from privacy.datamap import list_tables
from privacy.ledger import Line, read_ledger
from privacy.queries.retention import find_last_end, find_last_run
from privacy.views.history import may_run


@require_GET
@limited("promises")
@gzip_page
def promises(request: HttpRequest) -> HttpResponse:
    ledger = read_ledger()
    wanted = request.GET.get("show", "")
    rows = list_rows([line.sentence for line in ledger.lines])
    only = Outcome(wanted) if wanted in (Outcome.LATE, Outcome.BROKEN) else None
    context = {
        "ledger": ledger,
        "total": len(ledger.lines),
        "kept": ledger.count(Outcome.KEPT),
        "late": ledger.count(Outcome.LATE),
        "broken": ledger.count(Outcome.BROKEN),
        "show": only or "",
        "groups": ledger.groups(only),
        "bars": [(index * 10, line.outcome) for index, line in enumerate(ledger.lines)],
        "width": max(len(ledger.lines), 1) * 10,
        "rows": rows,
        "built": sum(row.is_built for row in rows),
        "may_run": may_run(request.user),
    }
    return render(request, "privacy/promises.html", context)


def _line(line: Line) -> dict[str, object]:
    run = line.standing.run
    return {
        "id": line.sentence.ident,
        "of": line.sentence.version.kind,
        "section": line.sentence.section,
        "text": line.sentence.text,
        "rows": line.sentence.rows,
        "probe": line.standing.probe.key,
        "kind": line.standing.probe.kind.value,
        "how": str(line.standing.probe.how),
        "result": line.outcome.value,
        "figure": run.figure if run else None,
        "doubt": line.standing.doubt.text if line.standing.doubt else None,
        "checked_at": run.ran_at.isoformat() if run else None,
        "commit": run.commit if run else None,
        "history": f"{settings.PUBLIC_ORIGIN}{reverse('privacy:promises_history_of', args=[line.standing.probe.key])}",
    }


@require_GET
@limited("promises")
def promises_json(request: HttpRequest) -> HttpResponse:
    ledger = read_ledger()
    body = {
        "policy_version": ledger.versions.get("policy"),
        "terms_version": ledger.versions.get("terms"),
        "total": len(ledger.lines),
        "history": f"{settings.PUBLIC_ORIGIN}{reverse('privacy:promises_history')}",
        "not_built": [row.number for row in list_rows([line.sentence for line in ledger.lines]) if not row.is_built],
        **{outcome.value: ledger.count(outcome) for outcome in Outcome},
        "promises": [_line(line) for line in ledger.lines],
    }
    return JsonResponse(body, json_dumps_params={"indent": 1})


@require_GET
@gzip_page
def data_map(request: HttpRequest) -> HttpResponse:
    models, fields, others = count_declared()
    context = {
        "groups": list_tables(),
        "retention": find_last_run(),
        "retention_at": find_last_end(),
        "models": models,
        "fields": fields,
        "others": others,
        "recipients": list(outbound.recipients.values()),
        "cookies": list(outbound.cookies.values()),
    }
    return render(request, "privacy/data_map.html", context)
