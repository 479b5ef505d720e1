"""Personal data of policies: who accepted which version, and who said yes to what."""

from datetime import timedelta

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
    registry,
)
from policies.models import Acceptance, OfficerContact, ProbeDay, Receipt

DAYS_KEPT = 400  # results of each day: a year and a month to compare it with

OUR_TEXT = "Text that we wrote; it is public."


def receipts_of(ref: SubjectRef) -> "QuerySet[Receipt]":
    """What a person said yes to."""
    return Receipt.objects.filter(subject=f"{ref.subject.value}:{ref.pk}")


registry.register(
    PersonalModel(
        "policies.Acceptance",
        Subject.USER,
        label=_("What you accepted"),
        rows_of=lambda ref: Acceptance.objects.filter(user=ref.pk if ref.subject is Subject.USER else 0),
        kept=_("until you leave"),
        fields=(
            PersonalField(
                "accepted_at",
                Category.RECORD,
                Purpose.LEGAL,
                Basis.CONTRACT,
                _("To show which text applies between you and us."),
                label=_("Accepted on"),
            ),
        ),
        keys={"user": _("Who accepted it.")},
        not_personal={"text_hash": "The hash of a public text."},
    ),
    PersonalModel(
        "policies.Receipt",
        Subject.USER,
        label=_("What you said yes to"),
        rows_of=receipts_of,
        kept=_("until you leave"),
        fields=(
            PersonalField(
                "subject",
                Category.RECORD,
                Purpose.LEGAL,
                Basis.LAW,
                _("Whose yes it is."),
                label=_("Who"),
            ),
            PersonalField(
                "purpose",
                Category.RECORD,
                Purpose.LEGAL,
                Basis.LAW,
                _("What the yes is good for; nothing else may use it."),
                label=_("Purpose"),
            ),
            PersonalField(
                "given_at",
                Category.RECORD,
                Purpose.LEGAL,
                Basis.LAW,
                _("To prove that you agreed, and since when."),
                label=_("Said on"),
            ),
            PersonalField(
                "withdrawn_at",
                Category.RECORD,
                Purpose.LEGAL,
                Basis.LAW,
                _("To prove that you took it back, and that we stopped."),
                label=_("Taken back on"),
            ),
        ),
        not_personal={"text": OUR_TEXT, "text_hash": "The hash of a text that we wrote."},
    ),
    PersonalModel(
        "policies.Version",
        Subject.NOBODY,
        label=_("Versions of policy and terms"),
        not_personal={"title": OUR_TEXT, "short": OUR_TEXT, "text_hash": "The hash of a public text."},
        json={"short": ()},
    ),
    PersonalModel(
        "policies.Sentence",
        Subject.NOBODY,
        label=_("Sentences of policy and terms"),
        not_personal={
            "section": OUR_TEXT,
            "ident": OUR_TEXT,
            "text": OUR_TEXT,
            "rows": "Numbers of promises.",
            "probe": "The name of a check.",
            "no_probe": OUR_TEXT,
        },
        json={"rows": ()},
    ),
    PersonalModel(
        "policies.ProbeRun",
        Subject.NOBODY,
        label=_("Results of checks"),
        not_personal={
            "key": "The name of a check.",
            "figure": "Counts only; it is public.",
            "commit": "The number of a state of our code.",
        },
    ),
    PersonalModel(
        "policies.ProbeDay",
        Subject.NOBODY,
        label=_("Results of checks, day by day"),
        expired=lambda now: ProbeDay.objects.filter(day__lt=(now - timedelta(days=DAYS_KEPT)).date()),
        kept=_("400 days"),
        not_personal={"key": "The name of a check.", "figure": "Counts only; it is public."},
    ),
    PersonalModel(
        "policies.OfficerContact",
        Subject.USER,
        label=_("How the privacy officer is reached"),
        rows_of=lambda ref: OfficerContact.objects.filter(user=ref.pk if ref.subject is Subject.USER else 0),
        kept=_("until the officer leaves"),
        fields=tuple(
            PersonalField(
                name,
                Category.CONTACT,
                Purpose.RIGHTS,
                Basis.LAW,
                _("So that everybody can write to the privacy officer; it is public."),
                label=label,
            )
            for name, label in (("email", _("E-mail of the office")), ("post", _("Postal address of the office")))
        ),
        keys={"user": _("Who holds the office.")},
    ),
    PersonalModel(
        "policies.LegalEntity",
        Subject.NOBODY,
        label=_("The company that runs this site"),
        not_personal={
            "name": "The name of a company; it is public.",
            "office": "The office of a company; it is public.",
            "registration": "The number of a company; it is public.",
        },
    ),
    PersonalModel(
        "policies.DisputeBody",
        Subject.NOBODY,
        label=_("The independent body for complaints"),
        not_personal={
            "name": "The name of an organisation; it is public.",
            "url": "The website of an organisation; it is public.",
            "post": "The office of an organisation; it is public.",
        },
    ),
    PersonalModel(
        "policies.Doubt",
        Subject.NOBODY,
        label=_("Doubts about checks"),
        not_personal={
            "key": "The name of a check.",
            "text": "What is said of a check, in our words; it is public and names nobody.",
            "finding": OUR_TEXT,
        },
    ),
    PersonalModel(
        "policies.Framework",
        Subject.NOBODY,
        label=_("Memberships in privacy frameworks"),
        not_personal={"name": "The name of a framework.", "certificate": "The number of our certificate."},
    ),
)
