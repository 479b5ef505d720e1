"""Pages of a person's own data: what is held, the rows of a kind, and the copy of it all (S14, S98, P2, P3)."""

from typing import Any
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.doors import PersonRequest, signed_in_page
from core.errors import not_found
from core.limits import limited, person_or_address
from privacy import copying
from privacy.actions import copies as actions
from privacy.models import Download
from privacy.persons import Person, person_of_user
from privacy.queries import holdings


def _page(request: HttpRequest, person: Person) -> HttpResponse:
    kinds = holdings.list_kinds(person)
    user = request.user if request.user.is_authenticated else None
    context = {
        "groups": holdings.group_kinds(kinds),
        "kinds": len(kinds),
        "copies": holdings.list_copies(person)[:3],
        "received": holdings.list_received(person),
        "choices": holdings.list_own_choices(user) if user else [],
        "acceptances": holdings.list_acceptances(user)[:20] if user else [],
    }
    return render(request, "privacy/your_data.html", context)


@require_safe
@never_cache
@signed_in_page
@limited("privacy.data", by=person_or_address)
def your_data(request: PersonRequest) -> HttpResponse:
    """Everything that is held about whoever looks, read just now."""
    return _page(request, person_of_user(request.user))


@require_safe
@never_cache
@signed_in_page
@limited("privacy.data", by=person_or_address)
def kind(request: PersonRequest, model: str) -> HttpResponse:
    """The rows of one kind."""
    person = person_of_user(request.user)
    entry = holdings.find_kind(person, model)
    wanted = request.GET.get("page", "1")
    page = int(wanted) if wanted.isdecimal() and len(wanted) < 7 else 1
    rows, has_more = holdings.list_rows(person, entry, max(page, 1))
    if not rows:
        raise not_found()
    context: dict[str, Any] = {"entry": entry, "rows": rows, "page": page, "next": page + 1 if has_more else 0}
    return render(request, "privacy/kind.html", context)


@require_POST
@never_cache
@signed_in_page
@limited("privacy.copy", by=person_or_address)
def ask_copy(request: PersonRequest) -> HttpResponse:
    """Asks for a copy of it all; a worker makes it."""
    download = actions.ask_copy(person=person_of_user(request.user), user=request.user)
    return redirect("privacy:yourdata_copy", download.public_id)


@require_safe
@never_cache
@signed_in_page
@limited("privacy.data", by=person_or_address)
def copy(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """How far a copy is; the page looks again by itself until it is there."""
    download = holdings.find_copy(person_of_user(request.user), public_id)
    response = render(request, "privacy/copy.html", {"copy": download})
    if download.state != Download.State.READY:
        response["Refresh"] = "4"
    return response


@require_safe
@never_cache
@signed_in_page
@reauthentication_required
@limited("privacy.data", by=person_or_address)
def copy_file(request: PersonRequest, public_id: UUID) -> FileResponse:
    """The copy itself, for nobody but its person, who has shown within ten minutes that it is them."""
    download = holdings.find_copy(person_of_user(request.user), public_id)
    place = copying.path_of(download.public_id)
    if download.state != Download.State.READY or not place.is_file():
        raise not_found()
    return FileResponse(place.open("rb"), as_attachment=True, filename="your-data.zip", content_type="application/zip")
