"""Reads of the chat app: doors by right, lists for screens, what a chat keeps."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.roles import can
from chat.desk.tags import read_tags
from chat.models import (
    KNOWN,
    LONGEST_FIRST,
    Attachment,
    Board,
    Chat,
    ChatSettings,
    Draft,
    Message,
    MessageVersion,
    Note,
    Visitor,
    Widget,
    live_in,
)
from core.errors import not_found
from operators.models import Group, Operator

BOARD_ROWS = 500
CARD_FIELDS = (  # what `realtime.frames.card_of` and `desk.screens.row_of` read
    "public_id", "account_id", "state", "last_seq", "board_seq", "started_at", "accepted_at", "last_text", "last_at",
    "last_by_visitor", "page_title", "page_url", "by_mail", "operator_read_seq",
    "visitor__public_id", "visitor__account_id", "visitor__name", "visitor__number", "visitor__peek_allowed",
    "operator_id", "group_id",
)  # fmt: skip
ADDRESS_KEEP_DAYS = 30  # pages and IP addresses (SAFETY.md 3, retention defaults)


# ---- doors ----
def find_widget(key: str) -> Widget:
    """The widget of a public key, for who knows no account yet. Raises Refused `not_found`."""
    found = Widget.objects.with_scopes_disabled().select_related("account").filter(key=key, removed_at=None).first()
    if found is None:
        raise not_found()
    return found


def find_chat_settings(account: Account) -> ChatSettings:
    """How the account's chats are given out and what visitors are told; as in a new account when nothing was set."""
    found: ChatSettings | None = ChatSettings.of(account).first()
    return found or ChatSettings(account=account)


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
    own = Visitor.objects.select_related("account", "widget").filter(KNOWN, widget=widget)
    return own.filter(Q(secret_hash=hashed) | Q(previous_secret_hash=hashed)).first()


def find_chat_for(membership: Membership, public_id: UUID | str) -> Chat:
    """A chat of the membership's account, with visitor and operator. Raises Refused `not_found`."""
    chats = Chat.of(membership.account).select_related("visitor", "operator", "group", "account")
    found = chats.filter(public_id=public_id).first() if can(membership, "chats.read") else None
    if found is None:
        raise not_found()
    return found


def find_live_chat(visitor_pk: int) -> Chat | None:
    """The visitor's chat that has not ended."""
    live = Chat.objects.select_related("operator", "visitor", "group").filter(visitor_id=visitor_pk)
    return live.exclude(state=Chat.State.CLOSED).first()


def find_last_chat(visitor_pk: int) -> Chat | None:
    """The visitor's newest chat, ended or not."""
    return (
        Chat.objects.select_related("operator", "visitor", "group")
        .filter(visitor_id=visitor_pk)
        .order_by("-pk")
        .first()
    )


# ---- the queue and the board ----
def list_waiting(account: Account) -> list[Chat]:
    """Chats that wait for an operator now, longest first; those that are answered by e-mail are not among them."""
    waiting = Chat.objects.filter(live_in(Chat.State.WAITING), account=account, by_mail=False)
    return list(waiting.select_related("visitor", "operator", "group").order_by(*LONGEST_FIRST))


def has_chats(account: Account) -> bool:
    """Whether anybody ever asked this account something that is still kept."""
    return Chat.of(account).exists()


def find_position(chat: Chat) -> int:
    """The place of a waiting chat in the queue of its group, from 1."""
    ahead = Q(started_at__lt=chat.started_at) | Q(started_at=chat.started_at, pk__lt=chat.pk)
    waiting = Chat.objects.filter(live_in(Chat.State.WAITING), account_id=chat.account_id, by_mail=False)
    return waiting.filter(ahead, group=chat.group_id).count() + 1


def list_live_cards(account: Account, operator: Operator | None = None) -> list[Chat]:
    """Chats that have not ended, longest first, each with `unread` (the visitor's lines not read yet).

    `operator`: who looks, when known; most of the chats are theirs.
    """
    live = Chat.objects.filter(live_in(Chat.State.WAITING, Chat.State.OPEN), account=account)
    return _complete(_as_cards(live).order_by(*LONGEST_FIRST)[:BOARD_ROWS], operator)


