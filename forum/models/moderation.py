"""What moderation keeps: what the rules said of a post, reports, each act with its reason, and objections to it."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forum.models.posts import Post
from forum.models.topics import Category, State, Topic


class Check(models.Model):
    """What the rules said of a post when it came, why it waits if it does, and from which network it came, hashed."""

    NETWORK_KEEP_DAYS = 30  # SAFETY: forum spam
    SAME_HOURS = 24  # for so long a fingerprint is compared with

    class Hold(models.TextChoices):
        NOTHING = "", _("Not held")
        NEW = "new", _("First post of a new member")
        LINKS = "links", _("Links of a new member")
        SCORE = "score", _("Looks like spam")
        WORK = "work", _("No proof of work")

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="looked_at")
    fingerprint = models.CharField(max_length=64)
    points = models.PositiveSmallIntegerField(default=0)
    findings = models.JSONField(default=list)
    held_for = models.CharField(max_length=8, choices=Hold.choices, blank=True, default=Hold.NOTHING)
    network = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(held_for__in=["", "new", "links", "score", "work"]), name="forum_check_hold_valid"
            )
        ]
        indexes = [
            models.Index(fields=["fingerprint", "created_at"], name="forum_check_same"),
            models.Index(
                fields=["created_at"], name="forum_check_network_held", condition=~models.Q(network="")
            ),  # which networks are to be forgotten
        ]

    def __str__(self) -> str:
        return f"check of post {self.post_id}"


class Reason(models.TextChoices):
    """Why somebody reports a post, and why a moderator acts."""

    ADVERT = "advert", _("Advertising or spam")
    ABUSE = "abuse", _("Insults or threatens")
    PERSONAL = "personal", _("Shows somebody's personal data")
    UNLAWFUL = "unlawful", _("Against the law")
    OFF_TOPIC = "off_topic", _("Has nothing to do with the topic")
    DOUBLE = "double", _("Is here twice")
    PLACE = "place", _("Belongs elsewhere")
    SETTLED = "settled", _("Settled or out of date")
    USEFUL = "useful", _("Useful for many")
    FINE = "fine", _("Fits the rules")
    OTHER = "other", _("Another reason")


REPORTED = (Reason.ADVERT, Reason.ABUSE, Reason.PERSONAL, Reason.UNLAWFUL, Reason.OFF_TOPIC, Reason.OTHER)


class ModerationAct(models.Model):
    """One act of a moderator, with its reason; its author can read it and object. An undone act stays in the list."""

    LONGEST = 1000
    MOST_SUSPENDED_DAYS = 365
    MOST_CLEANED_DAYS = 90
    KEEP_DAYS = 1095  # three years: how long somebody can object, and see that it was the second time

    class Kind(models.TextChoices):
        APPROVE = "approve", _("Published")
        KEEP = "keep", _("Kept")
        HIDE = "hide", _("Hidden")
        DELETE = "delete", _("Deleted")
        RESTORE = "restore", _("Shown again")
        LOCK = "lock", _("Closed to replies")
        UNLOCK = "unlock", _("Opened to replies")
        PIN = "pin", _("Pinned")
        UNPIN = "unpin", _("Unpinned")
        MOVE = "move", _("Moved")
        SPLIT = "split", _("Split into a topic of its own")
        MERGE = "merge", _("Merged with another topic")
        WARN = "warn", _("Warned")
        SUSPEND = "suspend", _("Suspended")
        CLEAN_UP = "clean_up", _("Cleaned up after")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reason = models.CharField(max_length=10, choices=Reason.choices)
    text = models.CharField(max_length=LONGEST, blank=True)  # what the moderator wrote to the author
    post = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    topic = models.ForeignKey(Topic, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    into = models.ForeignKey(
        Topic, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )  # split, merge: the topic that took the posts
    came_from = models.ForeignKey(Category, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )  # whom it is about: the author of the post or topic
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    until = models.DateTimeField(null=True, blank=True)  # of a suspension
    days = models.PositiveSmallIntegerField(default=0)  # of a clean-up: how far back
    created_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, blank=True)  # when the author was told; None: nobody is there to tell
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    undone_text = models.CharField(max_length=LONGEST, blank=True)  # why it was undone

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    kind__in=["approve", "keep", "hide", "delete", "restore", "lock", "unlock", "pin", "unpin", "move",
                              "split", "merge", "warn", "suspend", "clean_up"]
                ),
                name="forum_moderationact_kind_valid",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    reason__in=["advert", "abuse", "personal", "unlawful", "off_topic", "double", "place", "settled",
                                "useful", "fine", "other"]
                ),
                name="forum_moderationact_reason_valid",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["member", "-id"], name="forum_act_of_member"),
            models.Index(fields=["created_at"], name="forum_act_by_time"),
            models.Index(
                fields=["member", "until"], name="forum_act_suspended",
                condition=models.Q(until__isnull=False, undone_at__isnull=True),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    def is_suspending(self, now: datetime) -> bool:
        """Whether it keeps its member from writing now."""
        return self.until is not None and self.undone_at is None and self.until > now


class ActPost(models.Model):
    """A post that an act changed, and how it was before: what undoing goes back to."""

    act = models.ForeignKey(ModerationAct, on_delete=models.CASCADE, related_name="posts", db_index=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="+")
    state_before = models.CharField(max_length=10, choices=State.choices)
    topic_before = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="+")
    number_before = models.PositiveIntegerField()
    was_accepted = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["act", "post"], name="forum_actpost_once")]

    def __str__(self) -> str:
        return f"post {self.post_id} in act {self.act_id}"


class Report(models.Model):
    """A member says that a post should not stay, once for each post; they hear what became of it."""

    LONGEST = 500
    KEEP_DAYS = 365  # after its end

    class State(models.TextChoices):
        OPEN = "open", _("Waits")
        UPHELD = "upheld", _("Something was done")
        DECLINED = "declined", _("The post stays")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports", db_index=False)
    reporter = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(max_length=10, choices=Reason.choices)
    text = models.CharField(max_length=LONGEST, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    act = models.ForeignKey(ModerationAct, on_delete=models.SET_NULL, null=True, blank=True, related_name="reports")
    created_at = models.DateTimeField(default=timezone.now)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "reporter"], name="forum_report_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "upheld", "declined"]), name="forum_report_state_valid"
            ),
            models.CheckConstraint(
                condition=models.Q(reason__in=["advert", "abuse", "personal", "unlawful", "off_topic", "other"]),
                name="forum_report_reason_valid",
            ),
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="forum_report_open", condition=models.Q(state="open")),
            models.Index(fields=["reporter", "-id"], name="forum_report_of_member"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Objection(models.Model):
    """The author does not agree with an act: once for each act, looked at by another moderator where there is one."""

    LONGEST = 2000

    class State(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        GRANTED = "granted", _("The act was undone")
        DECLINED = "declined", _("The act stays")

    act = models.OneToOneField(ModerationAct, on_delete=models.CASCADE, related_name="objection")
    text = models.CharField(max_length=LONGEST)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    answer = models.CharField(max_length=LONGEST, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "granted", "declined"]), name="forum_objection_state_valid"
            )
        ]
        indexes = [
            models.Index(fields=["created_at", "id"], name="forum_objection_open", condition=models.Q(state="open"))
        ]

    def __str__(self) -> str:
        return f"objection {self.pk}"
