"""Staff access by grant: who may read which account's chats now, what they looked at, and the mail of an emergency."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.urls import reverse
from django.utils import timezone

from accounts.links import absolute
from accounts.models import Account, Membership
from accounts.outbound import address_of
from accounts.queries import public_name
from accounts.scoping import scopes_disabled
from accounts.staff import is_support_agent
from chat.models import Chat
from core.errors import not_found
from core.outbound import Letter
from support.models import StaffGrant, StaffLook

PAGE = 50
WAITS = timedelta(days=1)  # an emergency that nobody approved by then is over


def list_grants(account: Account, limit: int = 50) -> list[StaffGrant]:
    """Every grant of one account, newest first, with who asked and who approved."""
    return list(StaffGrant.of(account).select_related("asked_by", "approved_by").order_by("-pk")[:limit])


def list_looks(account: Account, limit: int = 100) -> list[StaffLook]:
    """What our staff looked at in this account, newest first (P13)."""
    return list(StaffLook.of(account).select_related("staff", "chat__visitor", "grant").order_by("-at", "-pk")[:limit])


def find_grant(account: Account, public_id: UUID) -> StaffGrant:
    """A grant of this account. Raises Refused `not_found`."""
    found = StaffGrant.of(account).filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def list_open_grants() -> list[StaffGrant]:
    """The grants of all accounts that are open now."""
    now = timezone.now()
    with scopes_disabled():  # agents see whose chats they may read, and nothing else of the accounts
        rows = StaffGrant.objects.filter(starts_at__lte=now, ends_at__gt=now).select_related("account", "asked_by")
        return list(rows.order_by("ends_at"))


def list_emergencies() -> list[StaffGrant]:
    """Emergencies that wait for a second member of staff."""
    with scopes_disabled():  # as above
        rows = StaffGrant.objects.filter(starts_at__isnull=True, created_at__gt=timezone.now() - WAITS)
        return list(rows.select_related("account", "asked_by").order_by("created_at"))


def find_emergency(public_id: UUID) -> StaffGrant:
    """One of `list_emergencies`. Raises Refused `not_found`."""
    found = next((one for one in list_emergencies() if one.public_id == public_id), None)
    if found is None:
        raise not_found()
    return found


def find_open_grant(agent: Any, slug: str) -> StaffGrant:
    """The grant by which this agent may read that account's chats at this moment (S75, P13).

    Raises Refused `not_found`, the same without a grant, after its end, and for an account that does not exist.
    """
    account = Account.objects.filter(slug=slug).first() if is_support_agent(agent) else None
    grants = StaffGrant.of(account).select_related("account").order_by("-ends_at") if account else []
    found = next((one for one in grants if one.is_open()), None)
    if found is None:
        raise not_found()
    return found


def list_chats(grant: StaffGrant, before: UUID | None = None) -> list[Chat]:
    """A page of the account's chats, newest first, and one more to know whether there are others."""
    chats = Chat.of(grant.account).select_related("operator").order_by("-pk")
    if before is not None:
        chats = chats.filter(pk__lt=Chat.of(grant.account).filter(public_id=before).values("pk"))
    return list(chats[: PAGE + 1])


def find_chat(grant: StaffGrant, public_id: UUID) -> Chat:
    """A chat of the grant's account. Raises Refused `not_found`."""
    found = Chat.of(grant.account).select_related("visitor", "operator").filter(public_id=public_id).first()
    if found is None:
        raise not_found()
    return found


def list_owners(account: Account) -> list[int]:
    """The people who are told of an emergency."""
    owners = Membership.objects.filter(account=account, role=Membership.Role.OWNER, user__is_active=True)
    return list(owners.values_list("user_id", flat=True))


def load_emergency(rows: Sequence[Any]) -> dict[int, Letter]:
    """To an owner: two of our staff opened the account's chats for an hour, who and why."""
    people = get_user_model().objects.in_bulk({int(row.recipient.partition(":")[2]) for row in rows})
    with scopes_disabled():  # each owner gets the grant of their own account: the action chose them
        keys = {row.payload["grant"] for row in rows}
        grants = StaffGrant.objects.select_related("account", "asked_by", "approved_by").in_bulk(keys)
    letters = {}
    for row in rows:
        user, grant = people.get(int(row.recipient.partition(":")[2])), grants.get(row.payload["grant"])
        if user is not None and grant is not None:
            context = {
                "name": user.name,
                "company": grant.account.company,
                "first": public_name(grant.asked_by),
                "second": public_name(grant.approved_by),
                "reason": grant.reason,
                "ends_at": grant.ends_at,
                "url": absolute(reverse("support:access")),
            }
            letters[row.pk] = Letter(address_of(user), context, user.language)
    return letters
