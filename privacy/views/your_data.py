"""Pages of a person's own data: what is held, the rows of a kind, and the copy of it all (S14, S98, P2, P3)."""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from core.errors import not_found
from core.limits import limited, person_or_address
from privacy import copy_files
from privacy.actions import copies as actions
from privacy.models import Download
from privacy.queries import holdings
from privacy.views.proving import KnownRequest, find_person, known_person

RECEIPTS = 30  # on the page; all of them stand on a page of their own


@require_safe
@never_cache
@limited("privacy.data", by=person_or_address)
def your_data(request: HttpRequest) -> HttpResponse:
    """Everything that is held about whoever looks, read just now; who is not known yet is asked for an address."""
    person = find_person(request)
    if person is None:
        return redirect("privacy:yourdata_start")
    kinds = holdings.list_kinds(person)
    user = request.user if request.user.is_authenticated else None
    received = holdings.list_received(person, user)
    context = {
        "person": person,
        "has_login": request.has_login,  # type: ignore[attr-defined]  # find_person
        "groups": holdings.group_kinds(kinds),
        "kinds": len(kinds),
        "copies": holdings.list_copies(person)[:3],
        "received": received,
        "demanded": sum(one.times for one in received if one.by_law),
        "choices": holdings.list_own_choices(user) if user else [],
        "receipts": holdings.list_choices_said(person)[:RECEIPTS],
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


@require_safe
@never_cache
@limited("privacy.data", by=person_or_address)
def copy(request: KnownRequest, public_id: UUID) -> HttpResponse:
    """How far a copy is; the page looks again by itself until it is there.

    A mail leads here: who is not known yet shows who they are, by a log-in or a code, and comes back.
    """
    person = find_person(request)
    if person is None:
        return redirect(f"{reverse('privacy:yourdata_start')}?next={quote(request.path)}")
    request.person = person
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
    send = reauthentication_required(_send) if request.user.is_authenticated else _send
    answer: HttpResponse = send(request, public_id)
    return answer


def _send(request: KnownRequest, public_id: UUID) -> HttpResponse:
    download = holdings.find_copy(request.person, public_id)
    place = copy_files.path_of(download.public_id)
    if not place.is_file():  # not made yet
        raise not_found()
    actions.note_fetched(download=download)
    return FileResponse(place.open("rb"), as_attachment=True, filename="your-data.zip", content_type="application/zip")  # type: ignore[return-value]  # Django's stubs keep the two apart
