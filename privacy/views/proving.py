"""Pages for people without a log-in: they show that an address is theirs, and are known for half an hour."""

from functools import wraps
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.doors import View, ask_to_log_in
from core.errors import Refused
from core.limits import limited
from core.next_page import local_path
from core.personal_data import Subject
from privacy.actions import proving as actions
from privacy.forms.yourdata import AddressForm, CodeForm
from privacy.persons import Person, person_of_address, person_of_user
from privacy.queries.proofs import find_asked_address, find_proved_address

ASKED, PROVED = "privacy_asked", "privacy_proved"


class KnownRequest(HttpRequest):
    """What a view behind `known_person` gets: the person, and whether their address has a log-in besides."""

    person: Person
    has_login: bool


def find_person(request: Any) -> Person | None:
    """Whoever looks: by their log-in, else by an address that they proved in this browser within half an hour.

    An address alone opens nothing of a log-in: that has a password and perhaps a second factor.
    """
    request.has_login = False
    if request.user.is_authenticated:
        return person_of_user(request.user)
    proved = request.session.get(PROVED)
    email = find_proved_address(proved) if isinstance(proved, str) else ""
    if not email:
        return None
    person = person_of_address(email)
    request.has_login = any(ref.subject is Subject.USER for ref in person.refs)
    return person.without(Subject.USER)


def known_person(view: View) -> View:
    """Decorator: the view runs for people who are known here; others go to the log-in page."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        person = find_person(request)
        if person is None:
            return ask_to_log_in(request)
        request.person = person
        return view(request, *args, **kwargs)

    guarded.is_of_a_person = True  # type: ignore[attr-defined]  # read by the fence tests and a probe
    return guarded


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("privacy.prove", methods=("POST",))
def start(request: HttpRequest) -> HttpResponse:
    """Asks for the address, and sends the code. The answer is the same for every address."""
    form, after = AddressForm(request.POST or None), local_path(request.GET.get("next", ""))
    if request.method == "POST" and form.is_valid():
        try:
            proof = actions.ask_proof(email=form.cleaned_data["email"])
        except Refused as refused:
            form.add_error("email", str(refused.message))
            context = {"form": form, "next": after or reverse("privacy:yourdata")}
            return render(request, "privacy/start.html", context, status=refused.status)
        request.session[ASKED] = {"id": str(proof.public_id), "next": after}  # no address: sessions outlive an erasure
        return redirect("privacy:yourdata_code")
    context = {"form": form, "next": after or reverse("privacy:yourdata")}
    return render(request, "privacy/start.html", context, status=400 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@limited("privacy.code", methods=("POST",))
def code(request: HttpRequest) -> HttpResponse:
    """Takes the code; then this browser is known for half an hour."""
    asked = request.session.get(ASKED)
    if not asked:
        return redirect("privacy:yourdata_start")
    sent_to = find_asked_address(asked["id"])
    if not sent_to:  # it is over, or the address was erased meanwhile
        return redirect("privacy:yourdata_start")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if actions.check_code(public_id=str(UUID(asked["id"])), code=form.cleaned_data["code"]):
            request.session.cycle_key()
            del request.session[ASKED]
            request.session[PROVED] = asked["id"]
            return redirect(asked.get("next") or "privacy:yourdata")
        form.add_error("code", _("This code is wrong or over. After five tries or ten minutes, ask for a new one."))
    context = {"form": form, "sent_to": sent_to}
    return render(request, "privacy/code.html", context, status=400 if form.errors else 200)


@require_POST
@never_cache
def forget(request: HttpRequest) -> HttpResponse:
    """Ends the half hour at once."""
    proved = request.session.pop(PROVED, None)
    if isinstance(proved, str):
        actions.forget_proof(public_id=proved)
    return redirect("privacy:yourdata_start")
