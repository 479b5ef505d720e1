"""Widgets, visitors, chats and their messages."""

import secrets
import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned
from operators.models import Operator


def make_widget_key() -> str:
    """A public key that names a widget in the loader's tag: 22 URL-safe characters, not a secret."""
    return secrets.token_urlsafe(16)


class Board(AccountOwned):
    """The account-wide cursor: each change of a queue or an assignment takes the next number."""

    cursor = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account"], name="chat_board_account_once")]

    def __str__(self) -> str:
        return f"board of account {self.account_id}"


class Widget(AccountOwned):
    """The chat on one website of an account: its public key and the origins that may frame it."""

    key = models.CharField(max_length=32, unique=True, default=make_widget_key)
    name = models.CharField(max_length=120)
    allowed_origins = models.JSONField(default=list)  # ["https://shop.example"]: scheme, host and port, exactly
    brand_colour = models.CharField(max_length=7, default="#20524a")
    greeting = models.CharField(max_length=200, blank=True)
    ask_thirteen = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)  # its chats stay until their days are over

    def __str__(self) -> str:
        return f"widget {self.pk}"


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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="chat_visitor_number_unique")]
        indexes = [models.Index(fields=["account", "-seen_at"], name="chat_visitor_seen")]

    def __str__(self) -> str:
        return f"visitor {self.pk}"

    @property
    def shown_name(self) -> str:
        return self.name or _("Visitor %(number)s") % {"number": self.number}


class Chat(AccountOwned):
    """One conversation. `last_seq` is the number of its newest message; `board_seq` that of its last state change."""

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
        ]

    def __str__(self) -> str:
        return f"chat {self.pk}"


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

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat", "client_id"], name="chat_message_client_id_once"),
            models.UniqueConstraint(fields=["chat", "seq"], name="chat_message_seq_unique"),
            models.CheckConstraint(
                condition=models.Q(author__in=["visitor", "operator", "system"]), name="chat_message_author_valid"
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="chat_message_account")]

    def __str__(self) -> str:
        return f"message {self.seq} of chat {self.chat_id}"
