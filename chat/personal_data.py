"""Personal data of chat: what a visitor's chat keeps, why, and until when."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from chat.files import store
from chat.models import Attachment, Block, BoardReceipt, Chat, ChatTag, Draft, Message, MessageVersion, Note, Visitor
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
from core.realtime import close_room_sockets
from policies.actions import forget_receipts

PAGE_DAYS = 30  # pages and IP addresses
KEPT = _("as long as the company chose: 90 days, unless it set 7 to 730")


def visitor_pk(ref: SubjectRef) -> int:
    """The primary key of the visitor, or 0 (nobody) for another subject."""
    return ref.pk if ref.subject is Subject.VISITOR else 0


def visitors_of_address(email: str) -> QuerySet[Visitor]:
    """The visitors who gave this address, however they wrote it."""
    return Visitor.objects.exclude(email="").alias(address=Lower("email")).filter(address=Lower(Value(email)))


def leave_nothing(keys: list[int]) -> None:
    """What visitors whose rows go leave elsewhere goes too: files, and the receipts of what they said yes to."""
    store.forget_files_of_visitors(keys)
    forget_receipts(subjects=[f"{Subject.VISITOR.value}:{key}" for key in keys])


def close_windows(keys: list[int]) -> None:
    """The chat windows of somebody who was erased are closed, and what they told of themselves leaves the memory."""
    for key in keys:
        close_room_sockets(f"wsession:{key}")


def older_than_kept(now: datetime, moment: str) -> Q:
    """Rows whose `moment` lies further back than their account keeps chats."""
    old = Q(pk__in=[])
    for days in Account.objects.order_by().values_list("chat_keep_days", flat=True).distinct():
        old |= Q(**{"account__chat_keep_days": days, f"{moment}__lt": now - timedelta(days=days)})
    return old


def expired_chats(now: datetime) -> QuerySet[Chat]:
    """Closed chats whose account keeps chats no longer than that (S26)."""
    return Chat.objects.filter(older_than_kept(now, "closed_at"), state=Chat.State.CLOSED)


def expired_visitors(now: datetime) -> QuerySet[Visitor]:
    """Visitors whose last chat is gone, and who have not come back since."""
    has_chats = Exists(Chat.objects.filter(visitor=OuterRef("pk")))
    return Visitor.objects.filter(older_than_kept(now, "seen_at")).exclude(has_chats)


def chat_field(name: str, category: Category, why: Any, label: Any, **changes: Any) -> PersonalField:
    """A field that the conversation needs."""
    return PersonalField(name, category, Purpose.CHAT, Basis.INTEREST, why, label=label, **changes)


registry.register(
    # retention goes in this order: a visitor goes once the last chat is gone
    PersonalModel(
        "chat.Chat",
        Subject.VISITOR,
        label=_("A chat"),
        rows_of=lambda ref: Chat.objects.filter(visitor=visitor_pk(ref)),
        before_delete=store.forget_files_of_chats,
        aged_by="last_at",
        expired=expired_chats,
        kept=KEPT,
        fields=(
            chat_field(
                "last_text",
                Category.CONTENT,
                _("The beginning of the last message, for the list of chats."),
                _("Last message"),
            ),
            chat_field(
                "rating", Category.CONTENT, _("So that the company knows whether the chat helped."), _("Rating")
            ),
            chat_field("rating_comment", Category.CONTENT, _("What you wrote with your rating."), _("Comment")),
            chat_field(
                "answers", Category.CONTENT, _("What you answered in the form before the chat."), _("Your answers")
            ),
            chat_field(
                "page_url", Category.TECHNICAL, _("The page on which the chat began."), _("Page"), keep_days=PAGE_DAYS
            ),
            chat_field(
                "page_title",
                Category.TECHNICAL,
                _("The page on which the chat began."),
                _("Title of the page"),
                keep_days=PAGE_DAYS,
            ),
        ),
        keys={"visitor": _("Whose chat it is."), "operator": _("Who answered.")},
        json={"answers": ("question", "answer")},
    ),
    PersonalModel(
        "chat.Message",
        Subject.VISITOR,
        label=_("Messages"),
        rows_of=lambda ref: Message.objects.filter(chat__visitor=visitor_pk(ref)),
        kept=KEPT,
        fields=(
            chat_field("text", Category.CONTENT, _("The conversation itself."), _("Message")),
            chat_field("file", Category.CONTENT, _("Name, kind and size of a file that was sent."), _("File")),
        ),
        keys={"operator": _("Which operator wrote it.")},
        not_personal={"event": "The name of a kind of line: started, joined, closed."},
        json={"file": ("id", "name", "size", "type", "w", "h")},
    ),
    PersonalModel(
        "chat.Visitor",
        Subject.VISITOR,
        label=_("A visitor who opened the chat"),
        is_person=True,
        rows_of=lambda ref: Visitor.objects.filter(pk=visitor_pk(ref)),
        of_address=visitors_of_address,
        before_delete=leave_nothing,
        after_erase=close_windows,
        aged_by="seen_at",
        expired=expired_visitors,
        kept=KEPT,
        fields=(
            chat_field(
                "name", Category.IDENTITY, _("So that the operator can address you. You may leave it out."), _("Name")
            ),
            chat_field(
                "email", Category.CONTACT, _("For an answer when you have left. You may leave it out."), _("E-mail")
            ),
            chat_field(
                "ip_address", Category.TECHNICAL, _("To stop abuse of the chat."), _("IP address"), keep_days=PAGE_DAYS
            ),
            chat_field(
                "browser", Category.TECHNICAL, _("So that the operator can help with what you see."), _("Browser")
            ),
            chat_field(
                "system", Category.TECHNICAL, _("So that the operator can help with what you see."), _("System")
            ),
            chat_field(
                "page_url",
                Category.TECHNICAL,
                _("So that the operator sees which page is open."),
                _("Page"),
                keep_days=PAGE_DAYS,
            ),
            chat_field(
                "page_title",
                Category.TECHNICAL,
                _("So that the operator sees which page is open."),
                _("Title of the page"),
                keep_days=PAGE_DAYS,
            ),
            chat_field(
                "referrer", Category.TECHNICAL, _("The page that you came from."), _("Referrer"), keep_days=PAGE_DAYS
            ),
            chat_field(
                "external_id",
                Category.IDENTITY,
                _("Who the website says you are, when you were signed in there."),
                _("Your number on the website"),
            ),
            chat_field(
                "language", Category.TECHNICAL, _("So that the chat window speaks your language."), _("Language")
            ),
            chat_field("visits", Category.TECHNICAL, _("How often you opened the chat."), _("Visits")),
            chat_field("seen_at", Category.TECHNICAL, _("When you were last in the chat."), _("Last seen")),
            chat_field(
                "peek_allowed",
                Category.CHOICE,
                _("Whether the operator may see what you type."),
                _("Preview of typing"),
            ),
            chat_field(
                "seen_allowed",
                Category.CHOICE,
                _("Whether the company may see which page is open."),
                _("Being seen"),
            ),
            chat_field(
                "secret_hash",
                Category.SECRET,
                _("So that only your browser can come back to your chat."),
                _("Hash of the chat's key"),
                export=False,
            ),
            chat_field(
                "previous_secret_hash",
                Category.SECRET,
                _("So that a chat is not lost when a new key does not arrive."),
                _("Hash of the key before"),
                export=False,
            ),
        ),
    ),
    PersonalModel(
        "chat.Widget",
        Subject.NOBODY,
        label=_("The chat on a website"),
        not_personal={
            "key": "A public key that names the widget.",
            "name": "The company's name for its widget.",
            "allowed_origins": "Addresses of the company's websites.",
            "brand_colour": "A colour.",
            "greeting": "A text of the company, public on its website.",
            "language": "A language of the company's choice.",
            "form": "Questions of the company, public on its website.",
            "greetings": "Texts and rules of the company, public on its website.",
            "identity_secret": "A secret of the company, sealed.",
            "seen_on": "When the chat was last opened on each of the company's websites.",
        },
        json={
            "allowed_origins": (),
            "form": (
                "name",
                "email",
                "group",
                "questions",
                "questions/id",
                "questions/label",
                "questions/kind",
                "questions/required",
                "questions/options",
            ),
            "greetings": ("id", "text", "page", "after", "first", "times"),
            "seen_on": "The addresses of the company's websites, as in allowed_origins.",
        },
    ),
    PersonalModel(
        "chat.Note",
        Subject.VISITOR,
        label=_("Notes between operators"),
        rows_of=lambda ref: Note.objects.filter(chat__visitor=visitor_pk(ref)),
        kept=KEPT,
        fields=(
            chat_field(
                "text",
                Category.CONTENT,
                _("So that colleagues can help each other with your question."),
                _("Note"),
                export=False,  # the company gives it out on request: it may speak of others too
            ),
        ),
        keys={"operator": _("Which operator wrote it.")},
        not_personal={"mentions": "Keys of operators of the same company."},
        json={"mentions": ()},
    ),
    PersonalModel(
        "chat.Attachment",
        Subject.VISITOR,
        label=_("Files"),
        rows_of=lambda ref: Attachment.objects.filter(chat__visitor=visitor_pk(ref)),
        files_of=lambda row: [(row.name, store.path_of(row.path))] if row.path else [],
        before_delete=store.forget_files,
        kept=KEPT,
        fields=(
            chat_field("name", Category.CONTENT, _("So that a file can be told from another."), _("Name of a file")),
            chat_field("path", Category.CONTENT, _("The file itself."), _("File"), export=False),
        ),
        keys={"operator": _("Which operator sent it.")},
        not_personal={"content_type": "A kind of file."},
    ),
    PersonalModel(
        "chat.MessageVersion",
        Subject.VISITOR,
        label=_("Earlier versions of messages"),
        rows_of=lambda ref: MessageVersion.objects.filter(message__chat__visitor=visitor_pk(ref)),
        kept=KEPT,
        fields=(
            chat_field(
                "text", Category.CONTENT, _("So that nobody can deny what was said."), _("Earlier text"), export=False
            ),
        ),
    ),
    PersonalModel(
        "chat.Draft",
        Subject.VISITOR,
        label=_("Replies that are being written"),
        rows_of=lambda ref: Draft.objects.filter(chat__visitor=visitor_pk(ref)),
        kept=_("until the reply is sent or the chat ends"),
        fields=(
            chat_field(
                "text",
                Category.CONTENT,
                _("So that an operator can go on writing on another computer."),
                _("Draft"),
                export=False,
            ),
        ),
        keys={"operator": _("Which operator writes it.")},
    ),
    PersonalModel(
        "chat.ChatTag",
        Subject.VISITOR,
        label=_("Tags of chats"),
        rows_of=lambda ref: ChatTag.objects.filter(chat__visitor=visitor_pk(ref)),
        kept=KEPT,
        keys={"operator": _("Which operator set it.")},
    ),
    PersonalModel(
        "chat.Block",
        Subject.VISITOR,
        label=_("Who cannot open the chat"),
        rows_of=lambda ref: Block.objects.filter(visitor=visitor_pk(ref)),
        aged_by="created_at",
        expired=lambda now: Block.objects.filter(until__lt=now),
        kept=_("until the day that the operator set, at most 30 days"),
        fields=(
            PersonalField(
                "network",
                Category.TECHNICAL,
                Purpose.SECURITY,
                Basis.INTEREST,
                _("To stop abuse of the chat."),
                label=_("Blocked address"),
                export=False,
            ),
            PersonalField(
                "reason",
                Category.RECORD,
                Purpose.SECURITY,
                Basis.INTEREST,
                _("Why the chat was closed to you."),
                label=_("Reason"),
            ),
        ),
        keys={"visitor": _("Who is blocked."), "operator": _("Which operator blocked.")},
    ),
    PersonalModel(
        "chat.BoardReceipt",
        Subject.VISITOR,
        label=_("Your yes to being seen"),
        rows_of=lambda ref: BoardReceipt.objects.filter(visitor=visitor_pk(ref)),
        aged_by="given_at",
        kept=KEPT,
        fields=(
            PersonalField(
                "text",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONSENT,
                _("To prove what you were asked and that you said yes."),
                label=_("What you were asked"),
            ),
            PersonalField(
                "withdrawn_at",
                Category.RECORD,
                Purpose.CHAT,
                Basis.CONSENT,
                _("When you took it back."),
                label=_("Taken back"),
            ),
        ),
        keys={"visitor": _("Who said yes.")},
        not_personal={"text_hash": "A hash of the sentence that was shown."},
    ),
    PersonalModel(
        "chat.Tag",
        Subject.NOBODY,
        label=_("Tags"),
        not_personal={"name": "A word of the company for its chats."},
    ),
    PersonalModel(
        "chat.SavedReply",
        Subject.NOBODY,
        label=_("Saved replies"),
        keys={"operator": _("Whose own saved reply it is; deleted with the operator.")},
        not_personal={"shortcut": "A word of the company.", "text": "A text of the company."},
    ),
)
