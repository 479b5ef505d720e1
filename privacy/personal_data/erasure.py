"""Personal data of erasures: what a plan holds until its certificate is made, and legal holds."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from core.json_keys import TABLE
from core.personal_data import (
    Basis,
    Category,
    Erase,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    registry,
)
from privacy.models import ErasurePlan, Hold


def old_plans(now: datetime) -> "QuerySet[ErasurePlan]":
    """Plans that nobody confirmed, and certificates whose years are over."""
    unconfirmed = Q(state="planned", planned_at__lt=now - timedelta(days=ErasurePlan.KEEP_DAYS))
    over = Q(state="done", finished_at__lt=now - timedelta(days=ErasurePlan.KEEP_DONE_DAYS))
    return ErasurePlan.objects.filter(unconfirmed | over)


def ended_holds(now: datetime) -> "QuerySet[Hold]":
    """Holds that ended three years ago."""
    return Hold.objects.filter(ended_at__lt=now - timedelta(days=ErasurePlan.KEEP_DONE_DAYS))


ERASURES = (
    PersonalModel(
        "privacy.ErasurePlan",
        Subject.NOBODY,  # it is the erasure itself, and forgets whom it was about when it ends
        label=_("Erasures"),
        expired=old_plans,
        kept=_("7 days when it is not confirmed; the certificate 3 years, without a name or number of the person"),
        fields=(
            PersonalField(
                "needles",
                Category.IDENTITY,
                Purpose.RIGHTS,
                Basis.LAW,
                _("Your addresses and names, to look for what was forgotten; emptied once nothing is found."),
                Erase.BLANK,
                label=_("What we look for afterwards"),
                export=False,
            ),
            PersonalField(
                "refs",
                Category.RECORD,
                Purpose.RIGHTS,
                Basis.LAW,
                _("Whom to erase, as numbers; emptied when it is done."),
                Erase.BLANK,
                label=_("Whom"),
                export=False,
            ),
            PersonalField(
                "keys",
                Category.RECORD,
                Purpose.RIGHTS,
                Basis.LAW,
                _("Which rows to erase, as numbers; emptied when it is done."),
                Erase.BLANK,
                label=_("Which rows"),
                export=False,
            ),
        ),
        not_personal={
            "done": "Names of tables.",
            "counts": "Counts by table.",
            "findings": "Names of tables and columns, and counts.",
            "accepted_because": "A sentence of a privacy officer about a table.",
            "certificate": "Counts, reasons and times; it is signed and names nobody.",
        },
        json={"refs": (), "keys": (TABLE,), "needles": (), "done": (), "counts": (TABLE,), "findings": ()},
    ),
    PersonalModel(
        "privacy.Hold",
        Subject.NOBODY,
        label=_("Legal holds"),
        expired=ended_holds,
        kept=_("3 years after its end"),
        fields=(
            PersonalField(
                "refs",
                Category.RECORD,
                Purpose.LEGAL,
                Basis.LAW,
                _("Whose data a law or a claim makes us keep, as numbers."),
                Erase.KEEP,
                label=_("Whose data"),
                export=False,
                kept_because=_("Without it the hold would not be known."),
            ),
            PersonalField(
                "reason",
                Category.RECORD,
                Purpose.LEGAL,
                Basis.LAW,
                _("Why the data must stay."),
                Erase.KEEP,
                label=_("Reason"),
                export=False,
                kept_because=_("Without it the hold would not be known."),
            ),
        ),
        keys={"owner": _("Which privacy officer looks at it again.")},
        json={"refs": ()},
    ),
)

registry.register(*ERASURES)
