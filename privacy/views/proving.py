"""Pages for people without a log-in: they show that an address is theirs, and are known for half an hour."""

import time
from functools import wraps
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.doors import View
from core.errors import Refused
from core.limits import limited
from core.next_page import local_path
from core.personal_data import Subject
from core.tickets import YOUR_DATA, YOUR_DATA_SECONDS, redeem_ticket
from privacy.actions import proving as actions
from privacy.forms.yourdata import AddressForm, CodeForm
from privacy.models import KNOWN_LIFE
from privacy.persons import Person, person_of_address, person_of_user, person_of_visitor
from privacy.queries.proofs import find_asked_address, find_proved_address

ASKED, PROVED = "privacy_asked", "privacy_proved"


class KnownRequest(HttpRequest):
    """What a view behind `known_person` gets: the person, and whether their address has a log-in besides."""

    person: Person
    has_login: bool


def find_person(request: Any) -> Person | None:
    """Whoever looks: by their log-in, else by an address or a chat that they proved here within half an hour.

    An address alone opens nothing of a log-in: that has a password and perhaps a second factor. Who is logged in and
    came from a chat is both.
    """
    request.has_login = False
    visitor = find_visitor(request)
    if request.user.is_authenticated:
        person = person_of_user(request.user)
        return person if visitor is None else person.also(visitor)
    if visitor is not None:
        return visitor
    proved = _proved(request)
    if "email" not in proved:
        return None
    person = person_of_address(proved["email"])
    request.has_login = any(ref.subject is Subject.USER for ref in person.refs)
    return person.without(Subject.USER)


def find_visitor(request: Any) -> Person | None:
    """The visitor whose chat this browser came from within half an hour."""
    proved = _proved(request)
    return person_of_visitor(proved["visitor"]) if "visitor" in proved else None


def find_known(request: Any) -> tuple[Person | None, str]:
    """Who is known without a log-in, and how: "chat" or "code"; (None, "") for everybody else."""
    if request.user.is_authenticated:
        return None, ""
    person = find_person(request)
    return person, "" if person is None else "chat" if "visitor" in _proved(request) else "code"


def _proved(request: Any) -> dict[str, Any]:
    """`email` or `visitor` that was proved here; the address is in the row of its proof, and goes with an erasure."""
    kept: dict[str, Any] = request.session.get(PROVED) or {}
    if "proof" in kept:
        email = find_proved_address(kept["proof"])
        return {"email": email} if email else {}
    return kept if kept.get("until", 0) > time.time() else {}


def _know(request: Any, then: str, **who: Any) -> HttpResponse:
    request.session.cycle_key()
    request.session[PROVED] = who
    return redirect(then)


def known_person(view: View) -> View:
    """Decorator: the view runs for people who are known here; others first show who they are, and come back."""

    @wraps(view)
    def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        person = find_person(request)
        if person is None:
            return _ask_who(request)
        request.person = person
        return view(request, *args, **kwargs)

    guarded.is_of_a_person = True  # type: ignore[attr-defined]  # read by the fence tests and a probe
    return guarded


def _ask_who(request: HttpRequest) -> HttpResponse:
    """The page of both ways: a log-in, or a code to an address. A mail leads here, too."""
    back = f"?next={quote(request.path)}" if request.method in ("GET", "HEAD") else ""
    return redirect(reverse("privacy:yourdata_start") + back)


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
            del request.session[ASKED]
            return _know(request, asked.get("next") or "privacy:yourdata", proof=asked["id"])
        form.add_error("code", _("This code is wrong or over. After five tries or ten minutes, ask for a new one."))
    context = {"form": form, "sent_to": sent_to}
    return render(request, "privacy/code.html", context, status=400 if form.errors else 200)


@require_POST
@never_cache
@limited("privacy.code")
def from_chat(request: HttpRequest) -> HttpResponse:
    """A visitor comes from their chat, with a ticket that its door gave them; then this browser is known too."""
    claims = redeem_ticket(YOUR_DATA, request.POST.get("ticket", "")[:1000], YOUR_DATA_SECONDS)
    if claims is None:
        messages.error(request, _("This took too long, or was used before. Open it again from the chat."))
        return redirect("privacy:yourdata_start")
    until = time.time() + KNOWN_LIFE.total_seconds()
    return _know(request, "privacy:yourdata", visitor=int(claims["visitor"]), until=until)


@require_POST
@never_cache
def forget(request: HttpRequest) -> HttpResponse:
    """Ends the half hour at once."""
    proved = request.session.pop(PROVED, None) or {}
    if "proof" in proved:
        actions.forget_proof(public_id=proved["proof"])
    return redirect("privacy:yourdata" if request.user.is_authenticated else "privacy:yourdata_start")
