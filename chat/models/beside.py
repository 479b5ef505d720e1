"""What stands beside the lines of a chat: notes, files, versions, tags, saved replies, drafts, blocks."""

import uuid

from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned
from chat.models.chats import Chat, Message, Visitor
from operators.models import Group, Operator


class Note(AccountOwned):
    """A line between operators; the visitor's path never reads this table.

    A note stays with the chat; a whisper is for the operator who has the chat while it is open, and is kept the same.
    """

    class Kind(models.TextChoices):
        NOTE = "note", _("Note")
        WHISPER = "whisper", _("Whisper")

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="notes")
    client_id = models.UUIDField()
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.NOTE)
    operator = models.ForeignKey(Operator, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    text = models.TextField()
    mentions = models.JSONField(default=list)  # keys of operators
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["chat", "client_id"], name="chat_note_client_id_once"),
            models.CheckConstraint(condition=models.Q(kind__in=["note", "whisper"]), name="chat_note_kind_valid"),
        ]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Attachment(AccountOwned):
    """A file of a chat. It is held until its message is sent, an hour at most; `path` is a made-up name in VAR."""

    HELD_MINUTES = 60

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="attachments")
    message = models.OneToOneField(Message, on_delete=models.CASCADE, null=True, blank=True, related_name="attachment")
    by_visitor = models.BooleanField(default=True)
    operator = models.ForeignKey(Operator, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    name = models.CharField(max_length=160)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    width = models.PositiveIntegerField(default=0)  # of a picture, else 0
    height = models.PositiveIntegerField(default=0)
    path = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="chat_attachment_held", condition=models.Q(message__isnull=True))
        ]

    def __str__(self) -> str:
        return f"attachment {self.pk}"


class MessageVersion(AccountOwned):
    """What a line said before it was edited or removed; operators read it, the visitor their own only."""

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"version {self.pk} of message {self.message_id}"


class Tag(AccountOwned):
    """A word by which an account sorts its chats."""

    name = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint("account", Lower("name"), name="chat_tag_name_once")]

    def __str__(self) -> str:
        return f"tag {self.pk}"


class ChatTag(AccountOwned):
    """A tag on a chat."""

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="tagged")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")
    operator = models.ForeignKey(Operator, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "tag"], name="chat_chattag_once")]

    def __str__(self) -> str:
        return f"tag {self.tag_id} on chat {self.chat_id}"


class SavedReply(AccountOwned):
    """A text that operators send often, by `#shortcut`; of one operator, one group, or the whole account."""

    class Scope(models.TextChoices):
        PERSONAL = "personal", _("Only me")
        GROUP = "group", _("A group")
        ACCOUNT = "account", _("Everybody")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scope = models.CharField(max_length=8, choices=Scope.choices)
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    shortcut = models.CharField(max_length=32)
    text = models.TextField(max_length=5000)
    uses = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope="personal", operator__isnull=False, group__isnull=True)
                | models.Q(scope="group", operator__isnull=True, group__isnull=False)
                | models.Q(scope="account", operator__isnull=True, group__isnull=True),
                name="chat_savedreply_scope_valid",
            ),
            models.UniqueConstraint(
                "operator", Lower("shortcut"), condition=models.Q(scope="personal"), name="chat_savedreply_own_once"
            ),
            models.UniqueConstraint(
                "group", Lower("shortcut"), condition=models.Q(scope="group"), name="chat_savedreply_group_once"
            ),
            models.UniqueConstraint(
                "account", Lower("shortcut"), condition=models.Q(scope="account"), name="chat_savedreply_account_once"
            ),
        ]

    def __str__(self) -> str:
        return f"saved reply {self.pk}"


class Draft(AccountOwned):
    """What an operator has begun to write in a chat; gone when it is sent or the chat ends."""

    chat = models.ForeignKey(Chat, on_delete=models.CASCADE, related_name="drafts")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["chat", "operator"], name="chat_draft_once")]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Block(AccountOwned):
    """A visitor, or an address, that cannot open the account's chat until a day."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, null=True, blank=True, related_name="blocks")
    network = models.CharField(max_length=43, blank=True)  # "198.51.100.7/32", "2001:db8::/64"
    reason = models.CharField(max_length=200, blank=True)
    operator = models.ForeignKey(Operator, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(visitor__isnull=False, network="")
                | models.Q(visitor__isnull=True) & ~models.Q(network=""),
                name="chat_block_one_of",
            ),
        ]
        indexes = [models.Index(fields=["account", "network"], name="chat_block_network")]

    def __str__(self) -> str:
        return f"block {self.pk}"
