"""Import of conversations that took place elsewhere or earlier, many at once."""

import secrets
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max

from accounts.models import Account
from chat.actions.recording import FirstReply, note_history
from chat.counting import Counted, count_lines
from chat.models import Board, Chat, Message, Visitor, Widget
from core.secret_links import hash_secret
from operators.actions import change_open_chats
from operators.models import Group, Operator


@dataclass(frozen=True)
class PastVisitor:
    """A visitor as they were seen last. Their secret is unknown to everybody: nobody can return as them."""

    name: str
    email: str
    browser: str
    system: str
    ip_address: str | None
    page_url: str
    page_title: str
    referrer: str
    visits: int
    first_seen_at: datetime
    seen_at: datetime


@dataclass(frozen=True)
class PastLine:
    """A line: `by` is a Message.Author, `event` names a system line ("joined", "closed", "left", "rated")."""

    by: str
    at: datetime
    text: str = ""
    event: str = ""


@dataclass(frozen=True)
class PastChat:
    """A chat of the visitor at place `visitor` in the list of visitors; lines are in their order.

    Waiting without `accepted_at`, open with it, closed with `closed_at`.
    """

    visitor: int
    operator: Operator | None
    started_at: datetime
    lines: Sequence[PastLine]
    accepted_at: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    rating: str = ""
    rating_comment: str = ""
    page_url: str = ""
    page_title: str = ""
    group: Group | None = None
    read: bool = field(default=True)  # whether the operator has read everything
    by_mail: bool = False  # left to be answered by e-mail
    answers: Sequence[dict[str, str]] = ()  # of the form before the chat: {"question", "answer"}

    @property
    def state(self) -> str:
        if self.closed_at is not None:
            return str(Chat.State.CLOSED)
        return str(Chat.State.OPEN if self.accepted_at is not None else Chat.State.WAITING)


@transaction.atomic
def import_history(*, widget: Widget, visitors: Sequence[PastVisitor], chats: Sequence[PastChat]) -> int:
    """Adds visitors with their chats and messages to a widget's account, with a constant number of statements.

    Stands in the account's scope. Nobody is told: consoles that are open show the chats when they next connect.
    Answers how many messages were added.
    """
    account = Account.objects.select_for_update().get(pk=widget.account_id)
    people = _add_visitors(account, widget, visitors)
    first_number = _take_board_numbers(account, len(chats))
    rows = [
        _chat_row(account, widget, people[past.visitor], past, first_number + place) for place, past in enumerate(chats)
    ]
    Chat.objects.bulk_create(rows)
    lines = [
        Message(
            account=account,
            chat=row,
            seq=seq,
            client_id=uuid.uuid4(),
            author=line.by,
            operator=past.operator if _names_operator(line) else None,
            event=line.event,
            text=line.text,
            created_at=line.at,
        )
        for row, past in zip(rows, chats, strict=True)
        for seq, line in enumerate(past.lines, start=1)
    ]
    Message.objects.bulk_create(lines)
    note_history(account, rows, list(_first_replies(rows, chats)))
    held = Counter(past.operator.pk for past in chats if past.operator and past.state == Chat.State.OPEN)
    for operator_id, count in sorted(held.items()):
        change_open_chats(operator_id=operator_id, by=count)
    return len(lines)


def _first_replies(rows: Sequence[Chat], chats: Sequence[PastChat]) -> Iterator[FirstReply]:
    for row, past in zip(rows, chats, strict=True):
        took = _count(past).first_reply_ms
        if took is not None and past.operator is not None:
            yield FirstReply(row.account_id, row.pk, past.operator.pk, row.group_id, row.by_mail, took)


def _count(past: PastChat) -> Counted:
    return count_lines((line.by, line.event, line.at) for line in past.lines)


def _names_operator(line: PastLine) -> bool:
    return line.by == Message.Author.OPERATOR or line.event in ("joined", "closed")


def _add_visitors(account: Account, widget: Widget, visitors: Sequence[PastVisitor]) -> list[Visitor]:
    last = Visitor.objects.aggregate(last=Max("number"))["last"] or 0
    rows = [
        Visitor(
            account=account,
            widget=widget,
            number=last + place,
            secret_hash=hash_secret(secrets.token_urlsafe(32)),
            **{name: getattr(past, name) for name in PastVisitor.__dataclass_fields__},
        )
        for place, past in enumerate(visitors, start=1)
    ]
    return Visitor.objects.bulk_create(rows)


def _take_board_numbers(account: Account, count: int) -> int:
    """Takes `count` numbers of the account-wide cursor at once; answers the first."""
    Board.objects.get_or_create(account=account)
    Board.objects.filter(account=account).update(cursor=F("cursor") + count)
    return Board.objects.values_list("cursor", flat=True).get(account=account) - count + 1


def _chat_row(account: Account, widget: Widget, visitor: Visitor, past: PastChat, number: int) -> Chat:
    written = [line for line in past.lines if line.by != Message.Author.SYSTEM]
    last_seq = len(past.lines)
    counted = _count(past)
    return Chat(
        account=account,
        widget=widget,
        visitor=visitor,
        operator=past.operator,
        state=past.state,
        started_at=past.started_at,
        queued_at=past.started_at,
        accepted_at=past.accepted_at,
        group=past.group,
        asked_at=counted.asked_at,
        first_reply_at=counted.first_reply_at,
        visitor_lines=counted.visitor_lines,
        operator_lines=counted.operator_lines,
        replies=counted.replies,
        reply_ms=counted.reply_ms,
        closed_at=past.closed_at,
        closed_by=past.closed_by,
        last_seq=last_seq,
        board_seq=number,
        last_text=written[-1].text[:200] if written else "",
        last_at=past.lines[-1].at if past.lines else past.started_at,
        last_by_visitor=bool(written) and written[-1].by == Message.Author.VISITOR,
        message_count=len(written),
        visitor_read_seq=last_seq,
        operator_read_seq=last_seq if past.read else 0,
        rating=past.rating,
        rating_comment=past.rating_comment,
        page_url=past.page_url,
        page_title=past.page_title,
        by_mail=past.by_mail,
        answers=list(past.answers),
    )