def list_live_states(account: Account) -> list[Chat]:
    """Chats that have not ended with their visitor, who waits longest first: what the board of operators counts."""
    live = Chat.objects.filter(live_in(Chat.State.WAITING, Chat.State.OPEN), account=account)
    return list(live.select_related("visitor").order_by(Coalesce("queued_at", "started_at"), "pk")[: 2 * BOARD_ROWS])


def read_board(account: Account, cursor: int) -> tuple[list[Chat], int]:
    """Chats whose state changed after `cursor`, at most 500, oldest change first; and the cursor that they lead to."""
    newest = find_cursor(account)  # read first: a change that comes between the two is told twice, not lost
    changed = Chat.objects.filter(account=account, board_seq__gt=cursor)
    found = _complete(_as_cards(changed).order_by("board_seq")[:BOARD_ROWS])
    return found, found[-1].board_seq if len(found) == BOARD_ROWS else newest


def find_cursor(account: Account) -> int:
    """The newest number of the account-wide cursor."""
    return Board.objects.filter(account=account).values_list("cursor", flat=True).first() or 0


def find_cursor_of(account_pk: int) -> int:
    """The same for a process that was told an account's key only."""
    return (
        Board.objects.with_scopes_disabled().filter(account_id=account_pk).values_list("cursor", flat=True).first() or 0
    )


def read_cursors(account_pks: list[int]) -> dict[int, int]:
    """account -> the newest number of its board, in one query."""
    found = Board.objects.with_scopes_disabled().filter(account_id__in=account_pks)
    return dict(found.values_list("account_id", "cursor"))


def _as_cards(chats: QuerySet[Chat]) -> QuerySet[Chat]:
    """The chats with what a card says of them, and no other column: an inbox has hundreds of them."""
    return _with_unread(chats).select_related("visitor").only(*CARD_FIELDS)


def _complete(cards: Iterable[Chat], operator: Operator | None = None) -> list[Chat]:
    """The cards with tags, operators and groups: hundreds of rows share a few of them, so each is read once."""
    found = read_tags(cards)
    operators: dict[int | None, Operator | None] = {None: None, **({operator.pk: operator} if operator else {})}
    if missing := {pk for chat in found if (pk := chat.operator_id) not in operators and pk}:
        operators |= Operator.objects.in_bulk(missing)
    groups: dict[int | None, Group | None] = {None: None}
    if ids := {pk for chat in found if (pk := chat.group_id)}:
        groups |= Group.objects.in_bulk(ids)
    for chat in found:
        chat.operator, chat.group = operators[chat.operator_id], groups[chat.group_id]
    return found


def _with_unread(chats: QuerySet[Chat]) -> QuerySet[Chat]:
    later = Message.objects.filter(
        chat=OuterRef("pk"), seq__gt=OuterRef("operator_read_seq"), author=Message.Author.VISITOR
    )
    counted = later.order_by().values("chat").annotate(count=Count("pk")).values("count")
    return chats.annotate(unread=Coalesce(Subquery(counted), 0))


def list_silent(before: datetime, limit: int) -> list[tuple[int, Account]]:
    """Chats of every account that have not ended and in which nothing was said since, with their account."""
    silent = Chat.objects.with_scopes_disabled().filter(last_at__lt=before).exclude(state=Chat.State.CLOSED)
    return [(chat.pk, chat.account) for chat in silent.select_related("account").order_by(*LONGEST_FIRST)[:limit]]


# ---- lines ----
def list_lines(chat_pk: int, after: int, limit: int = 200) -> list[Message]:
    """Lines of a chat after a number, oldest first."""
    lines = Message.objects.filter(chat_id=chat_pk, seq__gt=after).select_related("operator")
    return _with_changed(chat_pk, list(lines.order_by("seq")[:limit]))


