"""Writes of operators: who answers chats, in which state, with how many open chats."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, User
from accounts.scoping import account_scope
from audit import actions as audit
from core.errors import Refused
from operators import events
from operators.models import Operator, StatusChange


@transaction.atomic
def ensure_operator(*, membership: Membership) -> Operator:
    """The operator behind a membership, made when there is none yet; called again it changes nothing.

    Who comes back to an account is the operator they were, with their past chats.
    """
    with account_scope(membership.account):
        operator = Operator.objects.filter(membership=membership).first()
        if operator is not None:
            return operator
        operator = Operator.objects.filter(user_id=membership.user_id, membership=None).order_by("-pk").first()
        name = membership.user.get_full_name()[:120]
        if operator is not None:
            operator.membership, operator.display_name = membership, name
            operator.status, operator.open_chats = Operator.Status.ACCEPTING, 0
            operator.save(update_fields=["membership", "display_name", "status", "open_chats"])
        else:
            operator, is_new = Operator.objects.get_or_create(
                membership=membership,
                defaults={"account": membership.account, "user_id": membership.user_id, "display_name": name},
            )
            if not is_new:  # somebody else was faster
                return operator
        StatusChange.objects.create(account=membership.account, operator=operator, status=operator.status)
    told = partial(
        events.operator_joined.send_robust, Operator, operator_id=operator.pk, account_id=operator.account_id
    )
    transaction.on_commit(told)
    return operator


def rename_operator(*, user: User) -> int:
    """Gives a person's new name to the operator that they are, in every account, past chats too. Returns how many."""
    every = Operator.objects.with_scopes_disabled()  # the person's own name, in whichever account
    name = user.get_full_name()[:120]
    return int(every.filter(user_id=user.pk).exclude(display_name=name).update(display_name=name))


@transaction.atomic
def set_status(*, operator: Operator, status: str) -> bool:
    """Sets an operator's own state and tells `operator_status_changed`; False when it was so already (S23).

    `status` is a value of Operator.Status. Raises Refused bad_status for another word.
    """
    if status not in Operator.Status.values:
        raise Refused("bad_status", _("Choose accepting, away or offline."))
    with account_scope(operator.account):
        changed = Operator.objects.filter(pk=operator.pk).exclude(status=status).update(status=status) == 1
        if changed:
            StatusChange.objects.create(account=operator.account, operator=operator, status=status)
    operator.status = status
    if changed:
        told = partial(
            events.operator_status_changed.send_robust,
            Operator,
            operator_id=operator.pk,
            account_id=operator.account_id,
            status=status,
        )
        transaction.on_commit(told)
    return changed


@transaction.atomic
def set_chat_limit(*, operator: Operator, limit: int, actor: str) -> None:
    """Sets how many chats an operator has open at most. Raises Refused bad_limit outside 1 to 50."""
    if not 1 <= limit <= 50:
        raise Refused("bad_limit", _("Enter a number from 1 to 50."))
    with account_scope(operator.account):
        Operator.objects.filter(pk=operator.pk).update(chat_limit=limit)
    operator.chat_limit = limit
    audit.record(
        account_ref=operator.account_id,
        actor=actor,
        action="operator.limit_changed",
        subject=f"operator:{operator.pk}",
        facts={"limit": limit},
    )
    tell_room(account_id=operator.account_id)


def tell_room(*, account_id: int) -> None:
    """Tells, after the commit, that somebody of an account may have room for another chat now."""
    transaction.on_commit(partial(events.room_made.send_robust, Operator, account_id=account_id))


def mark_seen(*, operator: Operator) -> None:
    """Notes that an operator is here just now; stands in the caller's account scope."""
    Operator.objects.filter(pk=operator.pk).update(seen_at=timezone.now())


def take_chat(*, operator_id: int, at: datetime) -> bool:
    """Counts one more open chat of an operator who is given one at that moment, in one conditional statement.

    Stands in the caller's transaction and account scope. False, and nothing changed, when their limit is reached.
    """
    free = Operator.objects.filter(pk=operator_id, open_chats__lt=F("chat_limit"))
    return free.update(open_chats=F("open_chats") + 1, given_at=at) == 1


def change_open_chats(*, operator_id: int, by: int, within_limit: bool = False) -> bool:
    """Adds `by` (may be negative) to an operator's count of open chats, in one conditional statement.

    Stands in the caller's transaction and account scope. False, and nothing changed, when the count would fall below
    zero or, with `within_limit`, rise above the operator's own limit.
    """
    rows = Operator.objects.filter(pk=operator_id)
    if by < 0:
        rows = rows.filter(open_chats__gte=-by)
    elif within_limit:
        rows = rows.filter(open_chats__lte=F("chat_limit") - by)
    return rows.update(open_chats=F("open_chats") + by) == 1


@transaction.atomic
def import_states(*, operator: Operator, states: Sequence[tuple[datetime, str]]) -> None:
    """Adds states of an operator before the first that is known: (since when, state), for a history brought in."""
    with account_scope(operator.account):
        StatusChange.objects.bulk_create(
            StatusChange(account=operator.account, operator=operator, at=at, status=status) for at, status in states
        )
