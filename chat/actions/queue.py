"""The queue: chats are given out, passed on when nobody answers, given back, and the owners hear when nobody takes one.

Each action takes the lock of the account's queue first (telling.lock_queue): of any number of processes one decides.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from accounts.roles import ACTIONS
from accounts.scoping import account_scope
from chat.actions.recording import note_accepted, note_by_mail, note_passed_on
from chat.actions.telling import (
    add_event,
    lock_chat_in_queue,
    lock_queue,
    tell_holder,
    tell_operators,
    tell_positions,
    tell_state,
    wake_queue,
)
from chat.actions.visitors import set_email
from chat.models import Chat, ChatSettings
from chat.queries import find_chat_settings
from chat.queue import line
from chat.queue.routing import Hand, Waiting, choose, plan
from chat.window.prechat import problem_of_address
from core.errors import Refused
from operators.actions import change_open_chats, take_chat
from operators.models import Operator
from operators.queries import find_hours, list_group_places
from outbox.actions import NewDelivery, enqueue_many

ALERT = "chat.nobody_took"
ALERT_LIFE = timedelta(hours=1)  # an older alarm is of no use to anybody


def give_chat(*, chat: Chat, operator: Operator, settings: ChatSettings, now: datetime, event: str = "joined") -> bool:
    """Gives a chat, locked by the caller together with its account's queue, to an operator.

    False, and nothing changed, when the operator has as many chats as they may have (S22).
    """
    if not take_chat(operator_id=operator.pk, at=now):
        return False
    chat.state, chat.operator, chat.accepted_at = Chat.State.OPEN, operator, now
    pause = settings.reassign_seconds
    chat.answer_due_at = now + timedelta(seconds=pause) if pause and not chat.by_mail else None
    chat.save(update_fields=["state", "operator", "accepted_at", "answer_due_at", "board_seq"])
    add_event(chat=chat, event=event, operator=operator)
    note_accepted(chat)
    tell_state(chat=chat)
    tell_positions(account=chat.account)
    tell_holder(chat=chat)
    if chat.answer_due_at is not None:
        wake_queue(account_pk=chat.account_id)
    return True


def put_back(*, chat: Chat, now: datetime, event: str = "returned", operator: Operator | None = None) -> None:
    """Puts a chat, locked by the caller together with its account's queue, back to its old place among the waiting.

    The holder's count of open chats is the caller's work; `operator` is who put it back, where a person did.
    """
    chat.state, chat.operator, chat.accepted_at = Chat.State.WAITING, None, None
    chat.answer_due_at, chat.queued_at = None, now
    chat.save(update_fields=["state", "operator", "accepted_at", "answer_due_at", "queued_at", "board_seq"])
    if event:
        add_event(chat=chat, event=event, operator=operator)
    tell_state(chat=chat)
    tell_positions(account=chat.account)
    tell_holder(chat=chat)
    wake_queue(account_pk=chat.account_id)


@transaction.atomic
def give_out(*, account: Account, now: datetime | None = None) -> list[Chat]:
    """Gives waiting chats to operators who are free, as the account's routing says; answers those that were given.

    Nothing happens where chats are taken by hand, outside the opening hours, or when the account is read-only.
    """
    now = now or timezone.now()
    settings = find_chat_settings(account)
    if settings.routing == ChatSettings.Routing.BY_HAND or account.is_read_only():
        return []
    if not _plan(account, settings, now):  # a look without the lock: mostly nobody waits, or nobody is free
        return []
    lock_queue(account=account)
    given = []
    for chat_pk, operator_pk in _plan(account, settings, now):
        chat = lock_chat_in_queue(chat_pk)
        operator = Operator.of(account).get(pk=operator_pk)
        if give_chat(chat=chat, operator=operator, settings=settings, now=now):
            tell_operators([operator_pk], {"t": "given", "chat": str(chat.public_id), "reason": "new"})
            given.append(chat)
    return given


def _plan(account: Account, settings: ChatSettings, now: datetime) -> list[tuple[int, int]]:
    waiting = list(line.waiting_live(account)[: line.AT_ONCE])
    if not waiting:
        return []
    hands = [hand for hand in line.list_hands(account, now) if hand.has_room]
    if not hands:
        return []
    openings = line.Openings(find_hours(account), now)
    served = [chat for chat in waiting if openings.is_open(chat.group_id)]
    wanted = line.list_to_give(account, settings, served)
    return plan(wanted, hands, routing=settings.routing, now=now, rooms=line.find_rooms(account))


# ---- nobody answers -----------------------------------------------------------------------------------
@transaction.atomic
def pass_on_overdue(*, account: Account, now: datetime | None = None) -> list[Chat]:
    """Chats that were given out and not answered in time go to the next operator, or back to their old place (S22)."""
    now = now or timezone.now()
    return _pass_on(account, line.list_overdue(account, now), now)


@transaction.atomic
def release_unanswered(*, operator: Operator, now: datetime | None = None) -> list[Chat]:
    """The same for the chats of somebody who has gone before the first answer. What is answered by mail stays."""
    held = Chat.of(operator.account).filter(operator=operator, by_mail=False)
    pks = list(line.unanswered(held).order_by("started_at", "pk").values_list("pk", flat=True))
    return _pass_on(operator.account, pks, now or timezone.now(), holder=operator.pk)


def _pass_on(account: Account, pks: Sequence[int], now: datetime, holder: int | None = None) -> list[Chat]:
    if not pks:
        return []
    lock_queue(account=account)
    settings = find_chat_settings(account)
    openings = line.Openings(find_hours(account), now)
    hands = [] if settings.routing == ChatSettings.Routing.BY_HAND else line.list_hands(account, now)
    passed = []
    for pk in Chat.of(account).filter(pk__in=pks).order_by("started_at", "pk").values_list("pk", flat=True):
        chat = lock_chat_in_queue(pk)
        is_due = chat.answer_due_at is not None and chat.answer_due_at <= now
        if chat.state != Chat.State.OPEN or not (is_due or (holder is not None and chat.operator_id == holder)):
            continue  # somebody closed it, took it over or passed it on since
        if not line.unanswered(Chat.of(account).filter(pk=pk)).exists():
            chat.answer_due_at = None
            chat.save(update_fields=["answer_due_at"])
            continue
        _pass_one(chat, settings, hands if openings.is_open(chat.group_id) else [], now)
        passed.append(chat)
    return passed


def _pass_one(chat: Chat, settings: ChatSettings, hands: list[Hand], now: datetime) -> None:
    [wanted] = line.list_to_give(chat.account, settings, [chat])
    others = wanted.not_to | ({chat.operator_id} if chat.operator_id is not None else set())
    wanted = Waiting(wanted.chat_pk, wanted.group, wanted.known, frozenset(others))
    following = choose(wanted, hands, routing=settings.routing)  # it stays one of its group's open chats
    note_passed_on(chat, chat.operator_id)
    if chat.operator_id is not None:
        change_open_chats(operator_id=chat.operator_id, by=-1)
    if following is not None:
        operator = Operator.of(chat.account).get(pk=following.operator_pk)
        if give_chat(chat=chat, operator=operator, settings=settings, now=now, event="passed_on"):
            following.open_chats += 1
            following.given_at = now
            tell_operators([operator.pk], {"t": "given", "chat": str(chat.public_id), "reason": "passed_on"})
            wake_queue(account_pk=chat.account_id)  # who did not answer has room again
            return
    put_back(chat=chat, now=now)


# ---- nobody takes it ------------------------------------------------------------------------------------
@transaction.atomic
def send_alerts(*, account: Account, now: datetime | None = None) -> int:
    """Tells the owners by mail of chats that nobody took in time, once of each chat; answers of how many.

    Several at once are one mail, and while one of those still waits the next mail comes ten minutes later at the
    earliest. Only time within the opening hours counts.
    """
    now = now or timezone.now()
    settings = find_chat_settings(account)
    if not settings.alert_seconds:
        return 0
    waiting = list(line.waiting_live(account).filter(alerted_at=None)[: line.AT_ONCE])
    openings = line.Openings(find_hours(account), now) if waiting else None
    late = [
        chat.pk
        for chat in waiting
        if openings is not None and (due := line.alert_due(chat, settings, openings)) is not None and due <= now
    ]
    quiet = line.quiet_until(line.waiting_live(account).values_list("alerted_at", flat=True)) if late else None
    if quiet is not None and now < quiet:
        return 0
    still = Chat.of(account).filter(pk__in=late, state=Chat.State.WAITING, by_mail=False, alerted_at=None)
    if not late or not (count := still.update(alerted_at=now)):
        return 0
    owners = Membership.objects.filter(account=account, role=Membership.Role.OWNER, user__is_active=True)
    enqueue_many(
        [
            NewDelivery(
                ALERT, key=f"chat:{late[0]}", recipient=f"user:{user_pk}", payload={"chat": late[0], "count": count},
                account_ref=account.pk, expires_at=now + ALERT_LIFE,
            )
            for user_pk in owners.order_by("user_id").values_list("user_id", flat=True)
        ]
    )  # fmt: skip
    return count


def look_after(*, account: Account, now: datetime | None = None) -> datetime | None:
    """Does everything that is due in the queue of an account; answers when it has to be looked after again.

    Called when somebody may be free, when something is due, and by the clock; again it changes nothing.
    """
    now = now or timezone.now()
    with account_scope(account):
        pass_on_overdue(account=account, now=now)
        give_out(account=account, now=now)
        send_alerts(account=account, now=now)
        settings = find_chat_settings(account)
        waiting = list(line.waiting_live(account)[: line.AT_ONCE])
        openings = line.Openings(find_hours(account), now)
        return line.next_due(account, settings, waiting, openings)


@transaction.atomic
def tell_changed_groups(*, account: Account) -> None:
    """Tells consoles whose chats they may take now, and shows the waiting chats with the group that they are in now."""
    places = list_group_places(account)
    leaders = [role for role in Membership.Role if role in ACTIONS["chats.supervise"]]
    team = Operator.of(account).filter(membership__isnull=False)
    for operator_pk, role in team.values_list("pk", "membership__role"):
        groups = None if role in leaders else sorted(places.get(operator_pk, ()))
        tell_operators([operator_pk], {"t": "set", "groups": groups})
    for chat_pk in line.waiting_live(account).values_list("pk", flat=True)[: line.AT_ONCE]:
        chat = lock_chat_in_queue(chat_pk)
        chat.save(update_fields=["board_seq"])
        tell_state(chat=chat)


def wake_restless() -> int:
    """Has the web processes look after each queue in which something may be overdue, and does here what needs no web.

    One statement when nothing is. Answers how many accounts.
    """
    accounts = Account.objects.in_bulk(pks) if (pks := line.list_restless()) else {}
    for account in accounts.values():
        with account_scope(account):
            send_alerts(account=account)
            wake_queue(account_pk=account.pk)
    return len(accounts)


# ---- the visitor does not want to wait --------------------------------------------------------------------
@transaction.atomic
def ask_for_mail(*, chat_pk: int, email: str = "") -> Chat:
    """The visitor asks for an answer by e-mail instead: the chat leaves the live queue and stays on the console (S22).

    Without `email` the address that is known counts. Raises Refused: `bad_email`, `taken` (somebody answers already),
    `closed`, `not_found`.
    """
    chat = lock_chat_in_queue(chat_pk)
    if chat.state == Chat.State.CLOSED:
        raise Refused("closed", _("This chat has ended."), status=409)
    if chat.state == Chat.State.OPEN:
        raise Refused("taken", _("Somebody is answering you just now."), status=409)
    email = email.strip() or chat.visitor.email
    problem = problem_of_address(email) if email else _("Enter your e-mail, so that we can answer you.")
    if problem is not None:
        raise Refused("bad_email", problem)
    if email != chat.visitor.email:
        set_email(visitor_pk=chat.visitor_id, email=email)
        chat.visitor.email = email
    if chat.by_mail:
        return chat
    chat.by_mail = True
    chat.save(update_fields=["by_mail", "board_seq"])
    note_by_mail(chat)
    add_event(chat=chat, event="by_mail")
    tell_state(chat=chat)
    tell_positions(account=chat.account)
    return chat
