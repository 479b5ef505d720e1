"""Mails to visitors: an operator's answer to who has left, and the chat on request. One address, for this only (P8)."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.scoping import account_scope
from audit.actions import record
from chat.actions.visitors import set_email
from chat.models import LONGEST_FIRST, Chat, Message
from chat.window.prechat import FormRefused, problem_of_address
from core.limits import count_use
from notifications.addresses import hash_address
from outbox.actions import enqueue

QUIET = timedelta(seconds=60)  # so long nothing more is said before the mail leaves: one mail a burst
GONE = timedelta(minutes=2)  # who leaves with unread lines may come back before a mail is written
MISSED = timedelta(minutes=15)


@transaction.atomic
def plan_answer(*, chat_pk: int, has_left: bool = False, now: datetime | None = None) -> bool:
    """An operator wrote to a visitor who is not here, or (`has_left`) the visitor went with unread lines.

    Nothing happens without an address or without an unread line. Answers whether a look was planned.
    """
    now = now or timezone.now()
    chat = Chat.objects.select_related("visitor").filter(pk=chat_pk).first()
    if chat is None or not chat.visitor.email:
        return False
    newest = _newest_unread(chat)
    if newest is None:
        return False
    wait = GONE if has_left and not chat.by_mail else QUIET
    return enqueue(
        kind="chat_answer_due", key=f"{chat.pk}:{newest}:{int(now.timestamp()) if has_left else ''}",
        recipient=f"visitor:{chat.visitor_id}", payload={"chat": chat.pk, "seq": newest},
        account_ref=chat.account_id, due_at=now + wait,
    )  # fmt: skip


@transaction.atomic
def mail_answer(*, chat_pk: int, seq: int, planned_at: datetime) -> bool:
    """Puts in the one mail of a burst of lines, unless somebody went on writing, the visitor came back or read them."""
    chat = Chat.objects.select_for_update(of=("self",)).select_related("visitor").filter(pk=chat_pk).first()
    if chat is None or not chat.visitor.email or _newest_unread(chat) != seq:
        return False  # a later line has a row of its own
    if chat.visitor.seen_at > planned_at:
        return False  # they came back; when they leave again, that plans anew
    after = max(chat.mailed_seq, chat.visitor_read_seq)
    chat.mailed_seq = seq
    chat.save(update_fields=["mailed_seq"])
    return enqueue(
        kind="chat_answer", key=f"{chat.public_id}:{seq}", recipient=f"visitor:{chat.visitor_id}",
        payload={"chat": chat.pk, "after": after, "through": seq}, account_ref=chat.account_id,
    )  # fmt: skip


def _newest_unread(chat: Chat) -> int | None:
    """The newest operator's line that its visitor has neither read nor got by mail."""
    lines = Message.objects.filter(chat=chat, author=Message.Author.OPERATOR, removed_at=None)
    newest = lines.filter(seq__gt=max(chat.mailed_seq, chat.visitor_read_seq)).order_by("-seq")
    return newest.values_list("seq", flat=True).first()


def plan_missed_answers(*, now: datetime | None = None, limit: int = 200) -> int:
    """Plans what a crash between a line and its plan has lost: the clock's work, for live chats of every account."""
    now = now or timezone.now()
    live = Chat.objects.with_scopes_disabled().exclude(state=Chat.State.CLOSED).exclude(visitor__email="")
    left = live.filter(
        last_by_visitor=False, last_at__lt=now - MISSED, visitor__seen_at__lt=now - MISSED,
        last_seq__gt=F("mailed_seq"),
    )  # fmt: skip
    planned = 0
    for chat in (
        left.filter(last_seq__gt=F("visitor_read_seq")).select_related("account").order_by(*LONGEST_FIRST)[:limit]
    ):
        with account_scope(chat.account):
            planned += plan_answer(chat_pk=chat.pk, now=now)
    return planned


@transaction.atomic
def ask_transcript(*, chat: Chat, email: str, by: Any = None) -> bool:
    """Sends a chat to its visitor: at the visitor's wish, or sent by a member (`by`) whom the visitor asked for it.

    The same chat to the same address goes once. Raises FormRefused for what is no address, TooMany.
    """
    email = email.strip()
    problem = problem_of_address(email)
    if problem:
        raise FormRefused({"email": problem})
    count_use("chat.transcripts", f"visitor:{chat.visitor_id}")
    if by is None:
        set_email(visitor_pk=chat.visitor_id, email=email)
    else:
        record(
            account_ref=chat.account_id, actor=f"user:{by.user_id}", subject=f"visitor:{chat.visitor_id}",
            action="chat.transcript_sent", facts={"chat": chat.pk},
        )  # fmt: skip
    return enqueue(
        kind="chat_transcript", key=f"{chat.public_id}:{chat.last_seq}:{hash_address(email)[:16]}",
        recipient=f"visitor:{chat.visitor_id}", payload={"chat": chat.pk}, account_ref=chat.account_id,
    )  # fmt: skip


@transaction.atomic
def stop_mail(*, chat: Chat) -> None:
    """Forgets the visitor's address at their own wish: what waits for it is not sent either (P8)."""
    set_email(visitor_pk=chat.visitor_id, email="")
    record(
        account_ref=chat.account_id, actor=f"visitor:{chat.visitor_id}", subject=f"visitor:{chat.visitor_id}",
        action="visitor.mail_stopped", facts={"chat": chat.pk},
    )  # fmt: skip
