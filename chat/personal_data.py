"""Personal data of chat: what a visitor's chat keeps, why, and until when."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from chat.models import Chat, Message, Visitor
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

PAGE_DAYS = 30  # pages and IP addresses
KEPT = _("as long as the company chose: 90 days, unless it set 7 to 730")


def visitor_pk(ref: SubjectRef) -> int:
    """The primary key of the visitor, or 0 (nobody) for another subject."""
    return ref.pk if ref.subject is Subject.VISITOR else 0


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
    ),
    PersonalModel(
        "chat.Message",
        Subject.VISITOR,
        label=_("Messages"),
        rows_of=lambda ref: Message.objects.filter(chat__visitor=visitor_pk(ref)),
        kept=KEPT,
        fields=(chat_field("text", Category.CONTENT, _("The conversation itself."), _("Message")),),
        keys={"operator": _("Which operator wrote it.")},
        not_personal={"event": "The name of a kind of line: started, joined, closed."},
    ),
    PersonalModel(
        "chat.Visitor",
        Subject.VISITOR,
        label=_("A visitor who opened the chat"),
        is_person=True,
        rows_of=lambda ref: Visitor.objects.filter(pk=visitor_pk(ref)),
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
            chat_field("visits", Category.TECHNICAL, _("How often you opened the chat."), _("Visits")),
            chat_field("seen_at", Category.TECHNICAL, _("When you were last in the chat."), _("Last seen")),
            chat_field(
                "peek_allowed",
                Category.CHOICE,
                _("Whether the operator may see what you type."),
                _("Preview of typing"),
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
        },
    ),
)
