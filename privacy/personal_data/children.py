"""Personal data of reports about children: an address if somebody wants an answer, and where the data is."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.personal_data import (
    Basis,
    Category,
    PersonalField,
    PersonalModel,
    Purpose,
    Subject,
    SubjectRef,
    addresses_of,
    registry,
)
from privacy.models.children import ChildReport

KEPT = _("until the report is done and answered, 90 days at most")


def old_reports(now: datetime) -> QuerySet[ChildReport]:
    """What nobody closed: it goes all the same, and the probe has shouted for weeks."""
    return ChildReport.objects.filter(received_at__lt=now - timedelta(days=90))


def reports_of(ref: SubjectRef) -> QuerySet[ChildReport]:
    """The reports that wait for an answer to this address; whom a report is about, no row says."""
    known = [] if ref.subject is Subject.VISITOR else addresses_of(ref)
    return ChildReport.objects.filter(email__in=known)


registry.register(
    PersonalModel(
        "privacy.ChildReport",
        Subject.GUEST,
        label=_("Reports about the data of a child"),
        rows_of=reports_of,
        expired=old_reports,
        kept=KEPT,
        fields=(
            PersonalField(
                "email", Category.CONTACT, Purpose.RIGHTS, Basis.LAW,
                _("Only if you want an answer. It is deleted with the report."), label=_("E-mail for the answer"),
            ),
            PersonalField(
                "found", Category.CONTENT, Purpose.RIGHTS, Basis.LAW,
                _("So that we find the child's data and delete it."), label=_("How we can find it"),
            ),
        ),
        not_personal={"language": "The language of the answer.", "told_for": "A word of a list."},
    ),
    PersonalModel("privacy.ChildCount", Subject.NOBODY, label=_("How many reports about children ended")),
)  # fmt: skip
