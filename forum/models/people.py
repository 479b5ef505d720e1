"""What the forum keeps of a member: the warning they read, what they watch, read, like and began to write."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from forum.models.posts import Post
from forum.models.topics import Category, Topic


class ForumMember(models.Model):
    """One row for each member who was here: the warning that they acknowledged (S33), and what they chose."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    first_warned_at = models.DateTimeField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)  # when they acknowledged the newest text
    warning_version = models.PositiveSmallIntegerField(default=0)  # of the text that was acknowledged; 0: none
    removes_posts = models.BooleanField(default=False)  # when they go: their posts go too, else "Deleted member"

    def __str__(self) -> str:
        return f"forum member {self.pk}"


class Reaction(models.Model):
    """Somebody found a post helpful."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="forum_reaction_once")]

    def __str__(self) -> str:
        return f"reaction {self.pk}"


class Watch(models.Model):
    """A topic or a category that a member follows on the site, and by mail too if they want it.

    After a mail nothing more is sent until they have looked: `mailed_from` says from where on the mail tells.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # in the link that ends it
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, blank=True, related_name="watches")
    category = models.ForeignKey(Category, on_delete=models.CASCADE, null=True, blank=True, related_name="watches")
    by_mail = models.BooleanField(default=False)
    mailed_from = models.BigIntegerField(default=0)  # the number of a post, or the key of a topic; 0: no mail is out
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "topic"], name="forum_watch_topic_once"),
            models.UniqueConstraint(fields=["user", "category"], name="forum_watch_category_once"),
            models.CheckConstraint(
                condition=models.Q(topic__isnull=False, category__isnull=True)
                | models.Q(topic__isnull=True, category__isnull=False),
                name="forum_watch_one_of",
            ),
        ]

    def __str__(self) -> str:
        return f"watch {self.pk}"


class ReadMark(models.Model):
    """Up to which post a member has read a topic."""

    KEEP_DAYS = 400

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    read_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="forum_readmark_once")]

    def __str__(self) -> str:
        return f"read mark {self.pk}"


class Draft(models.Model):
    """Something that a member began to write: a reply (with a topic), or a new topic (with or without a category)."""

    KEEP_DAYS = 90
    MOST = 50  # of one member

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    title = models.CharField(max_length=Topic.LONGEST_TITLE, blank=True)
    text = models.TextField(blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "topic"], name="forum_draft_of_topic_once")]
        indexes = [models.Index(fields=["user", "-saved_at"], name="forum_draft_of_user")]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class Mention(models.Model):
    """Somebody wrote @handle of a member in a published post: the member is told once."""

    KEEP_DAYS = 180

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="mentions", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    seen_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "user"], name="forum_mention_once")]
        indexes = [models.Index(fields=["user", "-id"], name="forum_mention_of_user")]

    def __str__(self) -> str:
        return f"mention {self.pk}"
