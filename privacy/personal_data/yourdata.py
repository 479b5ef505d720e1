"""Personal data of privacy: what is kept about a copy while it can be fetched."""

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
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
from privacy.copy_files import forget_files
from privacy.models import Download, Proof


def copies_of(ref: SubjectRef) -> "QuerySet[Download]":
    """The copies of a person's data, also those that were asked for with an address instead of a log-in."""
    word = f'["{ref.subject.value}", {ref.pk}]'
    own = Q(owner=f"{ref.subject.value}:{ref.pk}")
    return Download.objects.annotate(words=Cast("refs", TextField())).filter(own | Q(words__contains=word))


def proofs_of(ref: SubjectRef) -> "QuerySet[Proof]":
    """What is kept to know the owner of an address for half an hour."""
    return Proof.objects.filter(email__in=addresses_of(ref))


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
            PersonalField(
                "email",
                Category.CONTACT,
                Purpose.RIGHTS,
                Basis.LAW,
                _("To tell you that the copy is ready."),
                label=_("E-mail"),
                recipients=("mail",),
            ),
        ),
        not_personal={"language": "The language of one mail."},
        json={"refs": ()},
    ),
    PersonalModel(
        "privacy.Proof",
        Subject.INVITED,
        label=_("Codes by which you show that an address is yours"),
        rows_of=proofs_of,
        expired=lambda now: Proof.objects.filter(expires_at__lte=now),
        kept=_("10 minutes, half an hour once the code was typed, then until the next hour"),
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