def list_lines_before(chat_pk: int, before: int, limit: int = 50) -> list[Message]:
    """Lines of a chat before a number, oldest first: what scrolling up shows."""
    lines = Message.objects.filter(chat_id=chat_pk, seq__lt=before).select_related("operator")
    return list(lines.order_by("-seq")[:limit])[::-1]


def _with_changed(chat_pk: int, lines: list[Message]) -> list[Message]:
    """The lines; those that say that another line was edited know what it says now, as `of_text`."""
    changed = {line.of_seq for line in lines if line.of_seq is not None}
    if changed:
        texts = dict(Message.objects.filter(chat_id=chat_pk, seq__in=changed).values_list("seq", "text"))
        for line in (one for one in lines if one.of_seq is not None):
            line.of_text = texts.get(line.of_seq or 0, "")  # type: ignore[attr-defined]  # for frames.line_of
    return lines


def read_last_seqs(chat_pks: list[int]) -> dict[int, int]:
    """chat -> newest number, in one query."""
    found = Chat.objects.with_scopes_disabled().filter(pk__in=chat_pks)
    return dict(found.values_list("pk", "last_seq"))


# ---- files ----
def find_file_for(membership: Membership, public_id: UUID) -> Attachment:
    """A file that was sent in a chat of the membership's account. Raises Refused `not_found`."""
    sent = Attachment.of(membership.account).filter(public_id=public_id, message__isnull=False)
    found = sent.first() if can(membership, "chats.read") else None
    if found is None:
        raise not_found()
    return found


def find_file_by_link(public_id: UUID) -> Attachment:
    """A file that was sent, with its chat's visitor, for a door that then checks the signed word of its address.

    Raises Refused `not_found`.
    """
    every = Attachment.objects.with_scopes_disabled().select_related("chat__visitor")  # the signed word names both
    found: Attachment | None = every.filter(public_id=public_id, message__isnull=False).first()
    if found is None:
        raise not_found()
    return found


def list_files_of(visitor: Visitor) -> list[Attachment]:
    """Every file that was sent in the visitor's chats, oldest first."""
    return list(Attachment.objects.filter(chat__visitor=visitor, message__isnull=False).order_by("pk"))


def list_own_files(visitor: Visitor, public_ids: list[UUID]) -> list[UUID]:
    """Those of the ids that name a file which was sent in one of the visitor's chats."""
    own = Attachment.objects.filter(chat__visitor=visitor, message__isnull=False, public_id__in=public_ids)
    return list(own.values_list("public_id", flat=True))


# ---- visitors ----
def find_visitor_for(membership: Membership, public_id: UUID | str) -> Visitor:
    """A visitor of the membership's account. Raises Refused `not_found`."""
    own = Visitor.of(membership.account).filter(KNOWN).select_related("account")
    found = own.filter(public_id=public_id).first() if can(membership, "visitors.see") else None
    if found is None:
        raise not_found()
    return found


def list_visitors(
    account: Account, *, email: str = "", external_id: str = "", before: int | None = None, limit: int = 50
) -> list[Visitor]:
    """Visitors of the account, newest first, older than the one with the key `before`; erased ones are nobody."""
    visitors = Visitor.of(account).filter(KNOWN)
    if email:
        visitors = visitors.filter(email__iexact=email)
    if external_id:
        visitors = visitors.filter(external_id=external_id).exclude(external_id="")  # both: for the index of SQLite
    if before is not None:
        visitors = visitors.filter(pk__lt=before)
    return list(visitors.order_by("-pk")[:limit])


def list_rated(account: Account, *, rating: str = "", before: int | None = None, limit: int = 50) -> list[Chat]:
    """Chats that their visitor rated, newest first, with the operator; `rating` leaves only "good" or "bad"."""
    chats = Chat.of(account).filter(rating__in=[rating] if rating else ["good", "bad"]).exclude(rating="")
    if before is not None:
        chats = chats.filter(pk__lt=before)
    return list(chats.select_related("operator").order_by("-pk")[:limit])


