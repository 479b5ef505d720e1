"""Consents of visitors to be seen on the live board (S28, P14, P16)."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned
from chat.models.chats import Visitor


class BoardReceipt(AccountOwned):
    """A yes of a visitor to being seen on the board: which words were shown, when and where; ended when taken back.

    Rows are only added, and only `withdrawn_at` is ever set. A no is not stored.
    """

    class Channel(models.TextChoices):
        BUBBLE = "bubble", _("The question on the website")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="board_receipts")
    text = models.CharField(max_length=400)
    text_hash = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    given_at = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(channel__in=["bubble"]), name="chat_boardreceipt_channel_valid"),
            models.UniqueConstraint(
                fields=["visitor"], condition=models.Q(withdrawn_at=None), name="chat_boardreceipt_one_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"receipt {self.pk}"
