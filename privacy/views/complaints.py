"""Pages of complaints: not to agree with an answer, the case file; and one button to object to a takeover (S6, S60)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.doors import signed_in_page
from core.errors import not_found
from core.limits import count_use, limited, person_or_address
from policies.queries import find_coming_entity
from privacy.actions import complaints as actions
from privacy.actions.cases import open_case
from privacy.case_file import write_case_file
from privacy.models.cases import Case
from privacy.persons import person_of_user
from privacy.queries import cases as queries
from privacy.views.cases import key_in_address


@require_POST
@never_cache
@signed_in_page
def disagree(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A person who is logged in does not agree with our answer."""
    case = actions.disagree(case=queries.find_case_of(request.user, public_id))
    messages.success(request, _("We wrote it down, and mail you where to go with it."))
    return redirect(f"/privacy/requests/#{case.label}")


@require_POST
@never_cache
@limited("privacy.case_link")
def disagree_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The same for whoever has the secret link."""
    actions.disagree(case=queries.find_case_by_secret(secret))
    messages.success(request, _("We wrote it down, and mail you where to go with it."))
    return redirect("privacy:case_page", secret)


@require_GET
@never_cache
@signed_in_page
@limited("privacy.cases", by=person_or_address)
def case_file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The case file of one's own complaint."""
    return _file_of(queries.find_case_of(request.user, public_id))


@key_in_address
@require_GET
@never_cache
@limited("privacy.case_link")
def case_file_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The same for whoever has the secret link."""
    return _file_of(queries.find_case_by_secret(secret))


def _file_of(case: Case) -> HttpResponse:
    if case.kind != Case.Kind.COMPLAINT or case.account_id is not None:
        raise not_found()
    response = HttpResponse(write_case_file(case), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="case-{case.label}.zip"'
    return response


@require_POST
@never_cache
@signed_in_page
def object_to_takeover(request: HttpRequest) -> HttpResponse:
    """One button: an objection to the company that is about to take over (S60)."""
    coming = find_coming_entity()
    if coming is None:
        raise not_found()
    count_use("privacy.case_new", person_or_address(request))
    text = _("I object to my data going to %(name)s.") % {"name": coming.name}
    case = open_case(
        kind=Case.Kind.OBJECTION, channel=Case.Channel.PAGE, person=person_of_user(request.user), user=request.user,
        text=text, language=getattr(request, "LANGUAGE_CODE", "en"),
    )  # fmt: skip
    messages.success(request, _("We have your objection. Its number is %(number)s.") % {"number": case.label})
    return redirect(f"/privacy/requests/#{case.label}")
