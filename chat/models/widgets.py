"""An account's chat on its websites, and the account-wide cursor."""

import secrets

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned
from operators.models import Group


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

    class Position(models.TextChoices):
        END = "end", _("Right (left in right-to-left pages)")
        START = "start", _("Left (right in right-to-left pages)")

    key = models.CharField(max_length=32, unique=True, default=make_widget_key)
    name = models.CharField(max_length=120)
    allowed_origins = models.JSONField(default=list)  # ["https://shop.example"]: scheme, host and port, exactly
    brand_colour = models.CharField(max_length=7, default="#20524a")
    greeting = models.CharField(max_length=200, blank=True)
    ask_thirteen = models.BooleanField(default=False)
    position = models.CharField(max_length=8, choices=Position.choices, default=Position.END)
    language = models.CharField(max_length=10, blank=True)  # of the chat window; empty: that of the page or browser
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    form = models.JSONField(default=dict)  # the form before the chat: chat/window/prechat.py says its shape
    greetings = models.JSONField(default=list)  # rules for the loader: chat/bubble/greetings.py says their shape
    identity_secret = models.CharField(max_length=200, blank=True)  # sealed; signs who a visitor is
    seen_on = models.JSONField(default=dict)  # {"https://shop.example": "2026-11-23T10:02:00Z"}: last opened there
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)  # its chats stay until their days are over

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(position__in=["end", "start"]), name="chat_widget_position_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"widget {self.pk}"


class ChatSettings(AccountOwned):
    """How an account's chats are given out and what visitors are told; one row per account, made when first needed."""

    class Routing(models.TextChoices):
        BY_HAND = "by_hand", _("By hand, from the queue")
        LEAST_BUSY = "least_busy", _("To who is least busy")
        IN_TURN = "in_turn", _("In turn")

    routing = models.CharField(max_length=16, choices=Routing.choices, default=Routing.BY_HAND)
    prefer_known = models.BooleanField(default=True)  # the operator who had the visitor's last chat comes first
    reassign_seconds = models.PositiveIntegerField(default=0)  # given out and not answered so long: the next; 0: never
    alert_seconds = models.PositiveIntegerField(default=120)  # nobody took it so long: owners get a mail; 0: never
    queue_limit = models.PositiveIntegerField(default=0)  # as many wait at most; 0: any number
    board_on = models.BooleanField(default=False)  # the bubble asks visitors whether they may be seen (S28)
    peek_on = models.BooleanField(default=True)  # P14: off, and nobody's typing is ever shown
    show_operators = models.BooleanField(default=True)  # names and photos in the chat window (S27)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], name="chat_settings_account_once"),
            models.CheckConstraint(
                condition=models.Q(routing__in=["by_hand", "least_busy", "in_turn"]), name="chat_settings_routing_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(reassign_seconds=0) | models.Q(reassign_seconds__range=(10, 3600)),
                name="chat_settings_reassign_range",
            ),
            models.CheckConstraint(
                condition=models.Q(alert_seconds=0) | models.Q(alert_seconds__range=(10, 86400)),
                name="chat_settings_alert_range",
            ),
        ]

    def __str__(self) -> str:
        return f"chat settings of account {self.account_id}"
