"""Personal data of requests: the address is used to answer them and for nothing else (S16, P8)."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from chat.files import store
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
from operators.hours import DAYS
from support.models import (
    RequestEvent,
    RequestFile,
    RequestMessage,
    SavedReply,
    StaffGrant,
    StaffLook,
    SupportRequest,
)

KEPT = _("3 years after the request is closed; 1 year for somebody under 18")


def user_pk(ref: SubjectRef) -> int:
    """The primary key of the person with a login, or 0 (nobody)."""
    return ref.pk if ref.subject is Subject.USER else 0


def old_requests(now: datetime) -> "QuerySet[SupportRequest]":
    """Requests whose days are over since they were closed."""
    old = Q(closed_at__lt=now - timedelta(days=SupportRequest.KEEP_DAYS))
    young = Q(user__is_minor=True, closed_at__lt=now - timedelta(days=SupportRequest.KEEP_DAYS_YOUNG))
    return SupportRequest.objects.filter(old | young)


def requests_of(ref: SubjectRef) -> "QuerySet[SupportRequest]":
    """What a member asked, and nothing that they answered as an agent; or one request of somebody without a login."""
    if ref.subject is Subject.GUEST:
        return SupportRequest.objects.filter(pk=ref.pk, user=None)
    return SupportRequest.objects.filter(user=user_pk(ref))


def forget_files_of(keys: list[Any]) -> None:
    """Files of requests whose rows go, in the caller's transaction."""
    rows = RequestFile.objects.filter(message__request_id__in=keys)
    store.remove_on_commit(list(rows.values_list("path", flat=True)))


def forget_files_of_messages(keys: list[Any]) -> None:
    """The same for messages."""
    store.remove_on_commit(list(RequestFile.objects.filter(message_id__in=keys).values_list("path", flat=True)))


def forget_files(keys: list[Any]) -> None:
    """The same for files."""
    store.remove_on_commit(list(RequestFile.objects.filter(pk__in=keys).values_list("path", flat=True)))


def support_field(name: str, category: Category, why: Any, label: Any, **changes: Any) -> PersonalField:
    """A field that is used to answer a request."""
    return PersonalField(name, category, Purpose.SUPPORT, Basis.CONTRACT, why, label=label, **changes)


OPTIONAL = _("Only if it helps us to answer. You may leave it out.")

