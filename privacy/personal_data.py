"""Personal data of privacy: what is kept about a copy while it can be fetched."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from core.personal_data import Basis, Category, PersonalField, PersonalModel, Purpose, Subject, SubjectRef, registry
from privacy.copy_files import forget_files
from privacy.models import Download, Proof


def copies_of(ref: SubjectRef) -> "QuerySet[Download]":
    """The copies that a person asked for."""
    return Download.objects.filter(owner=f"{ref.subject.value}:{ref.pk}")


registry.register(
    PersonalModel(
        "privacy.Download",
        Subject.USER,
        label=_("Copies of your data"),
        rows_of=copies_of,
        expired=lambda now: Download.objects.filter(expires_at__lte=now),
        before_delete=forget_files,
        kept=_("24 hours"),
        keys={"user": _("Who asked for the copy.")},
        fields=(
            PersonalField(
                "owner",
                Category.RECORD,
                Purpose.RIGHTS,
                Basis.LAW,
                _("So that only you can fetch the copy."),
                label=_("For whom"),
            ),
            PersonalField(
                "refs",
                Category.RECORD,
                Purpose.RIGHTS,
                Basis.LAW,
                _("Which rows the copy is made of, as numbers."),
                label=_("Rows"),
                export=False,
            ),
        ),
    ),
    PersonalModel(
        "privacy.Proof",
        Subject.INVITED,
        label=_("Codes by which you show that an address is yours"),
        expired=lambda now: Proof.objects.filter(expires_at__lte=now),
        kept=_("10 minutes, then until the next hour"),
        fields=(
            PersonalField(
                "email",
                Category.CONTACT,
                Purpose.RIGHTS,
                Basis.LAW,
                _("To send the code, so that only the owner of an address reads what we hold about it."),
                label=_("E-mail"),
                recipients=("mail",),
            ),
        ),
    ),
)
