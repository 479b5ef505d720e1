"""Personal data of audit: pseudonyms, and the key that ties them to a person."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from audit.models import Entry, SubjectKey
from core.json_keys import TABLE
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

FACTS = (  # numbers, counts, days and words of closed lists; a name or a text of a person has no key here
    TABLE,  # how many rows a run of retention or an erasure deleted
    "recipient", "categories", "purpose", "reference",  # of a disclosure
    "act", "block", "chat", "goal", "group", "hash", "key", "number", "post", "reply", "rule", "sale", "seq", "survey",
    "tag", "topic", "widget",  # which one
    "chats", "count", "days", "hours", "limit", "masked", "members", "owners", "people", "questions", "readers",
    "rows", "sends", "sheets", "texts", "trial_days", "window_days",  # how many
    "administrator", "by", "channel", "from", "granted", "ground", "how", "in_part", "into", "is_on", "kind", "late",
    "material", "name", "on", "options", "options/messages", "outcome", "place", "reason", "role", "scope", "scopes",
    "silent", "source", "status", "table", "to", "touch", "versions", "what", "why",  # words of closed lists
    "day", "review_on", "until",  # when
    "fields", "filters", "found",  # names of fields, filters and tables
    "already_invited", "already_operator", "created", "duplicate_in_file", "formula", "invalid_email", "invalid_name",
    "left_out", "left_refused", "left_skipped", "missing_email", "missing_name", "name_too_long",
    "not_invited",  # how many rows of an import were what
)  # fmt: skip


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
            record("action", _("The name of a kind of act, such as chat.deleted."), _("Act")),
            record(
                "facts",
                _("What was done or disclosed: kinds, counts and numbers, never names or texts."),
                _("What happened"),
            ),
        ),
        not_personal={
            "previous": "The hash of the entry before.",
            "hash": "The hash of this entry.",
        },
        json={"facts": FACTS},
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
