"""Writes of goals: what an account wants its visitors to reach, and that one was reached (S20)."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from accounts.roles import can
from accounts.scoping import account_scope
from audit.actions import record as log
from core.errors import Refused, not_found
from facts.actions.sums import NewFact, record
from facts.models import Fact, Goal, Kind, SaleSettings, Touch

EDITABLE = {"name", "source", "pattern", "word", "touch", "window_days"}


@transaction.atomic
def add_goal(*, by: Membership, **values: Any) -> Goal:
    """Adds a goal. `values`: name, source, pattern (of a page) or word (of an event or call), touch, window_days.

    Raises Refused `not_found` for who may not, `too_many`, `bad_goal`, `taken` (another goal has that word).
    """
    if not can(by, "goals.edit"):
        raise not_found()
    account = Account.objects.select_for_update().get(pk=by.account_id)
    with account_scope(account):
        if Goal.objects.filter(removed_at=None).count() >= Goal.MOST:
            raise Refused("too_many", _("An account can have %(count)d goals.") % {"count": Goal.MOST})
        goal = Goal(account=account, **_clean(values))
        _refuse_taken(goal)
        goal.save()
    _log(by, "goal.added", goal)
    return goal


@transaction.atomic
def change_goal(*, goal: Goal, by: Membership, **values: Any) -> Goal:
    """Changes a goal from now on; what was counted stays. Raises Refused as `add_goal` does."""
    if goal.account_id != by.account_id or not can(by, "goals.edit"):
        raise not_found()
    Account.objects.select_for_update().get(pk=by.account_id)
    for name, value in _clean(values).items():
        setattr(goal, name, value)
    with account_scope(by.account):
        _refuse_taken(goal)
        goal.save(update_fields=sorted(EDITABLE))
    _log(by, "goal.changed", goal)
    return goal


@transaction.atomic
def remove_goal(*, goal: Goal, by: Membership) -> None:
    """Ends a goal: nothing counts for it any more, and what was counted stays. Raises Refused `not_found`."""
    if goal.account_id != by.account_id or not can(by, "goals.edit"):
        raise not_found()
    if not Goal.of(by.account).filter(pk=goal.pk, removed_at=None).update(removed_at=timezone.now()):
        raise not_found()
    _log(by, "goal.removed", goal)


@transaction.atomic
def change_sale_settings(*, by: Membership, touch: str, window_days: int) -> None:
    """Sets for how many days after a chat a sale is its own. Raises Refused `not_found`, `bad_goal`."""
    if not can(by, "goals.edit"):
        raise not_found()
    values = _clean_reach({"touch": touch, "window_days": window_days})
    with account_scope(by.account):
        SaleSettings.objects.update_or_create(account=by.account, defaults=values)
    log(account_ref=by.account_id, actor=f"user:{by.user_id}", action="goal.sales_changed", facts=values)


def _clean(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a goal as they are stored. Raises Refused `bad_goal`; TypeError for a field that it has not."""
    if set(values) != EDITABLE:
        raise TypeError(f"a goal has {sorted(EDITABLE)}")
    source = values["source"]
    clean = {
        **_clean_reach(values),
        "name": " ".join(values["name"].split())[:80],
        "source": source,
        "pattern": values["pattern"].strip()[:300] if source == Goal.Source.PAGE else "",
        "word": "" if source == Goal.Source.PAGE else values["word"].strip().lower()[:60],
    }
    if not clean["name"]:
        raise Refused("bad_goal", _("Give the goal a name."))
    if source not in Goal.Source.values or not (clean["pattern"] or clean["word"]):
        raise Refused("bad_goal", _("Say how the goal is reached: by which page, or by which word."))
    if source == Goal.Source.PAGE and not clean["pattern"].replace("*", "").strip():
        raise Refused("bad_goal", _("Enter a part of the page's address, like /thank-you/."))
    return clean


def _clean_reach(values: dict[str, Any]) -> dict[str, Any]:
    if values["touch"] not in Touch.values:
        raise Refused("bad_goal", _("Choose the first or the last chat."))
    if not 1 <= values["window_days"] <= 30:
        raise Refused("bad_goal", _("Enter a number of days from 1 to 30."))
    return {"touch": values["touch"], "window_days": values["window_days"]}


def _refuse_taken(goal: Goal) -> None:
    same = Goal.objects.filter(source=goal.source, word=goal.word, removed_at=None).exclude(pk=goal.pk)
    if goal.word and same.exists():
        raise Refused("taken", _("Another goal has this word already."))


def _log(by: Membership, action: str, goal: Goal) -> None:
    log(account_ref=by.account_id, actor=f"user:{by.user_id}", action=action, facts={"goal": goal.pk})


def reach_goal(
    *, account: Account, goal: Goal, chat_ref: int, operator_ref: int, group_ref: int, at: datetime | None = None
) -> bool:
    """Counts a goal for a chat, once; False when it was counted for that chat before (S20)."""
    if Fact.of(account).filter(kind=Kind.GOAL, chat_ref=chat_ref, name=str(goal.pk)).exists():
        return False
    fact = NewFact(
        Kind.GOAL, at or timezone.now(), chat_ref=chat_ref, operator_ref=operator_ref, group_ref=group_ref,
        name=str(goal.pk),
    )  # fmt: skip
    try:
        with transaction.atomic():
            record(account=account, facts=[fact])
    except IntegrityError:  # the same goal at the same moment, through another window
        return False
    return True
