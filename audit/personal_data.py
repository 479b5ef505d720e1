"""Personal data of audit: pseudonyms, and the key that ties them to a person."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audit.models import Entry, SubjectKey
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

KEPT = _("The log stays whole so that it can be verified. With the key destroyed, the pseudonym means nobody.")


def keys_of(ref: SubjectRef) -> QuerySet[SubjectKey]:
    """The key behind the pseudonym of one person."""
    return SubjectKey.objects.filter(subject=f"{ref.subject.value}:{ref.pk}")


def record(name: str, why: object, label: object) -> PersonalField:
    """A field of the log: kept, under a pseudonym."""
    return PersonalField(
        name, Category.RECORD, Purpose.SECURITY, Basis.INTEREST, why, Erase.KEEP, label=label, kept_because=KEPT
    )


registry.register(
    PersonalModel(
        "audit.SubjectKey",
        Subject.USER,
        label=_("The key to your pseudonym"),
        rows_of=keys_of,
        kept=_("until you leave"),
        fields=(
            PersonalField(
                "subject",
                Category.RECORD,
                Purpose.SECURITY,
                Basis.INTEREST,
                _("Ties your pseudonym in the log to you, so that you can read what we disclosed."),
                label=_("Person"),
            ),
            PersonalField(
                "pseudonym",
                Category.RECORD,
                Purpose.SECURITY,
                Basis.INTEREST,
                _("Stands for you in the log instead of your name."),
                label=_("Pseudonym"),
            ),
        ),
    ),
    PersonalModel(
        "audit.Entry",
        Subject.USER,
        label=_("Log of acts and disclosures"),
        rows_of=lambda ref: Entry.objects.filter(subject__in=keys_of(ref).values("pseudonym")),
        kept=_("as long as the site; without a name once you leave"),
        fields=(
            record("actor", _("Who did it, as a pseudonym."), _("Who acted")),
            record("subject", _("Whom it was about, as a pseudonym."), _("About whom")),
            record(
                "facts",
                _("What was done or disclosed: kinds, counts and numbers, never names or texts."),
                _("What happened"),
            ),
        ),
        not_personal={
            "action": "The name of a kind of act, such as chat.deleted.",
            "previous": "The hash of the entry before.",
            "hash": "The hash of this entry.",
        },
    ),
    PersonalModel(
        "audit.Chain",
        Subject.NOBODY,
        label=_("Chains of the log"),
        not_personal={"key": "The number of an account, or the word site.", "head": "The hash of the last entry."},
    ),
    PersonalModel(
        "audit.RecipientRecord",
        Subject.NOBODY,
        label=_("Records of recipients"),
        not_personal={
            "key": "The name of a declared recipient, such as mail.",
            "agreement": "The title of a contract between two companies.",
            "note": "What was found at the review of a company.",
        },
    ),
    PersonalModel(
        "audit.RecipientChange",
        Subject.NOBODY,
        label=_("History of recipients"),
        not_personal={"key": "The name of a declared recipient, such as mail."},
    ),
)
