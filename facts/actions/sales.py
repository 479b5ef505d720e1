"""Writes of sales: an order of a visitor who had a chat, once per order, and what was given back (S19)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership
from accounts.roles import can
from accounts.scoping import account_scope
from audit.actions import record as log
from core.errors import Refused, not_found
from facts import money
from facts.actions.sums import NewFact, record
from facts.models import Kind, Sale
from facts.sale_names import name_of

LONGEST_ORDER = 64


@dataclass(frozen=True)
class Touched:
    """The chat that a sale belongs to. `is_direct`: the chat was going on when the order was made."""

    visitor_ref: int
    chat_ref: int
    operator_ref: int
    group_ref: int
    is_direct: bool


@transaction.atomic
def record_sale(
    *, account: Account, order: str, amount: str, currency: str, touched: Touched | None, checked: bool,
    at: datetime | None = None,
) -> tuple[Sale | None, bool]:  # fmt: skip
    """Records an order, once per account and number (S19). Answers the sale (None: it belongs to no chat), and whether
    it is new.

    `amount` is text in the currency's own units. What a browser said (`checked` False) is replaced by what the
    account's server says of the same order; a repeat changes nothing. Raises Refused `bad_currency`, `bad_amount`,
    `bad_order`, `conflict` (the server says two different amounts of one order).
    """
    order = " ".join(order.split())
    if not 0 < len(order) <= LONGEST_ORDER or not order.isprintable():
        raise Refused("bad_order", _("Send the number of the order, at most 64 characters."))
    code = money.read_currency(currency)
    minor = money.read_amount(amount, code)
    Account.objects.select_for_update().get(pk=account.pk)  # two windows say the same order at once
    known = Sale.of(account).filter(order=order).first()
    if known is not None:
        return _said_again(account, known, minor, code, checked), False
    if touched is None:
        return None, False
    with account_scope(account):
        sale = Sale.objects.create(
            account=account, order=order, amount=minor, currency=code, is_direct=touched.is_direct, is_checked=checked,
            at=at or timezone.now(), visitor_ref=touched.visitor_ref, chat_ref=touched.chat_ref,
            operator_ref=touched.operator_ref, group_ref=touched.group_ref,
        )  # fmt: skip
    _count(account, sale, 1, sale.amount)
    return sale, True


def _said_again(account: Account, sale: Sale, minor: int, code: str, checked: bool) -> Sale:
    """A repeat. Only the account's own server corrects what a browser said, and only once."""
    if not checked:
        return sale
    if sale.is_checked or sale.refunded:
        if (sale.amount, sale.currency) != (minor, code):
            raise Refused("conflict", _("This order was sent before with another amount."), status=409)
        return sale
    _count(account, sale, -1, -sale.amount)
    sale.amount, sale.currency, sale.is_checked = minor, code, True
    with account_scope(account):
        sale.save(update_fields=["amount", "currency", "is_checked"])
    _count(account, sale, 1, sale.amount)
    return sale


def _count(
    account: Account, sale: Sale, count: int, total: int, kind: str = Kind.SALE, at: datetime | None = None
) -> None:
    fact = NewFact(
        kind, at or sale.at, chat_ref=sale.chat_ref, operator_ref=sale.operator_ref, group_ref=sale.group_ref,
        name=name_of(sale), count=count, total=total,
    )  # fmt: skip
    record(account=account, facts=[fact])


@transaction.atomic
def refund_sale(*, account: Account, order: str, by: Membership, amount: str = "") -> Sale:
    """Notes that a sale was given back, wholly or `amount` of it (S19); counted on the day of the refund.

    Raises Refused `not_found`, `bad_amount`, `too_much` (more than is left of it).
    """
    if by.account_id != account.pk or not can(by, "sales.record"):
        raise not_found()
    with account_scope(account):
        sale = Sale.objects.select_for_update().filter(order=" ".join(order.split())).exclude(order="").first()
        if sale is None:
            raise not_found()
        left = sale.amount - sale.refunded
        minor = money.read_amount(amount, sale.currency) if amount.strip() else left
        if not 0 < minor <= left:
            sentence = _("Of this order %(left)s is left.") % {"left": money.say_amount(left, sale.currency)}
            raise Refused("too_much", sentence, status=409)
        Sale.objects.filter(pk=sale.pk).update(refunded=F("refunded") + minor)
        sale.refunded += minor
    _count(account, sale, 1, minor, Kind.REFUND, timezone.now())
    log(account_ref=account.pk, actor=f"user:{by.user_id}", action="sale.refunded", facts={"sale": sale.pk})
    return sale


def forget_visitor(*, account: Account, visitor_ref: int) -> int:
    """A visitor was deleted: the numbers of their orders go, the amounts stay as counts. Answers how many."""
    return Sale.of(account).filter(visitor_ref=visitor_ref).update(order="", visitor_ref=0, chat_ref=0)
