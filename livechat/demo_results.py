"""What the demo's chats led to: goals, sales and refunds, and when its operators were there."""

import random
from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone

from accounts.models import Account, Membership
from chat.models import Chat
from facts.actions import NewFact, add_goal, record, record_sale, refund_sale
from facts.actions.sales import Touched
from facts.models import Kind
from livechat.demo_history import DAYS
from operators.actions import import_states
from operators.models import Operator

GOALS = (
    ("Booked a test ride", {"source": "page", "pattern": "/test-ride/booked/"}, 0.15),
    ("Viewed the price list", {"source": "page", "pattern": "/prices/"}, 0.4),
    ("Joined the newsletter", {"source": "event", "word": "newsletter"}, 0.06),
)
ORDERS = 0.14  # of the chats
PRICES = (3900, 4950, 8900, 12900, 19900, 24900, 39900, 59900, 89900)  # in cents
SHIFTS = (((8, 0), (16, 30)), ((9, 0), (17, 0)), ((11, 0), (19, 30)), ((10, 0), (14, 0)))


def fill_results(account: Account, operators: list[Operator]) -> None:
    """Adds them to the chats that the demo has. Stands in the account's scope."""
    pick = random.Random(4)  # noqa: S311  demo data, the same every time
    _add_goals(account, pick)
    _add_sales(account, pick)
    today = timezone.now().astimezone(account.zone).date()
    for place, operator in enumerate(operators):
        import_states(operator=operator, states=_states(account, today, place, pick))


def _add_goals(account: Account, pick: random.Random) -> None:
    owner = Membership.objects.select_related("account", "user").filter(account=account, role="owner")[0]
    chats = list(Chat.objects.filter(state=Chat.State.CLOSED, operator__isnull=False))
    facts = []
    for name, how, share in GOALS:
        goal = add_goal(by=owner, **{"pattern": "", "word": "", "touch": "last", "window_days": 1, "name": name, **how})
        facts += [
            NewFact(
                Kind.GOAL, _later(chat, pick), chat_ref=chat.pk, operator_ref=chat.operator_id or 0, name=str(goal.pk)
            )
            for chat in chats
            if pick.random() < share
        ]
    record(account=account, facts=facts)


def _later(chat: Chat, pick: random.Random) -> datetime:
    return min(timezone.now(), chat.started_at + timedelta(minutes=pick.randrange(2, 300)))


def _add_sales(account: Account, pick: random.Random) -> None:
    number = 1000
    for chat in Chat.objects.filter(state=Chat.State.CLOSED, operator__isnull=False).order_by("pk"):
        if pick.random() >= ORDERS:
            continue
        number += pick.randrange(1, 9)
        minor, is_direct = pick.choice(PRICES), pick.random() < 0.4
        record_sale(
            account=account, order=f"AB-{number}", amount=f"{minor // 100}.{minor % 100:02d}", currency="EUR",
            touched=Touched(chat.visitor_id, chat.pk, chat.operator_id or 0, 0, is_direct=is_direct),
            checked=pick.random() < 0.7, at=_later(chat, pick),
        )  # fmt: skip
    owner = Membership.objects.select_related("account", "user").filter(account=account, role="owner")[0]
    refund_sale(account=account, order=f"AB-{number}", by=owner)


def _states(account: Account, today: date, place: int, pick: random.Random) -> list[tuple[datetime, str]]:
    """A working day like every other, with a break, and Sundays off."""
    start, end = SHIFTS[place % len(SHIFTS)]
    states = []
    for back in range(DAYS + 2, 0, -1):
        day = today - timedelta(days=back)
        if day.weekday() == 6 or (day.weekday() == 5 and place % 2):
            continue
        lunch = time(12, pick.randrange(40))
        for at, state in (
            (time(*start), "accepting"),
            (lunch, "away"),
            (time(12, lunch.minute + 19), "accepting"),
            (time(*end), "offline"),
        ):
            states.append((datetime.combine(day, at, tzinfo=account.zone).astimezone(UTC), state))
    return sorted(states)
