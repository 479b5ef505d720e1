"""Personal data of privacy: disclosures by law."""

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
from privacy.models import LegalDisclosure

PROOF = _("We must be able to show later what we gave to whom. The name of the person goes; the record stays.")


def proof(name: str, category: Category, why: object, label: object) -> PersonalField:
    """A field of the record: kept without the person."""
    return PersonalField(
        name, category, Purpose.LEGAL, Basis.LAW, why, Erase.KEEP, export=False, label=label, kept_because=PROOF
    )


def told_to(ref: SubjectRef) -> QuerySet[LegalDisclosure]:
    """What the person was told of; a demand that forbids to tell them is not shown before its day."""
    pk = ref.pk if ref.subject is Subject.USER else 0
    return LegalDisclosure.objects.filter(user=pk, told_on__isnull=False)


registry.register(
    PersonalModel(
        "privacy.LegalDisclosure",
        Subject.USER,
        label=_("Disclosures that a law demanded"),
        rows_of=told_to,
        kept=_("as long as the site"),
        keys={
            "user": _("Whose data it is."),
            "asked_by": _("Which officer recorded it."),
            "approved_by": _("Which second officer approved it."),
        },
        fields=(
            proof("requester", Category.RECORD, _("Who demanded the data."), _("Who asked")),
            proof("reference", Category.RECORD, _("Their number of the matter."), _("Their number")),
            proof("scope", Category.RECORD, _("Which data was given, and no more."), _("What was given")),
        ),
        not_personal={"copy_hash": "The hash of the file that was sent."},
    ),
)
