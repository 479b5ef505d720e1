"""Builders for tests: many companies that want the summary, and days full of chats."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.actions.history import PastChat, PastLine, PastVisitor, import_history
from chat.actions.widgets import ensure_widget
from chat.models import Chat
from notifications.models import Preference
from operators.actions import ensure_operator
from operators.models import Operator


def make_companies(
    count: int, *, zones: Sequence[str] = ("UTC",), switched_at: datetime, name: str = "Many", **changes: Any
) -> list[Account]:
    """Companies with one owner each who has the summary on since `switched_at`; the zones take turns. In bulk."""
    users = User.objects.bulk_create(
        User(email=f"{name.lower()}{n}@company{n}.example", name="Olga", surname=f"Owner {n}", password="!")
        for n in range(count)
    )
    accounts = Account.objects.bulk_create(
        Account(
            slug=f"{name.lower()}-{n}",
            company=f"{name} {n}",
            address="1 Sample Street",
            website=f"https://company{n}.example",
            time_zone=zones[n % len(zones)],
            **changes,
        )
        for n in range(count)
    )
    pairs = list(zip(users, accounts, strict=True))
    Membership.objects.bulk_create(Membership(user=user, account=account, role="owner") for user, account in pairs)
    Preference.objects.bulk_create(
        Preference(user=user, account=account, kind="daily_summary", is_on=True, changed_at=switched_at)
        for user, account in pairs
    )
    return accounts


def make_day(
    account: Account,
    start: datetime,
    *,
    chats: int = 3,
    texts: Sequence[str] = ("v Hello", "o Hi, how can I help?", "v Is it in stock?", "o Yes."),
    names: Sequence[str] = ("Robin Mockup", "Pat Specimen", ""),
    wait: int = 30,
    rating: str = "",
    accepted: bool = True,
    minutes: int = 10,
    operator: Operator | None = None,
) -> list[Chat]:
    """Closed chats of an account, `minutes` apart from `start` on; not `accepted`: the visitor gave up."""
    membership = Membership.objects.select_related("account", "user").filter(account=account).order_by("pk")[0]
    operator = operator or ensure_operator(membership=membership)
    widget = ensure_widget(account=account)
    visitors, past = [], []
    for place in range(chats):
        at = start + timedelta(minutes=minutes * place)
        visitors.append(
            PastVisitor(
                names[place % len(names)], "", "Firefox 130", "Android 17", "203.0.113.24", "", "", "", 1, at, at
            )
        )
        lines = [
            PastLine("visitor" if text.startswith("v ") else "operator", at + timedelta(seconds=40 * n), text[2:])
            for n, text in enumerate(texts)
        ]
        past.append(
            PastChat(
                visitor=place,
                operator=operator if accepted else None,
                started_at=at,
                lines=lines if accepted else lines[:1],
                accepted_at=at + timedelta(seconds=wait) if accepted else None,
                closed_at=at + timedelta(minutes=5),
                closed_by="visitor",
                rating=rating,
            )
        )
    with account_scope(account):
        import_history(widget=widget, visitors=visitors, chats=past)
        return list(Chat.objects.order_by("-pk")[:chats][::-1])