registry.register(
    PersonalModel(
        "support.SupportRequest",
        Subject.USER,
        label=_("Your requests"),
        rows_of=requests_of,
        of_address=lambda email: SupportRequest.objects.filter(email__in={email, email.lower()}, user=None),
        stands_for=Subject.GUEST,
        link="support:mine",
        expired=old_requests,
        keeps_young_less=True,
        kept=KEPT,
        before_delete=forget_files_of,
        fields=(
            support_field(
                "email", Category.CONTACT, _("Used to answer this request and for nothing else."), _("E-mail"),
                recipients=("mail",),
            ),
            support_field("name", Category.IDENTITY, OPTIONAL, _("Name")),
            support_field("surname", Category.IDENTITY, OPTIONAL, _("Surname")),
            support_field("company", Category.COMPANY, OPTIONAL, _("Company")),
            support_field("address", Category.CONTACT, OPTIONAL, _("Address")),
            support_field("website", Category.COMPANY, OPTIONAL, _("Website")),
            support_field("subject", Category.CONTENT, _("What you ask about."), _("Subject")),
            support_field("language", Category.CHOICE, _("So that mails come in your language."), _("Language")),
            support_field(
                "secret_hash", Category.SECRET, _("Opens your request without a log-in."), _("Link"), export=False
            ),
            support_field("rating_comment", Category.CONTENT, _("What you said about our answer."), _("Your rating")),
        ),
        keys={"user": _("Who asked."), "assignee": _("Which of our agents looks after it.")},
    ),
    PersonalModel(
        "support.RequestMessage",
        Subject.USER,
        label=_("Messages of your requests"),
        rows_of=lambda ref: RequestMessage.objects.filter(request__in=requests_of(ref)).exclude(
            author=RequestMessage.Author.NOTE
        ),
        kept=KEPT,
        before_delete=forget_files_of_messages,
        fields=(
            support_field("text", Category.CONTENT, _("What you and we wrote."), _("Message"), recipients=("mail",)),
            support_field(
                "mail_id", Category.TECHNICAL, _("So that a mail that comes twice is one message."), _("Mail"),
                export=False,
            ),
        ),
        keys={"user": _("Who wrote it.")},
    ),
    PersonalModel(
        "support.RequestFile",
        Subject.USER,
        label=_("Files of your requests"),
        rows_of=lambda ref: RequestFile.objects.filter(message__request__in=requests_of(ref)),
        files_of=lambda row: [(row.name, store.path_of(row.path))] if row.path else [],
        kept=KEPT,
        before_delete=forget_files,
        fields=(support_field("name", Category.CONTENT, _("The name of a file that was sent."), _("File")),),
        not_personal={"content_type": "What kind of file it is.", "path": "A random name on the disk."},
    ),
    PersonalModel(
        "support.RequestEvent",
        Subject.USER,
        label=_("What happened to your requests"),
        rows_of=lambda ref: RequestEvent.objects.filter(request__in=requests_of(ref)),
        kept=KEPT,
        keys={"user": _("Who did it.")},
        not_personal={"value": "A status, a priority, a tag or a number."},
    ),
    PersonalModel(
        "support.RequestTag",
        Subject.NOBODY,
        label=_("Tags of requests"),
        not_personal={"name": "A word of our agents for a kind of request."},
    ),
    PersonalModel(
        "support.SavedReply",
        Subject.USER,
        label=_("Saved replies that you made as an agent"),
        rows_of=lambda ref: SavedReply.objects.filter(made_by=user_pk(ref)),
        kept=_("until an agent deletes it"),
        fields=(
            support_field(
                "title", Category.CONTENT, _("So that agents find the text."), _("Title"), erase=Erase.KEEP,
                kept_because=_("It is a text of the desk, about nobody."),
            ),
            support_field(
                "text", Category.CONTENT, _("A text for many requests."), _("Text"), erase=Erase.KEEP,
                kept_because=_("It is a text of the desk, about nobody."),
            ),
        ),
        keys={"made_by": _("Which agent made it.")},
    ),
    PersonalModel(
        "support.DeskHours",
        Subject.NOBODY,
        label=_("Hours of the desk"),
        not_personal={
            "zone": "A time zone.", "week": "Hours of our desk.", "holidays": "Days on which our desk is shut.",
            "targets": "How fast we want to answer.",
        },
        json={"week": DAYS, "holidays": ("date", "name"), "targets": tuple(SupportRequest.Priority.values)},
    ),
    PersonalModel(
        "support.StaffGrant",
        Subject.USER,
        label=_("Leave for our staff to read chats"),
        rows_of=lambda ref: StaffGrant.objects.filter(asked_by=user_pk(ref)),
        kept=_("as long as the account"),
        fields=(
            PersonalField(
                "reason",
                Category.CONTENT,
                Purpose.SECURITY,
                Basis.INTEREST,
                _("So that everybody can see later why the chats were opened."),
                erase=Erase.KEEP,
                label=_("Reason"),
                kept_because=_("It tells the company why its chats were opened, without the name of who asked."),
            ),
        ),
        keys={"asked_by": _("Who gave or asked for it."), "approved_by": _("Who of our staff approved it.")},
    ),
    PersonalModel(
        "support.StaffLook",
        Subject.USER,
        label=_("What you looked at as an agent"),
        rows_of=lambda ref: StaffLook.objects.filter(staff=user_pk(ref)),
        kept=_("as long as the account"),
        keys={"staff": _("Who looked.")},
    ),
)  # fmt: skip
