"""Pages of a person's own data: what is held, the rows of a kind, and the copy of it all (S14, S98, P2, P3)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.doors import fresh_page
from core.consent import read_choice
from core.errors import not_found
from core.limits import limited, person_or_address
from policies.actions import withdraw_consent
from policies.queries import list_receipts
from privacy import copy_files
from privacy.actions import copies as actions
from privacy.models import Download
from privacy.persons import list_controllers
from privacy.queries import choices, holdings
from privacy.queries.cases import list_live_of
from privacy.views.proving import KnownRequest, find_person, find_visitor, known_person

RECEIPTS = 30  # on the page; all of them stand on a page of their own


@require_safe
@never_cache
@limited("privacy.data", by=person_or_address)
def your_data(request: HttpRequest) -> HttpResponse:
    """Everything that is held about whoever looks, read just now; who is not known yet is asked for an address."""
    person = find_person(request)
    if person is None:
        return redirect("privacy:yourdata_start")
    kinds, visitor = holdings.list_kinds(person), find_visitor(request)
    user = request.user if request.user.is_authenticated else None
    received, said = holdings.list_received(person, user), holdings.list_choices_said(person)
    switches = choices.list_switches(user, read_choice(request))
    own = list_receipts(f"user:{user.pk}") if user else []
    context = {
        "person": person,
        "chats_with": [account.company for account, _rows in list_controllers(visitor) if account] if visitor else [],
        "has_login": request.has_login,  # type: ignore[attr-defined]  # find_person
        "live": list_live_of(user) if user else [],
        "groups": holdings.group_kinds(kinds),
        "kinds": len(kinds),
        "copies": holdings.list_copies(person)[:3],
        "received": received,
        "demanded": sum(one.times for one in received if one.by_law),
        "switches": switches,
        "said": choices.list_said_besides(said, own, switches)[:RECEIPTS],
        "receipts": len(own),
    }
    return render(request, "privacy/your_data.html", context)


@require_safe
@never_cache
@known_person
@limited("privacy.data", by=person_or_address)
def kind(request: KnownRequest, model: str) -> HttpResponse:
    """The rows of one kind."""
    entry = holdings.find_kind(model)
    wanted = request.GET.get("page", "1")
    page = max(int(wanted), 1) if wanted.isdecimal() and len(wanted) < 7 else 1
    rows, has_more = holdings.list_rows(request.person, entry, page)
    if not rows:
        raise not_found()
    context: dict[str, Any] = {"entry": entry, "rows": rows, "page": page, "next": page + 1 if has_more else 0}
    return render(request, "privacy/kind.html", context)


@require_POST
@never_cache
@known_person
@limited("privacy.copy", by=person_or_address)
def ask_copy(request: KnownRequest) -> HttpResponse:
    """Asks for a copy of it all; a worker makes it."""
    user = request.user if request.user.is_authenticated else None
    download = actions.ask_copy(person=request.person, user=user)
    return redirect("privacy:yourdata_copy", download.public_id)


@require_POST
@never_cache
@known_person
@limited("privacy.data", by=person_or_address)
def withdraw(request: KnownRequest, public_id: UUID) -> HttpResponse:
    """Takes a yes back; it holds no longer from this moment (P16)."""
    receipt = holdings.find_own_receipt(request.person, public_id)
    withdraw_consent(subject=receipt.subject, purpose=receipt.purpose, channel=receipt.Channel.SITE)
    messages.success(request, _("Taken back. It holds from now on."))
    return redirect("privacy:yourdata")


@require_safe
@never_cache
@known_person
@limited("privacy.data", by=person_or_address)
def copy(request: KnownRequest, public_id: UUID) -> HttpResponse:
    """How far a copy is; the page looks again by itself until it is there."""
    download = holdings.find_copy(request.person, public_id)
    response = render(request, "privacy/copy.html", {"copy": download})
    if download.state != Download.State.READY:
        response["Refresh"] = "4"
    return response


@require_safe
@never_cache
@known_person
@limited("privacy.data", by=person_or_address)
def copy_file(request: KnownRequest, public_id: UUID) -> HttpResponse:
    """The copy itself, for nobody but its person; a log-in shows within ten minutes that it is still them."""
    send = fresh_page(_send) if request.user.is_authenticated else _send
    answer: HttpResponse = send(request, public_id)
    return answer


def _send(request: KnownRequest, public_id: UUID) -> HttpResponse:
    download = holdings.find_copy(request.person, public_id)
    place = copy_files.path_of(download.public_id)
    if not place.is_file():  # not made yet
        raise not_found()
    actions.note_fetched(download=download)
    return FileResponse(place.open("rb"), as_attachment=True, filename="your-data.zip", content_type="application/zip")  # type: ignore[return-value]  # Django's stubs keep the two apart
