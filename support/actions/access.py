"""Writes of staff access: an owner gives and ends a grant, two of our staff open an emergency, every look is noted."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Account, Membership
from accounts.roles import can
from accounts.scoping import account_scope
from accounts.staff import is_support_agent
from audit.actions import record, record_view
from chat.models import Chat
from core.errors import Refused, not_found
from outbox.actions import NewDelivery, enqueue_many
from support.access import WAITS, list_owners
from support.models import StaffGrant, StaffLook

LEAST_REASON = 10


@transaction.atomic
def give_access(*, by: Membership, hours: int, reason: str) -> StaffGrant:
    """An owner lets our support agents read the account's chats for `hours` (P13).

    Raises Refused `not_found` for who is no owner, `bad_hours`, `reason`.
    """
    if not can(by, "staff_access.edit"):
        raise not_found()
    if hours not in StaffGrant.HOURS:
        raise Refused("bad_hours", _("Choose from one hour to seven days."))
    reason, now = _reason(reason), timezone.now()
    grant = StaffGrant.objects.create(
        account=by.account,
        kind=StaffGrant.Kind.GIVEN,
        reason=reason,
        asked_by=by.user,
        starts_at=now,
        ends_at=now + timedelta(hours=hours),
    )
    _note(grant, f"user:{by.user_id}", "staff_access.given", {"hours": hours})
    return grant


@transaction.atomic
def end_access(*, by: Membership, grant: StaffGrant) -> bool:
    """An owner ends a grant now, an emergency too; False when it was over already. Raises Refused `not_found`."""
    if not can(by, "staff_access.edit") or grant.account_id != by.account_id:
        raise not_found()
    now = timezone.now()
    still_open = StaffGrant.of(by.account).filter(pk=grant.pk, starts_at__lte=now, ends_at__gt=now)
    if not still_open.update(ends_at=now, ended_early=True):
        return False
    _note(grant, f"user:{by.user_id}", "staff_access.ended", {})
    return True


@transaction.atomic
def ask_emergency(*, agent: Any, slug: str, reason: str) -> StaffGrant:
    """A support agent asks to read an account's chats without its grant; it opens nothing before another approves.

    Raises Refused `not_found`, `no_account`, `reason`.
    """
    if not is_support_agent(agent):
        raise not_found()
    reason, account = _reason(reason), Account.objects.filter(slug=slug.strip().lower()).first()
    if account is None:
        raise Refused("no_account", _("No account has this short name."))
    with account_scope(account):
        grant = StaffGrant.objects.create(
            account=account, kind=StaffGrant.Kind.EMERGENCY, reason=reason, asked_by=agent
        )
    _note(grant, f"user:{agent.pk}", "staff_access.asked", {})
    return grant


@transaction.atomic(durable=False)
def approve_emergency(*, agent: Any, grant: StaffGrant) -> StaffGrant:
    """A second agent opens the chats for one hour; the owners are told by mail at once.

    Raises Refused `not_found` for who is no agent or comes too late, `two_people` for the one who asked.
    """
    if not is_support_agent(agent):
        raise not_found()
    with account_scope(grant.account):
        now = timezone.now()
        found = StaffGrant.objects.select_for_update().filter(pk=grant.pk, starts_at__isnull=True).first()
        if found is None or found.created_at <= now - WAITS:
            raise not_found()
        if found.asked_by_id in (None, agent.pk):
            raise Refused("two_people", _("Somebody else must approve what you asked for."))
        found.approved_by, found.starts_at = agent, now
        found.ends_at = now + timedelta(hours=StaffGrant.EMERGENCY_HOURS)
        found.save(update_fields=["approved_by", "starts_at", "ends_at"])
    _note(found, f"user:{agent.pk}", "staff_access.approved", {"hours": StaffGrant.EMERGENCY_HOURS})
    enqueue_many(
        [
            NewDelivery("support_emergency", str(found.pk), f"user:{pk}", {"grant": found.pk}, found.account_id)
            for pk in list_owners(grant.account)
        ]
    )
    return found


@transaction.atomic
def note_look(*, agent: Any, grant: StaffGrant, chat: Chat | None = None) -> None:
    """Writes what an agent looks at before it is shown: for the owner, and into the ledger (P3, P13)."""
    with account_scope(grant.account):
        StaffLook.objects.create(account=grant.account, grant=grant, staff=agent, chat=chat)
    action = "staff_access.read" if chat else "staff_access.listed"
    _note(grant, f"user:{agent.pk}", action, {"chat": chat.pk} if chat else {})
    if chat is not None:
        word = f"visitor:{chat.visitor_id}"
        record_view(staff_user_id=agent.pk, subject=word, account_ref=grant.account_id, why="support.chats")


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if len(reason) < LEAST_REASON:
        raise Refused("reason", _("Say in a few words why."))
    return reason[:300]


def _note(grant: StaffGrant, actor: str, action: str, facts: dict[str, Any]) -> None:
    facts = {**facts, "kind": str(grant.kind)}
    record(account_ref=grant.account_id, actor=actor, action=action, subject=f"grant:{grant.pk}", facts=facts)