def list_visitors_seen(account: Account, pks: list[int]) -> list[Visitor]:
    """Visitors by key, with their live chat's id and state as `chat_public_id`, `chat_state`."""
    return list(Visitor.objects.filter(KNOWN, account=account, pk__in=pks).order_by("-seen_at"))


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


def count_over_time(account: Account, steps: Sequence[int], now: datetime) -> dict[int, int]:
    """days -> how many closed chats the nightly job would delete if the account kept them so long."""
    counts = {
        f"d{days}": Count("pk", filter=Q(closed_at__lt=now - timedelta(days=days))) for days in dict.fromkeys(steps)
    }
    found = Chat.of(account).filter(state=Chat.State.CLOSED).aggregate(**counts)
    return {int(name[1:]): count for name, count in found.items()}


def summarise_messages(account: Account) -> dict[str, Any]:
    """Numbers for the admin: how many chats, and the newest."""
    return Chat.of(account).aggregate(chats=Count("pk"), newest=Max("started_at"))


def list_left_alone(account_pk: int | None = None) -> list[Chat]:
    """Open chats whose operator left the account or lost the log-in; of one account, or of all (the clock's work)."""
    rows = Chat.objects.with_scopes_disabled().filter(live_in(Chat.State.OPEN)).select_related("account")
    if account_pk is not None:
        rows = rows.filter(account_id=account_pk)
    gone = Q(operator=None) | Q(operator__membership=None) | Q(operator__membership__user__is_active=False)
    return list(rows.filter(gone).order_by(*LONGEST_FIRST))


# ---- what operators have beside the lines ----
def list_notes(chat_pk: int, limit: int = 300) -> Sequence[Note]:
    """The newest notes of a chat, oldest first, each with `after`: the newest line that stood when it was written."""
    before = Message.objects.filter(chat=OuterRef("chat"), created_at__lte=OuterRef("created_at"))
    notes = Note.objects.filter(chat_id=chat_pk).select_related("operator")
    placed = notes.annotate(after=Coalesce(Subquery(before.order_by("-seq").values("seq")[:1]), 0))
    return list(placed.order_by("-created_at", "-pk")[:limit])[::-1]


def list_mentions_of(operator: Operator, since: datetime | None) -> list[Note]:
    """Notes in chats that go on which name the operator and were written since, oldest first."""
    notes = Note.objects.filter(account=operator.account_id).exclude(chat__state=Chat.State.CLOSED)
    if since is not None:
        notes = notes.filter(created_at__gt=since)
    newest = notes.exclude(operator=operator).select_related("operator", "chat__visitor").order_by("-pk")[:200]
    return [note for note in newest if operator.pk in note.mentions][::-1]


def list_versions(chat_pk: int, seq: int) -> list[MessageVersion]:
    """What a line of a chat said before, oldest first."""
    return list(MessageVersion.objects.filter(message__chat_id=chat_pk, message__seq=seq).order_by("pk"))


def list_versions_of(chat_pk: int) -> dict[int, list[MessageVersion]]:
    """The number of each changed line of a chat -> what it said before, oldest first."""
    found: dict[int, list[MessageVersion]] = {}
    for version in MessageVersion.objects.filter(message__chat_id=chat_pk).select_related("message").order_by("pk"):
        found.setdefault(version.message.seq, []).append(version)
    return found


def find_draft(chat: Chat, operator: Operator) -> str:
    """What the operator has begun to write in a chat; empty when nothing."""
    return Draft.objects.filter(chat=chat, operator=operator).values_list("text", flat=True).first() or ""


def list_receivers(account: Account) -> tuple[list[Operator], list[Group]]:
    """Who can be given a chat: operators with their groups, by name, and groups with `answering`, how many accept."""
    members = Operator.objects.filter(membership__user__is_active=True).prefetch_related("groups")
    accept = Q(operators__status=Operator.Status.ACCEPTING, operators__membership__user__is_active=True)
    groups = Group.objects.annotate(answering=Count("operators", filter=accept))
    return list(members.order_by("display_name", "pk")), list(groups.order_by("name"))
