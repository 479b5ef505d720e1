"""Reads for the daily summary, grouped: many accounts in one statement."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from chat.models import Chat, Message
from notifications.models import Preference
from notifications.queries import switched_on
from reports.models import SummaryDay
from reports.periods import DueDay, Period

KIND = "daily_summary"
CHATS_A_STATEMENT = 5_000


class ChatRow(NamedTuple):
    """A chat as the summary needs it."""

    account_id: int
    pk: int
    public_id: Any
    started_at: datetime
    accepted_at: datetime | None
    closed_at: datetime | None
    last_at: datetime
    state: str
    rating: str
    message_count: int
    visitor_name: str
    visitor_number: int
    operator_name: str | None


class MessageRow(NamedTuple):
    """A line of a chat that a person wrote."""

    chat_id: int
    author: str
    operator_name: str | None
    text: str


def list_zones_in_use() -> list[str]:
    """The time zones of the accounts that have a summary switched on: one statement."""
    wanted = Account.objects.filter(Exists(switched_on(KIND, account_id=OuterRef("pk"))))
    return list(wanted.order_by("time_zone").values_list("time_zone", flat=True).distinct())


def list_due_recipients(due: Mapping[str, DueDay], *, accounts: int) -> list[Preference]:
    """Who gets a summary now, for the next `accounts` accounts whose due day nobody has claimed: one statement.

    Ordered by account; each preference comes with its account.
    """
    groups: dict[tuple[date, datetime | None], list[str]] = {}
    for zone, entry in due.items():
        groups.setdefault((entry.day, entry.switched_before), []).append(zone)
    chosen = Q(pk__in=[])
    for (day, switched_before), zones in groups.items():
        narrower: dict[str, Any] = {"account_id": OuterRef("pk")}
        if switched_before is not None:
            narrower["changed_at__lt"] = switched_before
        claimed = SummaryDay.objects.filter(account_id=OuterRef("pk"), day=day)
        chosen |= Q(Exists(switched_on(KIND, **narrower)), ~Exists(claimed), time_zone__in=zones)
    candidates = Account.objects.filter(chosen).order_by("pk")[:accounts]
    rows = switched_on(KIND, account_id__in=candidates.values("pk")).select_related("account")
    return [row for row in rows.order_by("account_id", "user_id") if _had_switched(row, due)]


def _had_switched(row: Preference, due: Mapping[str, DueDay]) -> bool:
    assert row.account is not None  # noqa: S101  switched_on() leaves the others out
    limit = due[row.account.time_zone].switched_before
    return limit is None or row.changed_at < limit


def list_recipients(account: Account) -> list[Preference]:
    """Who has the summary of one account switched on."""
    return list(switched_on(KIND, account_id=account.pk).select_related("account").order_by("user_id"))


def has_claimed(account: Account, day: date) -> bool:
    """Whether the summary of that day was planned already."""
    return SummaryDay.objects.filter(account=account, day=day).exists()


def find_account(slug: str) -> Account | None:
    """The account of that slug."""
    return Account.objects.filter(slug=slug).first()


def list_accounts_with_summary() -> list[Account]:
    """The accounts in which somebody has the summary switched on."""
    return list(Account.objects.filter(Exists(switched_on(KIND, account_id=OuterRef("pk")))).order_by("pk"))


def find_memberships(pairs: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Membership]:
    """The memberships of (user, account) pairs with user and account, of people who may log in: one statement."""
    wanted = set(pairs)
    rows = Membership.objects.select_related("user", "account").filter(
        user_id__in={user for user, _ in wanted},
        account_id__in={account for _, account in wanted},
        user__is_active=True,
    )
    found = {(row.user_id, row.account_id): row for row in rows}
    return {pair: found[pair] for pair in wanted if pair in found}


def iterate_chats(periods: Mapping[Period, Sequence[Account]]) -> Iterator[ChatRow]:
    """The chats that began in these periods of these accounts, in order of account and start: one statement."""
    accounts = {account.pk: account for group in periods.values() for account in group}
    chosen = Q(pk__in=[])
    for period, group in periods.items():
        ids = [account.pk for account in group]
        chosen |= Q(account_id__in=ids, started_at__gte=period.start, started_at__lt=period.end)
    with account_scope(list(accounts.values())):
        rows = (
            Chat.objects.filter(chosen)
            .order_by("account_id", "started_at", "pk")
            .values_list(
                "account_id",
                "pk",
                "public_id",
                "started_at",
                "accepted_at",
                "closed_at",
                "last_at",
                "state",
                "rating",
                "message_count",
                "visitor__name",
                "visitor__number",
                "operator__display_name",
            )
        )
        for row in rows.iterator(chunk_size=2_000):
            yield ChatRow(*row)


def iterate_messages(chat_ids: Sequence[int], accounts: Sequence[Account]) -> Iterator[MessageRow]:
    """What people wrote in these chats, in the order in which chats began: one statement for 5,000 chats."""
    with account_scope(list(accounts)):
        for start in range(0, len(chat_ids), CHATS_A_STATEMENT):
            rows = (
                Message.objects.filter(chat_id__in=chat_ids[start : start + CHATS_A_STATEMENT])
                .exclude(author=Message.Author.SYSTEM)
                .order_by("chat__started_at", "chat_id", "seq")
                .values_list("chat_id", "author", "operator__display_name", "text")
            )
            for row in rows.iterator(chunk_size=2_000):
                yield MessageRow(*row)
