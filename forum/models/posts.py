"""Posts and their earlier texts."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from forum.models.topics import DELETED, HELD, HIDDEN, PUBLISHED, State, Topic


class Post(models.Model):
    """What somebody wrote in a topic. Its number stays for ever, also when posts before it are hidden.

    `text` is as it was typed, `rendered` its HTML by the renderer of version `renderer`, `words` the plain text that
    search, mails and descriptions use (with the title, where the number is 1).
    """

    LONGEST = 50_000

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="posts", db_index=False)
    number = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    by_staff = models.BooleanField(default=False)  # written by a support agent, in that role
    text = models.TextField()
    rendered = models.TextField(blank=True)
    renderer = models.PositiveSmallIntegerField(default=0)
    words = models.TextField(blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PUBLISHED)
    reply_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    helpful_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["topic", "number"], name="forum_post_number_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=[PUBLISHED, HELD, HIDDEN, DELETED]), name="forum_post_state_valid"
            ),
        ]
        indexes = [
            models.Index(fields=["author", "state", "-id"], name="forum_post_of_author"),
            models.Index(fields=["created_at", "id"], name="forum_post_held", condition=models.Q(state=HELD)),
        ]

    def __str__(self) -> str:
        return f"post {self.number} of topic {self.topic_id}"


class PostVersion(models.Model):
    """A text that a post had before it was edited. Everybody may read it, as long as the post is published."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField()
    editor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # who replaced it
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"version {self.pk} of post {self.post_id}"
