"""Goals and sales of visitors, given to the chat that they belong to (S19, S20)."""

from django.db import transaction
from django.utils import timezone

from accounts.models import Account
from chat.touching import find_touched, find_touched_chat
from facts.actions import reach_goal, record_sale
from facts.models import Goal, Sale
from facts.queries import find_sale_settings, matches


@transaction.atomic
def count_page(*, account: Account, visitor_pk: int, url: str, goals: list[Goal]) -> list[Goal]:
    """A visitor opened a page: the goals that it reaches for the first time in their chat are counted. Answers them."""
    return [
        goal for goal in goals
        if matches(goal.pattern, url) and count_goal(account=account, visitor_pk=visitor_pk, goal=goal)
    ]  # fmt: skip


@transaction.atomic
def count_goal(*, account: Account, visitor_pk: int, goal: Goal) -> bool:
    """A visitor reached a goal; False when no chat of theirs led to it, or it was counted for that chat before."""
    now = timezone.now()
    chat = find_touched_chat(visitor_pk=visitor_pk, at=now, touch=goal.touch, window_days=goal.window_days)
    if chat is None:
        return False
    return reach_goal(
        account=account, goal=goal, chat_ref=chat.pk, operator_ref=chat.operator_id or 0, group_ref=chat.group_id or 0,
        at=now,
    )  # fmt: skip


@transaction.atomic
def count_sale(
    *, account: Account, visitor_pk: int | None, order: str, amount: str, currency: str, checked: bool
) -> tuple[Sale | None, bool]:
    """A visitor ordered something; answers the sale (None: no chat of theirs led to it), and whether it is new.

    `checked`: the account's own server says so, else only a browser does. Raises Refused as `record_sale` does.
    """
    touched = None
    if visitor_pk is not None:
        chosen = find_sale_settings(account)
        touched = find_touched(
            visitor_pk=visitor_pk, at=timezone.now(), touch=chosen.touch, window_days=chosen.window_days
        )
    return record_sale(account=account, order=order, amount=amount, currency=currency, touched=touched, checked=checked)
