"""Personal data of operators."""

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
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
from notifications.addresses import hash_address
from operators.hours import DAYS
from operators.models import GroupMember, ImportDraft, ImportRow, Invitation, Operator, StatusChange


def operators_of(ref: SubjectRef) -> "QuerySet[Operator]":
    """A person as an operator, in accounts that they left too."""
    pk = ref.pk if ref.subject is Subject.USER else 0
    return Operator.objects.filter(Q(membership__user=pk) | Q(user=pk))


def changes_of(ref: SubjectRef) -> "QuerySet[StatusChange]":
    """When a person worked, in every account."""
    return StatusChange.objects.filter(operator__in=operators_of(ref))


def old_changes(now: datetime) -> "QuerySet[StatusChange]":
    """Changes of state that are over their time."""
    return StatusChange.objects.filter(at__lt=now - timedelta(days=StatusChange.KEEP_DAYS))


def invitations_of(ref: SubjectRef) -> "QuerySet[Invitation]":
    """The invitation of an invited person."""
    return Invitation.objects.filter(pk=ref.pk if ref.subject is Subject.INVITED else 0)


def invitations_of_address(email: str) -> "QuerySet[Invitation]":
    """The invitations of this address, however it was written; found by its keyed hash, which has an index."""
    try:
        hashed = hash_address(email)
    except ValueError:  # no address
        return Invitation.objects.none()
    return Invitation.objects.filter(address_hash=hashed).alias(low=Lower("email")).filter(low=Lower(Value(email)))


registry.register(
    PersonalModel(
        "operators.Operator",
        Subject.USER,
        label=_("You as an operator"),
        is_person=True,
        rows_of=operators_of,
        kept=_("as long as the chats that you answered, or until your log-in is deleted"),
        fields=(
            PersonalField(
                "display_name",
                Category.IDENTITY,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("Visitors see it at your messages."),
                label=_("Shown name"),
            ),
            PersonalField(
                "seen_at",
                Category.TECHNICAL,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("So that your team sees who is there."),
                label=_("Last seen"),
            ),
        ),
        keys={
            "membership": _("Which member of the account answers."),
            "user": _("Whose name stands in past chats, after you left the account too."),
        },
    ),
    PersonalModel(
        "operators.StatusChange",
        Subject.USER,
        label=_("When you accepted chats, were away or offline"),
        rows_of=changes_of,
        expired=old_changes,
        kept=_("%(days)d days") % {"days": StatusChange.KEEP_DAYS},
        fields=(
            PersonalField(
                "at",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("So that your team knows when somebody was there to answer."),
                label=_("When"),
            ),
            PersonalField(
                "status",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONTRACT,
                _("So that your team knows when somebody was there to answer."),
                label=_("What you did"),
            ),
        ),
        keys={"operator": _("Whose working state it was.")},
    ),
    PersonalModel(
        "operators.Invitation",
        Subject.INVITED,
        label=_("Invitations to answer chats"),
        is_person=True,
        rows_of=invitations_of,
        of_address=invitations_of_address,
        aged_by="sent_at",
        kept=_("until answered or withdrawn, at most 30 days after the mail; then only a keyed hash of the address"),
        fields=(
            PersonalField(
                "name",
                Category.IDENTITY,
                Purpose.INVITATION,
                Basis.INTEREST,
                _("To address the one invitation mail."),
                Erase.BLANK,
                keep_days=Invitation.KEEP_DAYS,
                label=_("Name"),
                recipients=("mail",),
            ),
            PersonalField(
                "email",
                Category.CONTACT,
                Purpose.INVITATION,
                Basis.INTEREST,
                _("For the one invitation mail, and nothing else."),
                Erase.BLANK,
                keep_days=Invitation.KEEP_DAYS,
                label=_("E-mail"),
                recipients=("mail",),
            ),
            PersonalField(
                "address_hash",
                Category.CONTACT,
                Purpose.INVITATION,
                Basis.INTEREST,
                _("A keyed hash, so that nobody gets a second first mail."),
                Erase.KEEP,
                label=_("Hash of the address"),
                export=False,
                kept_because=_("Without it an address could be invited again and again."),
            ),
            PersonalField(
                "token_hash",
                Category.SECRET,
                Purpose.INVITATION,
                Basis.INTEREST,
                _("To know the link of the mail again, so that it can still remove the address."),
                Erase.BLANK,
                label=_("Hash of the link"),
                export=False,
            ),
            PersonalField(
                "link_hash",
                Category.SECRET,
                Purpose.INVITATION,
                Basis.INTEREST,
                _("To know a copied link again."),
                Erase.BLANK,
                label=_("Hash of a copied link"),
                export=False,
            ),
        ),
        keys={
            "invited_by": _("Which member of the account gave the address."),
            "claimed_by": _("Who answered by a copied link and has yet to confirm the address."),
        },
    ),
)

