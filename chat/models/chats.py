"""Visitors, chats and their numbered lines."""

import uuid

from django.db import models
from django.db.models.functions import Coalesce, Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned
from chat.models.widgets import Widget
from operators.models import Group, Operator


class Visitor(AccountOwned):
    """A person on a customer's website who opened the chat. No login; a secret in the frame is the key to it."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    widget = models.ForeignKey(Widget, on_delete=models.CASCADE, related_name="visitors")
    number = models.PositiveIntegerField()  # "Visitor 4821", per account
    secret_hash = models.CharField(max_length=64, unique=True)
    previous_secret_hash = models.CharField(max_length=64, blank=True, db_index=True)  # an answer may get lost
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    visits = models.PositiveIntegerField(default=1)
    first_seen_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    browser = models.CharField(max_length=60, blank=True)
    system = models.CharField(max_length=60, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    page_url = models.CharField(max_length=500, blank=True)
    page_title = models.CharField(max_length=200, blank=True)
    referrer = models.CharField(max_length=500, blank=True)
    peek_allowed = models.BooleanField(default=True)  # P14: the visitor can switch the preview of typing off
    seen_allowed = models.BooleanField(default=True)  # P14: and the page that is open, and being listed (S28)
    language = models.CharField(max_length=10, blank=True)  # of the chat window
    external_id = models.CharField(max_length=120, blank=True)  # who the website says this is, by a signed token
    identified_at = models.DateTimeField(null=True, blank=True)
    # erased: the row stays so that the company's log still counts one person, and it is nobody's any more (P6)
    alias = models.PositiveIntegerField(null=True, blank=True)  # of "Visitor 7F3A", as a number
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="chat_visitor_number_unique")]
        indexes = [
            models.Index(fields=["account", "-seen_at"], name="chat_visitor_seen"),
            models.Index(Lower("email"), name="chat_visitor_address"),  # whoever proves an address finds their chats
            models.Index(
                fields=["account", "external_id"], name="chat_visitor_external", condition=~models.Q(external_id="")
            ),
        ]

    def __str__(self) -> str:
        return f"visitor {self.pk}"

    @property
    def shown_name(self) -> str:
        return self.name or _("Visitor %(number)s") % {"number": self.number}

    @property
    def is_known(self) -> bool:
        """Whether this is still somebody: as `KNOWN`."""
        return self.alias is None

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None


KNOWN = models.Q(alias=None)  # visitors whose erasure has not begun: from then on the row is nobody who acts


class Chat(AccountOwned):
    """One conversation. `last_seq` is the number of its newest message; `board_seq` that of its last state change."""

    tag_names: list[str] | None = None  # where chat.desk.tags.read_tags read them along

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        OPEN = "open", _("Open")
        CLOSED = "closed", _("Closed")

    class Rating(models.TextChoices):
        GOOD = "good", _("Good")
        BAD = "bad", _("Bad")

    class ClosedBy(models.TextChoices):
        OPERATOR = "operator", _("Operator")
        VISITOR = "visitor", _("Visitor")
        SYSTEM = "system", _("The system")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    widget = models.ForeignKey(Widget, on_delete=models.CASCADE, related_name="chats")
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="chats")
    operator = models.ForeignKey(Operator, on_delete=models.SET_NULL, null=True, blank=True, related_name="chats")
    state = models.CharField(max_length=16, choices=State.choices, default=State.WAITING)
    started_at = models.DateTimeField(default=timezone.now)
    accepted_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.CharField(max_length=16, choices=ClosedBy.choices, blank=True)
    last_seq = models.PositiveIntegerField(default=0)
    board_seq = models.BigIntegerField(default=0)
    last_text = models.CharField(max_length=200, blank=True)
    last_at = models.DateTimeField(default=timezone.now)
    last_by_visitor = models.BooleanField(default=True)
    message_count = models.PositiveIntegerField(default=0)
    visitor_read_seq = models.PositiveIntegerField(default=0)
    operator_read_seq = models.PositiveIntegerField(default=0)
    rating = models.CharField(max_length=8, choices=Rating.choices, blank=True)
    rating_comment = models.CharField(max_length=1000, blank=True)
    page_url = models.CharField(max_length=500, blank=True)
    page_title = models.CharField(max_length=200, blank=True)
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    answers = models.JSONField(default=list)  # of the form before the chat: [{"question": "...", "answer": "..."}]
    by_mail = models.BooleanField(default=False)  # nobody was here, or the visitor would not wait: answers go by mail
    queued_at = models.DateTimeField(default=timezone.now)  # since when it waits; anew when it comes back to the queue
    answer_due_at = models.DateTimeField(null=True, blank=True)  # given out: passes on when not answered by then
    mailed_seq = models.PositiveIntegerField(default=0)  # up to here the operator's lines were sent by mail
    alerted_at = models.DateTimeField(null=True, blank=True)  # the owners were told that nobody took it
    first_reply_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)  # the oldest line of the visitor that has no reply yet
    visitor_lines = models.PositiveIntegerField(default=0)
    operator_lines = models.PositiveIntegerField(default=0)
    replies = models.PositiveIntegerField(default=0)  # how often an operator answered a visitor who had asked
    reply_ms = models.BigIntegerField(default=0)  # how long those answers took, together

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["waiting", "open", "closed"]), name="chat_chat_state_valid"
            ),
            models.CheckConstraint(condition=models.Q(rating__in=["", "good", "bad"]), name="chat_chat_rating_valid"),
            models.CheckConstraint(
                condition=models.Q(state="closed") | models.Q(closed_at__isnull=True), name="chat_chat_closed_has_end"
            ),
            models.UniqueConstraint(
                fields=["visitor"], condition=~models.Q(state="closed"), name="chat_chat_one_live_per_visitor"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="chat_chat_archive"),
            models.Index(fields=["account", "started_at"], name="chat_chat_started"),
            models.Index(fields=["account", "board_seq"], name="chat_chat_board"),
            models.Index(fields=["account", "state"], name="chat_chat_live", condition=~models.Q(state="closed")),
            models.Index(
                fields=["answer_due_at"], name="chat_chat_due", condition=models.Q(answer_due_at__isnull=False)
            ),
            models.Index(fields=["account", "operator", "-id"], name="chat_chat_of_operator"),
            models.Index(fields=["account", "group", "-id"], name="chat_chat_of_group"),
            models.Index(fields=["account", "rating", "-id"], name="chat_chat_rated", condition=~models.Q(rating="")),
            models.Index(fields=["account", "-id"], name="chat_chat_mailed", condition=models.Q(by_mail=True)),
        ]

    def __str__(self) -> str:
        return f"chat {self.pk}"


# an expression, so that no index of all chats looks better than that of the live ones because it has the order
LONGEST_FIRST = (Coalesce("started_at", "last_at"), "pk")


def live_in(*states: str) -> models.Q:
    """Chats in one of these states, none of them ended, in the words of the index of live chats.

    SQLite uses a partial index only where the statement says its condition too.
    """
    return models.Q(state__in=states) & ~models.Q(state=Chat.State.CLOSED)


class Message(AccountOwned):
    """One numbered line of a chat. `seq` has no holes within a chat; `client_id` makes a resend harmless."""

    class Author(models.TextChoices):
        VISITOR = "visitor", _("Visitor")
        OPERATOR = "operator", _("Operator")
        SYSTEM = "system", _("System")

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="messages", db_index=False)
    seq = models.PositiveIntegerField()
    client_id = models.UUIDField()
    author = models.CharField(max_length=16, choices=Author.choices)
    operator = models.ForeignKey(
        Operator, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    event = models.CharField(max_length=32, blank=True)  # of a system line: "joined", "closed", ...; else empty
    text = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    of_seq = models.PositiveIntegerField(null=True, blank=True)  # the line that "edited" and "removed" are about
    edited_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)  # by its author; the text is gone
    masked_at = models.DateTimeField(null=True, blank=True)  # words of an erased visitor left it; nobody looked yet
    file = models.JSONField(null=True, blank=True)  # of its attachment: {"id", "name", "size", "type", "w", "h"}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat", "client_id"], name="chat_message_client_id_once"),
            models.UniqueConstraint(fields=["chat", "seq"], name="chat_message_seq_unique"),
            models.CheckConstraint(
                condition=models.Q(author__in=["visitor", "operator", "system"]), name="chat_message_author_valid"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="chat_message_account"),
            models.Index(
                fields=["account", "-id"], name="chat_message_masked", condition=models.Q(masked_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"message {self.seq} of chat {self.chat_id}"
