"""Pages of the spreadsheet import: upload, check, result, and the two sheets to download (S94, S95)."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.doors import MemberRequest, member_page
from accounts.models import Membership
from core.errors import Refused
from core.limits import limited, person_or_address
from core.uploads import read_upload
from operators import actions, queries
from operators.import_forms import LEAVABLE, read_changes
from operators.imports import CORRECTABLE, EMAIL_CODES, NAME_CODES, Verdict, count_codes, list_verdicts
from operators.models import ImportDraft, ImportRow, Invitation
from operators.spreadsheet.container import MOST_PEOPLE  # rows.py would load openpyxl
from operators.spreadsheet.sentences import ImportProblem
from operators.spreadsheet.writing import XLSX_TYPE, write_template, write_verdicts

UPLOAD = "operators:import"
PREVIEW = "operators:import_preview"
RESULT = "operators:import_result"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("team.import", by=person_or_address, methods=("POST",))
@member_page("team.edit")
def upload(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return _upload_page(request)
    given = request.FILES.get("file")
    if given is None:
        return _upload_page(request, refused=ImportProblem("empty_file"))
    name = (given.name or "")[:100]
    try:
        draft = actions.read_import(
            account=request.membership.account, data=read_upload(given), name=name, by=request.membership
        )
    except Refused as refused:
        if refused.code == "not_found":
            raise
        return _upload_page(request, refused=refused, name=name)
    return redirect(PREVIEW, draft.public_id)


def _upload_page(request: HttpRequest, *, refused: Refused | None = None, name: str = "") -> HttpResponse:
    context = {"refused": refused, "file_name": name, "most": MOST_PEOPLE}
    return render(request, "operators/import_upload.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("team.edit")
def preview(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    draft = queries.find_import_for(request.membership, public_id)
    if draft.state == ImportDraft.State.CONFIRMED:
        return redirect(RESULT, draft.public_id)
    if request.method != "POST":
        return _preview_page(request, draft)
    try:
        return _act(request, draft)
    except Refused as refused:
        if refused.code == "not_found":
            raise
        return _preview_page(request, draft, refused=refused)


def _act(request: MemberRequest, draft: ImportDraft) -> HttpResponse:
    """Takes the changes of the page over; invites only as many people as the button said."""
    rows = queries.list_import_rows(draft)
    changes = read_changes(request.POST, rows, list_verdicts(draft, rows))
    actions.change_rows(draft=draft, by=request.membership, changes=changes)
    if request.POST.get("do") == "invite":
        ready = count_codes(row.code for row in queries.list_import_rows(draft)).created
        if str(ready) == request.POST.get("expected"):
            actions.confirm_import(draft=draft, by=request.membership)
            return redirect(RESULT, draft.public_id)
        words = ngettext("Now %(n)d person can be invited.", "Now %(n)d people can be invited.", ready) % {"n": ready}
        messages.info(request, words + " " + _("Nothing has been sent. Check the list and press the button again."))
    response = redirect(PREVIEW, draft.public_id)
    if request.POST.get("show") == "problems":
        response["Location"] += "?show=problems"
    return response


def _preview_page(request: MemberRequest, draft: ImportDraft, *, refused: Refused | None = None) -> HttpResponse:
    rows = queries.list_import_rows(draft)
    lines = [_line(row, verdict) for row, verdict in zip(rows, list_verdicts(draft, rows), strict=True)]
    counts = count_codes(row.code for row in rows)
    problems = [line for line in lines if line["is_problem"]]
    only = request.GET.get("show") == "problems"
    context = {
        "draft": draft, "lines": problems if only else lines, "only_problems": only, "counts": counts,
        "problem_count": len(problems), "left_out": sum(row.code == ImportRow.Code.LEFT_OUT for row in rows),
        "roles": [(role, Membership.Role(role).label) for role in reversed(Invitation.ROLES)], "refused": refused,
    }  # fmt: skip
    return render(request, "operators/import_preview.html", context, status=refused.status if refused else 200)


def _line(row: ImportRow, verdict: Verdict) -> dict[str, Any]:
    """A row with what its cells are: texts or fields, and which of them is wrong."""
    return {
        "row": row, "verdict": verdict,
        "is_problem": row.code not in LEAVABLE,
        "can_choose": row.code in LEAVABLE,
        "can_correct": row.code in CORRECTABLE,
        "bad_name": row.code in NAME_CODES, "bad_email": row.code in EMAIL_CODES,
        "is_left_out": row.code == ImportRow.Code.LEFT_OUT,
    }  # fmt: skip


@require_safe
@never_cache
@member_page("team.edit")
def result(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    draft = queries.find_import_for(request.membership, public_id)
    if draft.state != ImportDraft.State.CONFIRMED:
        return redirect(PREVIEW, draft.public_id)
    rows = queries.list_import_rows(draft)
    verdicts = list_verdicts(draft, rows)
    context = {
        "draft": draft, "ends_at": timezone.localtime(draft.ends_at, draft.account.zone),
        "counts": count_codes(row.code for row in rows), "mails": queries.count_mails(draft, rows),
        "left": [one for one in verdicts if one.verdict != "invite"],
    }  # fmt: skip
    return render(request, "operators/import_result.html", context)


@require_safe
@member_page("team.edit")
def template(request: MemberRequest) -> HttpResponse:
    return _sheet(write_template(), "operators-template.xlsx")


@require_safe
@never_cache
@member_page("team.edit")
def verdicts(request: MemberRequest, public_id: uuid.UUID) -> HttpResponse:
    draft = queries.find_import_for(request.membership, public_id)
    sheet = write_verdicts(list_verdicts(draft, queries.list_import_rows(draft)))
    actions.note_sheet(by=request.membership)
    return _sheet(sheet, "operators-import.xlsx")


def _sheet(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=XLSX_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
