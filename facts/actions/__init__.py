"""Every write of facts, by noun."""

from facts.actions.goals import add_goal, change_goal, change_sale_settings, reach_goal, remove_goal
from facts.actions.recounting import check_a_day, recount, recount_account
from facts.actions.sales import forget_visitor, record_sale, refund_sale
from facts.actions.sums import NewFact, record, record_many, settle, take_back

__all__ = [
    "NewFact",
    "add_goal",
    "change_goal",
    "change_sale_settings",
    "check_a_day",
    "forget_visitor",
    "reach_goal",
    "record",
    "record_many",
    "record_sale",
    "recount",
    "recount_account",
    "refund_sale",
    "remove_goal",
    "settle",
    "take_back",
]
