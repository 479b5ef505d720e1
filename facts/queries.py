"""Reads of facts: goals and how they match, sales, the settings of both."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accounts.models import Account, Membership
from accounts.roles import can
from core.errors import not_found
from facts.models import Fact, Goal, Kind, Sale, SaleSettings, Touch
from facts.money import say_amount

SALES_A_PAGE = 50


def list_goals(account: Account) -> list[Goal]:
    """The goals that count, oldest first."""
    return list(Goal.of(account).filter(removed_at=None).order_by("pk"))


def find_goal_for(membership: Membership, public_id: UUID) -> Goal:
    """A goal of the asker's own account. Raises Refused `not_found`."""
    found = Goal.of(membership.account).filter(public_id=public_id, removed_at=None).first()
    if found is None or not can(membership, "goals.edit"):
        raise not_found()
    return found


def find_goal_named(account: Account, word: str, sources: tuple[str, ...]) -> Goal | None:
    """The goal that a website or a program means by a word."""
    if not word.isprintable():  # no goal is called so, and PostgreSQL takes no null character
        return None
    goals = Goal.of(account).filter(removed_at=None, source__in=sources, word=word.strip().lower()[:60])
    return goals.exclude(word="").first()


def matches(pattern: str, url: str) -> bool:
    """Whether a page reaches a goal: its address holds the pattern, in which * stands for anything.

    A pattern that begins with / is compared with the beginning of the path; one that begins with = with the whole
    path, or the whole address where it names one. Capital letters make no difference.
    """
    is_whole = pattern.startswith("=")
    text, address = (pattern[1:] if is_whole else pattern).lower(), url.lower()
    if is_whole:
        address = address.partition("#")[0].partition("?")[0]
        text, address = text.rstrip("/"), address.rstrip("/")
    if text.startswith("/") or is_whole and "//" not in text:
        rest = address.partition("//")[2]
        address = rest[rest.find("/") :] if "/" in rest else ""
    return _holds(address, text.split("*"), from_start=is_whole or text.startswith("/"), to_end=is_whole)


def _holds(address: str, parts: list[str], *, from_start: bool, to_end: bool) -> bool:
    """Whether the parts stand in the address one after the other: the leftmost place of each is the right one."""
    place = 0
    for number, part in enumerate(parts):
        is_last = number == len(parts) - 1
        if number == 0 and from_start:
            found = 0 if address.startswith(part) else -1
        elif is_last and to_end:
            found = len(address) - len(part) if address.endswith(part) else -1
        else:
            found = address.find(part, place)
        if found < place:
            return False
        place = found + len(part)
    return not to_end or place == len(address)


def find_sale_settings(account: Account) -> SaleSettings:
    """How sales are given to chats; the usual where nobody chose."""
    found = SaleSettings.of(account).first()
    return found or SaleSettings(account=account, touch=Touch.LAST, window_days=7)


def list_sales(account: Account, *, before: int | None = None) -> list[Sale]:
    """Sales, newest first, a page and one more."""
    rows = Sale.of(account).order_by("-pk")
    return list((rows.filter(pk__lt=before) if before else rows)[: SALES_A_PAGE + 1])


def find_sale_for(membership: Membership, public_id: UUID) -> Sale:
    """A sale of the asker's own account. Raises Refused `not_found`."""
    found = Sale.of(membership.account).filter(public_id=public_id).first()
    if found is None or not can(membership, "sales.record"):
        raise not_found()
    return found


@dataclass(frozen=True)
class Reached:
    """What a chat led to: a goal by its name, or with `amount` a sale by the number of its order."""

    text: str
    at: datetime
    amount: str = ""


def list_reached(account: Account, chat_ref: int) -> list[Reached]:
    """The goals and the sales of one chat, oldest first (S20, S21); a sale that was paid back is left out."""
    facts = Fact.of(account).filter(kind=Kind.GOAL, chat_ref=chat_ref, count__gt=0).values_list("name", "at")
    moments = {int(name): at for name, at in facts if name.isdecimal()}
    goals = Goal.of(account).filter(pk__in=moments).values_list("pk", "name") if moments else ()
    found = [Reached(name, moments[pk]) for pk, name in goals]
    for sale in Sale.of(account).filter(chat_ref=chat_ref):
        if sale.amount > sale.refunded:
            found.append(Reached(sale.order, sale.at, say_amount(sale.amount - sale.refunded, sale.currency)))
    return sorted(found, key=lambda one: one.at)
