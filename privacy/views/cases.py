"""Pages of those who ask: their cases with the clock, a new one, the link that proves an address (S100, S103)."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.doors import signed_in_page
from core.errors import Refused
from core.limits import TooMany, count_use, limited, person_or_address
from privacy import screens
from privacy.actions import cases as actions
from privacy.actions.asking import ask_as_known
from privacy.actions.serving import start_copy
from privacy.case_links import CONFIRM_HOURS, find_secret, page_url
from privacy.forms.cases import ASKED, CaseForm
from privacy.models.cases import Case
from privacy.persons import Person, person_of_address, person_of_user
from privacy.queries import cases as queries
from privacy.views.proving import find_known

EDIT = ["GET", "HEAD", "POST"]


def _user(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


@require_GET
@never_cache
@limited("privacy.cases", by=person_or_address)
def mine(request: HttpRequest) -> HttpResponse:
    """A person's cases with the clock, and for everybody how fast we are."""
    user = _user(request)
    known, how = find_known(request)
    cases = queries.list_cases_of(user) if user else queries.list_cases_of_known(known, how) if known else []
    rows = screens.rows_of(cases)
    context = {
        "known": known,
        "live": [(row, *_links(row.case)) for row in rows if row.case.is_live],
        "ended": [row for row in rows if not row.case.is_live],
        "has_withdrawn": any(row.case.state == Case.State.WITHDRAWN for row in rows),
        "average_days": screens.average_days(rows),
        "figures": queries.count_figures(),
        "support": settings.SUPPORT_EMAIL,
    }
    return render(request, "privacy/cases.html", context)


def _links(case: Case) -> tuple[str, str]:
    """Where a case is taken back, and its own page, which needs no log-in; "" for who has one."""
    if case.user_id:
        return reverse("privacy:case_withdraw", args=[case.public_id]), ""
    return reverse("privacy:case_page_withdraw", args=[find_secret(case)]), page_url(case)


@require_http_methods(EDIT)
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Asking. What was typed stands there again whatever is wrong."""
    user = _user(request)
    known, how = find_known(request)
    asks_address = user is None and known is None
    if request.method != "POST":
        wanted = request.GET.get("kind", "")
        chosen = [kind for kind, _label in ASKED if kind == wanted]
        form = CaseForm(asks_address=asks_address, initial={"kind": chosen[0]} if chosen else {})
        return render(request, "privacy/case_new.html", {"form": form, "known": known})
    form = CaseForm(request.POST, asks_address=asks_address)
    if not form.is_valid():
        return render(request, "privacy/case_new.html", {"form": form, "known": known}, status=400)
    try:
        return _open_known(request, form, known, how) if known else _open(request, form, user)
    except Refused as refusal:
        context = {"form": form, "known": known, "refusal": refusal.message}
        response = render(request, "privacy/case_new.html", context, status=refusal.status)
        if isinstance(refusal, TooMany):
            response["Retry-After"] = str(refusal.retry_after)
        return response


def _open(request: HttpRequest, form: CaseForm, user: Any) -> HttpResponse:
    count_use("privacy.case_new", person_or_address(request))
    given = form.cleaned_data
    if user is None:
        count_use("privacy.case_address", given["email"].lower())
    case = actions.open_case(
        kind=given["kind"], channel=Case.Channel.PAGE, person=person_of_user(user) if user else None, user=user,
        email=given.get("email", ""), text=given["text"], language=getattr(request, "LANGUAGE_CODE", "en"),
    )  # fmt: skip
    if user is None:  # the same page for every address: it says nothing about who has a log-in
        return render(request, "privacy/case_sent.html", {"email": given["email"], "hours": CONFIRM_HOURS})
    messages.success(request, _("We have your request. Its number is %(number)s.") % {"number": case.label})
    if queries.asks_copy(case):  # the log-in is the proof, so nobody has to wait for us
        start_copy(case=case, by=user)
    return redirect("privacy:cases")


def _open_known(request: HttpRequest, form: CaseForm, person: Person, how: str) -> HttpResponse:
    """Of somebody who came from a chat, or showed an address with a code: nothing more is to be proved."""
    count_use("privacy.case_new", person_or_address(request))
    given = form.cleaned_data
    cases = ask_as_known(
        person=person, how=how, kind=given["kind"], text=given["text"],
        language=getattr(request, "LANGUAGE_CODE", "en"),
    )  # fmt: skip
    numbers = ", ".join(case.label for case in cases)
    messages.success(request, _("We have your request. Its number is %(number)s.") % {"number": numbers})
    return redirect("privacy:cases")


@require_POST
@never_cache
@signed_in_page
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A person takes their case back."""
    actions.withdraw_case(case=queries.find_case_of(request.user, public_id))
    messages.success(request, _("Your request is withdrawn."))
    return redirect("privacy:cases")


def key_in_address(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Decorator: the address of the page is the key to the case, so no answer of it tells the address to others.

    The origin alone is told: with "no-referrer" a browser sends forms without it, and they are refused.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["Referrer-Policy"] = "strict-origin"
        return response

    return guarded


# ---- guests -------------------------------------------------------------------------------------------------
@key_in_address
@require_http_methods(EDIT)
@never_cache
@limited("privacy.case_link")
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The mailed link: a button proves the address, so that no program that follows links does it."""
    case, is_old = queries.find_case_to_confirm(token)
    if request.method != "POST":
        context = {"case": case, "is_old": is_old, "hours": CONFIRM_HOURS}
        return render(request, "privacy/case_confirm.html", context)
    if is_old:
        actions.send_confirmation(case=case)
        return render(request, "privacy/case_sent.html", {"email": case.email, "hours": CONFIRM_HOURS})
    if request.POST.get("do") == "not_me":
        actions.withdraw_case(case=case)
        messages.success(request, _("Thank you. The request is closed, and nothing was done."))
        return redirect("privacy:cases")
    proved = actions.verify_case(case=case, refs=person_of_address(case.email))
    messages.success(request, _("Thank you. The address is yours, and the request is open."))
    own = case if proved.pk != case.pk else proved
    return redirect("privacy:case_page", find_secret(own))


@key_in_address
@require_GET
@never_cache
@limited("privacy.case_link")
def page(request: HttpRequest, secret: str) -> HttpResponse:
    """The page of one case, for whoever has its secret link."""
    case = queries.find_case_by_secret(secret)
    (row,) = screens.rows_of([case])
    return render(request, "privacy/case_page.html", {"row": row, "case": case, "secret": secret})


@require_POST
@never_cache
@limited("privacy.case_link")
def withdraw_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Whoever has the secret link takes the case back."""
    actions.withdraw_case(case=queries.find_case_by_secret(secret))
    messages.success(request, _("Your request is withdrawn."))
    return redirect("privacy:case_page", secret)
