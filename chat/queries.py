"""Reads of the chat app: doors by right, lists for screens, what a chat keeps."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Q, QuerySet
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.roles import can
from chat.models import Board, Chat, Message, Visitor, Widget
from core.errors import not_found

BOARD_ROWS = 500
ADDRESS_KEEP_DAYS = 30  # pages and IP addresses (SAFETY.md 3, retention defaults)


# ---- doors ----
def find_widget(key: str) -> Widget:
    """The widget of a public key, for who knows no account yet. Raises Refused `not_found`."""
    found = Widget.objects.with_scopes_disabled().select_related("account").filter(key=key, removed_at=None).first()
    if found is None:
        raise not_found()
    return found


def list_widgets() -> list[Widget]:
    """The widgets of the account in scope, oldest first; removed ones are left out."""
    return list(Widget.objects.filter(removed_at=None).order_by("pk"))


def find_own_widget(key: str) -> Widget:
    """A widget of the account in scope. Raises Refused `not_found`."""
    found: Widget | None = Widget.objects.filter(key=key, removed_at=None).first()
    if found is None:
        raise not_found()
    return found


def find_visitor_by_secret(widget: Widget, hashed: str) -> Visitor | None:
    """The visitor of this widget whose current or last secret has this hash (in the widget's scope)."""
    own = Visitor.objects.select_related("account", "widget").filter(widget=widget)
    return own.filter(Q(secret_hash=hashed) | Q(previous_secret_hash=hashed)).first()


def find_chat_for(membership: Membership, public_id: UUID | str) -> Chat:
    """A chat of the membership's account, with visitor and operator. Raises Refused `not_found`."""
    chats = Chat.of(membership.account).select_related("visitor", "operator", "account")
    found = chats.filter(public_id=public_id).first() if can(membership, "chats.read") else None
    if found is None:
        raise not_found()
    return found


def find_live_chat(visitor_pk: int) -> Chat | None:
    """The visitor's chat that has not ended."""
    live = Chat.objects.select_related("operator", "visitor").filter(visitor_id=visitor_pk)
    return live.exclude(state=Chat.State.CLOSED).first()


def find_last_chat(visitor_pk: int) -> Chat | None:
    """The visitor's newest chat, ended or not."""
    return Chat.objects.select_related("operator", "visitor").filter(visitor_id=visitor_pk).order_by("-pk").first()


# ---- the queue and the board ----
def list_waiting(account: Account) -> list[Chat]:
    """Waiting chats, longest first."""
    waiting = Chat.objects.filter(account=account, state=Chat.State.WAITING)
    return list(waiting.select_related("visitor", "operator").order_by("started_at", "pk"))


def find_position(chat: Chat) -> int:
    """The place of a waiting chat in the queue, from 1."""
    ahead = Q(started_at__lt=chat.started_at) | Q(started_at=chat.started_at, pk__lt=chat.pk)
    return Chat.objects.filter(account_id=chat.account_id, state=Chat.State.WAITING).filter(ahead).count() + 1


def list_live_cards(account: Account) -> list[Chat]:
    """Chats that have not ended, longest first, each with `unread` (the visitor's lines not read yet)."""
    live = Chat.objects.filter(account=account).exclude(state=Chat.State.CLOSED)
    return list(_with_unread(live).select_related("visitor", "operator").order_by("started_at", "pk")[:BOARD_ROWS])


def read_board(account: Account, cursor: int) -> tuple[list[Chat], int]:
    """Chats whose state changed after `cursor`, at most 500, oldest change first; and the cursor that they lead to."""
    newest = find_cursor(account)  # read first: a change that comes between the two is told twice, not lost
    changed = Chat.objects.filter(account=account, board_seq__gt=cursor)
    found = list(_with_unread(changed).select_related("visitor", "operator").order_by("board_seq")[:BOARD_ROWS])
    return found, found[-1].board_seq if len(found) == BOARD_ROWS else newest


def find_cursor(account: Account) -> int:
    """The newest number of the account-wide cursor."""
    return Board.objects.filter(account=account).values_list("cursor", flat=True).first() or 0


def find_cursor_of(account_pk: int) -> int:
    """The same for a process that was told an account's key only."""
    return (
        Board.objects.with_scopes_disabled().filter(account_id=account_pk).values_list("cursor", flat=True).first() or 0
    )


def _with_unread(chats: QuerySet[Chat]) -> QuerySet[Chat]:
    unread = Q(messages__author=Message.Author.VISITOR, messages__seq__gt=F("operator_read_seq"))
    return chats.annotate(unread=Count("messages", filter=unread))


def list_silent(before: datetime, limit: int) -> list[tuple[int, Account]]:
    """Chats of every account that have not ended and in which nothing was said since, with their account."""
    silent = Chat.objects.with_scopes_disabled().filter(last_at__lt=before).exclude(state=Chat.State.CLOSED)
    return [(chat.pk, chat.account) for chat in silent.select_related("account").order_by("pk")[:limit]]


# ---- lines ----
def list_lines(chat_pk: int, after: int, limit: int = 200) -> list[Message]:
    """Lines of a chat after a number, oldest first."""
    lines = Message.objects.filter(chat_id=chat_pk, seq__gt=after).select_related("operator")
    return list(lines.order_by("seq")[:limit])


def list_lines_before(chat_pk: int, before: int, limit: int = 50) -> list[Message]:
    """Lines of a chat before a number, oldest first: what scrolling up shows."""
    lines = Message.objects.filter(chat_id=chat_pk, seq__lt=before).select_related("operator")
    return list(lines.order_by("-seq")[:limit])[::-1]


def read_last_seqs(chat_pks: list[int]) -> dict[int, int]:
    """chat -> newest number, in one query."""
    found = Chat.objects.with_scopes_disabled().filter(pk__in=chat_pks)
    return dict(found.values_list("pk", "last_seq"))


# ---- visitors ----
def list_visitors_seen(account: Account, pks: list[int]) -> list[Visitor]:
    """Visitors by key, with their live chat's id and state as `chat_public_id`, `chat_state`."""
    return list(Visitor.objects.filter(account=account, pk__in=pks).order_by("-seen_at"))


# ---- what a chat keeps (P9) ----
@dataclass(frozen=True)
class KeptRow:
    """One line of the receipt: `what`, how many, and the day until it is kept (None: `never` says why)."""

    what: Any
    count: int | None
    until: datetime | None
    never: Any = ""


def keep_until(chat: Chat) -> datetime:
    """The moment from which the nightly job deletes a chat (S26)."""
    return (chat.closed_at or timezone.now()) + timedelta(days=chat.account.chat_keep_days)


def summarise_messages(account: Account) -> dict[str, Any]:
    """Numbers for the admin: how many chats, and the newest."""
    return Chat.of(account).aggregate(chats=Count("pk"), newest=Max("started_at"))


def list_left_alone(account_pk: int | None = None) -> list[Chat]:
    """Open chats whose operator left the account or lost the log-in; of one account, or of all (the clock's work)."""
    rows = Chat.objects.with_scopes_disabled().filter(state=Chat.State.OPEN).select_related("account")
    if account_pk is not None:
        rows = rows.filter(account_id=account_pk)
    gone = Q(operator=None) | Q(operator__membership=None) | Q(operator__membership__user__is_active=False)
    return list(rows.filter(gone).order_by("pk"))
