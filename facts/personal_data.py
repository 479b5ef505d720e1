"""Personal data of facts: figures of operators, and the order numbers of visitors."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.personal_data import (
    Basis,
    Category,
    Erase,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    SubjectRef,
    registry,
)
from facts.models import KEEP_DAYS, DaySum, Fact, HourSum, Sale
from operators.personal_data import operators_of

KEPT = _("%(days)d days; the number of an operator who was erased means nobody") % {"days": KEEP_DAYS}


def days_of(ref: SubjectRef) -> "QuerySet[DaySum]":
    """A person's figures as an operator, in every account."""
    return DaySum.objects.filter(operator_ref__in=list(operators_of(ref).values_list("pk", flat=True)))


def sales_of(ref: SubjectRef) -> "QuerySet[Sale]":
    """The orders of a visitor."""
    return Sale.objects.filter(visitor_ref=ref.pk if ref.subject is Subject.VISITOR and ref.pk else -1)


def before(now: datetime) -> "datetime":
    """What lies further back is over."""
    return now - timedelta(days=KEEP_DAYS)


registry.register(
    PersonalModel(
        "facts.DaySum",
        Subject.USER,
        label=_("Your figures by day: chats, waits, replies, ratings"),
        rows_of=days_of,
        expired=lambda now: DaySum.objects.filter(day__lt=before(now).date()),
        kept=KEPT,
        fields=(
            PersonalField(
                "operator_ref",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("So that the company sees how its chats go; without your name."),
                Erase.KEEP,
                label=_("Number as an operator"),
                export=False,
                kept_because=_("A count of the company; once you are erased the number means nobody."),
            ),
            PersonalField(
                "day",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("So that the company sees how its chats go."),
                Erase.KEEP,
                label=_("Day"),
                kept_because=_("A count of the company; once you are erased it is nobody's."),
            ),
            PersonalField(
                "kind",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("So that the company sees how its chats go."),
                Erase.KEEP,
                label=_("What"),
                kept_because=_("A count of the company; once you are erased it is nobody's."),
            ),
            PersonalField(
                "count",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("So that the company sees how its chats go."),
                Erase.KEEP,
                label=_("How often"),
                kept_because=_("A count of the company; once you are erased it is nobody's."),
            ),
            PersonalField(
                "total",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("So that the company sees how its chats go."),
                Erase.KEEP,
                label=_("Milliseconds or minor units"),
                kept_because=_("A count of the company; once you are erased it is nobody's."),
            ),
        ),
        not_personal={"name": "A currency, or the key of a tag or goal."},
    ),
    PersonalModel(
        "facts.HourSum",
        Subject.NOBODY,
        label=_("Figures by hour"),
        expired=lambda now: HourSum.objects.filter(day__lt=before(now).date()),
        kept=KEPT,
        not_personal={"name": "A currency, or the key of a tag or goal."},
    ),
    PersonalModel(
        "facts.Fact",
        Subject.NOBODY,
        label=_("What happened in chats: kinds, times and counts, without a name, an address or a word of anybody"),
        expired=lambda now: Fact.objects.filter(at__lt=before(now)),
        kept=KEPT,
        not_personal={"name": "A currency, or the key of a tag or goal."},
    ),
    PersonalModel(
        "facts.Goal",
        Subject.NOBODY,
        label=_("Goals"),
        not_personal={
            "name": "The company's name for a goal.",
            "pattern": "A part of an address of the company's website.",
            "word": "A word of the company's website or program.",
        },
    ),
    PersonalModel("facts.SaleSettings", Subject.NOBODY, label=_("How sales are given to chats")),
    PersonalModel(
        "facts.Sale",
        Subject.VISITOR,
        label=_("Your orders after a chat"),
        rows_of=sales_of,
        expired=lambda now: Sale.objects.filter(at__lt=before(now)),
        kept=_("%(days)d days; the number of the order goes when you delete the chat") % {"days": KEEP_DAYS},
        fields=(
            PersonalField(
                "order",
                Category.RECORD,
                Purpose.CHAT,
                Basis.INTEREST,
                _("So that an order counts once, and a refund finds it."),
                Erase.BLANK,
                label=_("Number of the order"),
            ),
            PersonalField(
                "amount",
                Category.RECORD,
                Purpose.CHAT,
                Basis.INTEREST,
                _("So that the company sees what its chats bring."),
                Erase.KEEP,
                label=_("Amount in minor units"),
                kept_because=_("A count of the company that leads to nobody once the number of the order is gone."),
            ),
            PersonalField(
                "visitor_ref",
                Category.RECORD,
                Purpose.CHAT,
                Basis.INTEREST,
                _("Whose order it is."),
                Erase.BLANK,
                label=_("Number of the visitor"),
                export=False,
            ),
        ),
        not_personal={"currency": "A currency."},
    ),
)
