"""Pages of a person's own data: what is held, the rows of a kind, and the copy of it all (S14, S98, P2, P3)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.doors import PersonRequest, signed_in_page
from core.errors import not_found
from core.limits import limited, person_or_address
from privacy.persons import Person, person_of_user
from privacy.queries import holdings


def _page(request: HttpRequest, person: Person) -> HttpResponse:
    kinds = holdings.list_kinds(person)
    user = request.user if request.user.is_authenticated else None
    context = {
        "groups": holdings.group_kinds(kinds),
        "kinds": len(kinds),
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
