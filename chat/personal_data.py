"""Personal data of chat: what a visitor's chat keeps, why, and until when."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Account
from chat.events import rows_replaced
from chat.files import store
from chat.models import Attachment, Block, BoardReceipt, Chat, ChatTag, Draft, Message, MessageVersion, Note, Visitor
from core.personal_data import (
    Basis,
    Category,
    Erase,
    PersonalField,
    PersonalModel,
    Purpose,
    Review,
    Subject,
    SubjectRef,
    registry,
)
from core.realtime import close_room_sockets
from policies.actions import forget_receipts

PAGE_DAYS = 30  # pages and IP addresses
KEPT = _("as long as the company chose: 90 days, unless it set 7 to 730")


def say_kept(rows: "QuerySet[Any]") -> Any:
    """How long the companies of these rows keep chats, as they have set it now."""
    days = sorted(set(rows.order_by().values_list("account__chat_keep_days", flat=True)))
    return _("%(days)s days after the chat ended") % {"days": ", ".join(map(str, days))} if days else KEPT


def visitor_pk(ref: SubjectRef) -> int:
    """The primary key of the visitor, or 0 (nobody) for another subject."""
    return ref.pk if ref.subject is Subject.VISITOR else 0


def rows_of(model: Any, path: str) -> Callable[[SubjectRef], QuerySet[Any]]:
    """A function that gives the rows that lead over `path` to a visitor; to one who was erased none lead any more."""

    def find(ref: SubjectRef) -> QuerySet[Any]:
        rows: QuerySet[Any] = model.objects.filter(**{path: visitor_pk(ref), f"{path}__erased_at": None})
        return rows

    return find


def visitors_of_address(email: str) -> QuerySet[Visitor]:
    """The visitors who gave this address, however they wrote it; erased ones have none."""
    return Visitor.objects.exclude(email="").alias(address=Lower("email")).filter(address=Lower(Value(email)))


def replace(model: str) -> Callable[[list[int]], None]:
    """What replaces the rows of a table that stay (chat.actions.emptying)."""

    def replace_rows(keys: list[int]) -> None:
        rows_replaced.send(sender=None, model=model, keys=keys)

    return replace_rows


def count_masked(account: Account) -> int:
    """How many lines of the account were masked and wait for a look."""
    return Message.of(account).filter(masked_at__isnull=False).count()


def say_masked(count: int) -> str:
    """The same in words."""
    said = ngettext(
        "%(n)d line of your operators was masked after an erasure. Look at it.",
        "%(n)d lines of your operators were masked after an erasure. Look at them.",
        count,
    )
    return said % {"n": count}


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


def blanked(name: str, category: Category, why: Any, label: Any, **changes: Any) -> PersonalField:
    """The same, where an erasure empties it and leaves the row."""
    return chat_field(name, category, why, label, erase=Erase.BLANK, **changes)


NOBODYS: Any = {
    "erase": Erase.KEEP,
    "kept_because": _("A count of the company; once you are erased it is nobody's."),
}

registry.register(
    # an erasure goes in this order: what visitors wrote of themselves is read before it goes
    PersonalModel(
        "chat.Message",
        Subject.VISITOR,
        label=_("Messages"),
        rows_of=rows_of(Message, "chat__visitor"),
        kept=KEPT,
        kept_of=say_kept,
        fields=(
            chat_field("text", Category.CONTENT, _("The conversation itself."), _("Message"), erase=Erase.REPLACE),
            blanked("file", Category.CONTENT, _("Name, kind and size of a file that was sent."), _("File")),
        ),
        before_delete=store.forget_files_of_lines,
        stays_because=_(
            "The company keeps what its operators wrote. Your words are removed, and your name, addresses and numbers "
            "are masked in theirs."
        ),
        replace=replace("chat.Message"),
        review=Review("chat:masked", count_masked, say_masked),
        keys={"operator": _("Which operator wrote it.")},
        not_personal={"event": "The name of a kind of line: started, joined, closed."},
        json={"file": ("id", "name", "size", "type", "w", "h")},
    ),
    # retention goes in this order: a visitor goes once the last chat is gone
    PersonalModel(
        "chat.Chat",
        Subject.VISITOR,
        label=_("A chat"),
        rows_of=rows_of(Chat, "visitor"),
        before_delete=store.forget_files_of_chats,
        stays_because=_(
            "The company keeps that a chat took place, when, with whom of its people and how it was rated."
        ),
        replace=replace("chat.Chat"),
        aged_by="last_at",
        expired=expired_chats,
        kept=KEPT,
        kept_of=say_kept,
        fields=(
            chat_field(
                "last_text",
                Category.CONTENT,
                _("The beginning of the last message, for the list of chats."),
                _("Last message"),
                erase=Erase.REPLACE,
            ),
            chat_field(
                "rating",
                Category.CONTENT,
                _("So that the company knows whether the chat helped."),
                _("Rating"),
                **NOBODYS,
            ),
            blanked("rating_comment", Category.CONTENT, _("What you wrote with your rating."), _("Comment")),
            blanked(
                "answers", Category.CONTENT, _("What you answered in the form before the chat."), _("Your answers")
            ),
            blanked(
                "page_url", Category.TECHNICAL, _("The page on which the chat began."), _("Page"), keep_days=PAGE_DAYS
            ),
            blanked(
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
        "chat.Visitor",
        Subject.VISITOR,
        label=_("A visitor who opened the chat"),
        is_person=True,
        rows_of=lambda ref: Visitor.objects.filter(pk=visitor_pk(ref), erased_at=None),
        of_address=visitors_of_address,
        before_delete=leave_nothing,
        stays_because=_(
            "Your chats count as those of one person, who has a made-up name. Nothing leads from it to you."
        ),
        replace=replace("chat.Visitor"),
        after_erase=close_windows,
        aged_by="seen_at",
        expired=expired_visitors,
        kept=KEPT,
        kept_of=say_kept,
        fields=(
            chat_field(
                "name",
                Category.IDENTITY,
                _("So that the operator can address you. You may leave it out."),
                _("Name"),
                erase=Erase.PSEUDONYM,
            ),
            blanked(
                "email", Category.CONTACT, _("For an answer when you have left. You may leave it out."), _("E-mail")
            ),
            blanked(
                "ip_address", Category.TECHNICAL, _("To stop abuse of the chat."), _("IP address"), keep_days=PAGE_DAYS
            ),
            blanked("browser", Category.TECHNICAL, _("So that the operator can help with what you see."), _("Browser")),
            blanked("system", Category.TECHNICAL, _("So that the operator can help with what you see."), _("System")),
            blanked(
                "page_url",
                Category.TECHNICAL,
                _("So that the operator sees which page is open."),
                _("Page"),
                keep_days=PAGE_DAYS,
            ),
            blanked(
                "page_title",
                Category.TECHNICAL,
                _("So that the operator sees which page is open."),
                _("Title of the page"),
                keep_days=PAGE_DAYS,
            ),
            blanked(
                "referrer", Category.TECHNICAL, _("The page that you came from."), _("Referrer"), keep_days=PAGE_DAYS
            ),
            blanked(
                "external_id",
                Category.IDENTITY,
                _("Who the website says you are, when you were signed in there."),
                _("Your number on the website"),
            ),
            blanked("language", Category.TECHNICAL, _("So that the chat window speaks your language."), _("Language")),
            chat_field("visits", Category.TECHNICAL, _("How often you opened the chat."), _("Visits"), **NOBODYS),
            chat_field("seen_at", Category.TECHNICAL, _("When you were last in the chat."), _("Last seen"), **NOBODYS),
            blanked(
                "peek_allowed",
                Category.CHOICE,
                _("Whether the operator may see what you type."),
                _("Preview of typing"),
            ),
            blanked(
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
                erase=Erase.REPLACE,
            ),
            blanked(
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
        rows_of=rows_of(Note, "chat__visitor"),
        kept=KEPT,
        kept_of=say_kept,
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
        rows_of=rows_of(Attachment, "chat__visitor"),
        files_of=lambda row: [(row.name, store.path_of(row.path))] if row.path else [],
        before_delete=store.forget_files,
        kept=KEPT,
        kept_of=say_kept,
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
        rows_of=rows_of(MessageVersion, "message__chat__visitor"),
        kept=KEPT,
        kept_of=say_kept,
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
        rows_of=rows_of(Draft, "chat__visitor"),
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
        stays_because=_("Words of the company, by which it sorts and counts its chats."),
        rows_of=rows_of(ChatTag, "chat__visitor"),
        kept=KEPT,
        kept_of=say_kept,
        keys={"operator": _("Which operator set it.")},
    ),
    PersonalModel(
        "chat.Block",
        Subject.VISITOR,
        label=_("Who cannot open the chat"),
        rows_of=rows_of(Block, "visitor"),
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
        rows_of=rows_of(BoardReceipt, "visitor"),
        aged_by="given_at",
        kept=KEPT,
        kept_of=say_kept,
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