# ---- The spreadsheet import: a list that lives an hour --------------------------------------------------
FOR_AN_HOUR = _("one hour after the upload, or one hour after the list was confirmed")


def drafts_of(ref: SubjectRef) -> "QuerySet[ImportDraft]":
    """The lists that a person uploaded in the last hour."""
    return ImportDraft.objects.filter(read_by__user=ref.pk if ref.subject is Subject.USER else 0)


def rows_of_invited(ref: SubjectRef) -> "QuerySet[ImportRow]":
    """The rows with an invited person's address, in the lists of the account that invited them."""
    own = Invitation.objects.filter(pk=ref.pk if ref.subject is Subject.INVITED else 0).exclude(email="")
    return ImportRow.objects.filter(email__in=own.values("email"), account__in=own.values("account"))


def drafts_over(now: datetime) -> "QuerySet[ImportDraft]":
    """Lists whose hour is over; their rows go with them."""
    before = now - ImportDraft.LIFE
    return ImportDraft.objects.filter(Q(confirmed_at__lt=before) | Q(confirmed_at__isnull=True, created_at__lt=before))


registry.register(
    PersonalModel(
        "operators.ImportDraft",
        Subject.USER,
        label=_("Lists of people that you uploaded"),
        rows_of=drafts_of,
        expired=drafts_over,
        kept=FOR_AN_HOUR,
        keys={"read_by": _("Which member of the account uploaded the list.")},
    ),
    PersonalModel(
        "operators.ImportRow",
        Subject.INVITED,
        label=_("Rows of a list that somebody uploaded"),
        rows_of=rows_of_invited,
        kept=FOR_AN_HOUR,
        fields=(
            PersonalField(
                "name",
                Category.IDENTITY,
                Purpose.INVITATION,
                Basis.INTEREST,
                _("To show the list before anybody is invited."),
                label=_("Name"),
            ),
            PersonalField(
                "email",
                Category.CONTACT,
                Purpose.INVITATION,
                Basis.INTEREST,
                _("To show the list before anybody is invited."),
                label=_("E-mail"),
            ),
        ),
    ),
    PersonalModel(
        "operators.Group",
        Subject.NOBODY,
        label=_("Groups"),
        keys={"operators": _("Who answers for the group.")},
        not_personal={"name": "The company's name for a department."},
    ),
    PersonalModel(
        "operators.GroupMember",
        Subject.USER,
        label=_("Places in groups"),
        rows_of=lambda ref: GroupMember.objects.filter(operator__in=operators_of(ref)),
        kept=_("until you leave the group or the company"),
        keys={"operator": _("Which chats reach you.")},
    ),
    PersonalModel(
        "operators.OpeningHours",
        Subject.NOBODY,
        label=_("Opening hours"),
        not_personal={"week": "Times of the company.", "holidays": "Days of the company."},
        json={"week": DAYS, "holidays": ("date", "name")},
    ),
)
