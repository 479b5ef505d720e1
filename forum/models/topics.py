"""Categories and the topics in them, with the numbers that lists show."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

PUBLISHED, HELD, HIDDEN, DELETED = "published", "held", "hidden", "deleted"


class State(models.TextChoices):
    """Who sees a topic or a post: everybody; its author and moderators; moderators; nobody but the history."""

    PUBLISHED = PUBLISHED, _("Published")
    HELD = HELD, _("Held for a look")
    HIDDEN = HIDDEN, _("Hidden by a moderator")
    DELETED = DELETED, _("Deleted")


class Category(models.Model):
    """A place for topics. An archived one is read and takes nothing new."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=300, blank=True)
    icon = models.CharField(max_length=24, default="chat")  # a name of static/icons.svg
    order = models.PositiveSmallIntegerField(default=0)
    is_archived = models.BooleanField(default=False)
    topic_count = models.PositiveIntegerField(default=0)  # published topics; kept by forum.actions

    class Meta:
        ordering = ["order", "pk"]
        verbose_name_plural = "categories"

    def __str__(self) -> str:
        return self.slug


class Topic(models.Model):
    """A question or a thought with the posts under it; its opening post has the number 1 (S32).

    `post_count` counts published posts, `last_number` is the greatest number that a post ever got here, and
    `last_post_at` the moment of the newest published post.
    """

    LONGEST_TITLE = 120

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    slug = models.SlugField(max_length=80)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="topics", db_index=False)
    title = models.CharField(max_length=LONGEST_TITLE)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.PUBLISHED)
    is_pinned = models.BooleanField(default=False)
    is_locked = models.BooleanField(default=False)
    is_solved = models.BooleanField(default=False)  # whether accepted_post is set: an index needs a plain column
    accepted_post = models.ForeignKey("forum.Post", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    post_count = models.PositiveIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    last_post_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[PUBLISHED, HELD, HIDDEN, DELETED]), name="forum_topic_state_valid"
            ),
        ]
        indexes = [
            models.Index(fields=["category", "state", "-is_pinned", "-last_post_at", "-id"], name="forum_topic_active"),
            models.Index(
                fields=["category", "state", "post_count", "-last_post_at", "-id"], name="forum_topic_unanswered"
            ),
            models.Index(fields=["category", "state", "is_solved", "-last_post_at", "-id"], name="forum_topic_solved"),
            models.Index(fields=["state", "-last_post_at", "-id"], name="forum_topic_newest"),
            models.Index(fields=["author", "-last_post_at", "-id"], name="forum_topic_of_author"),
        ]

    def __str__(self) -> str:
        return f"topic {self.pk}"

    @property
    def reply_count(self) -> int:
        """Published posts after the opening one."""
        return max(0, self.post_count - 1)
