"""Surveys with their questions, the sheets that people filled in, and who is not asked again."""

import secrets
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned
from chat.models import Chat, Tag, Visitor, Widget
from operators.models import Group


def make_key() -> str:
    """The word in a link: 22 URL-safe characters that nobody guesses."""
    return secrets.token_urlsafe(16)


class SurveyOwned(AccountOwned):
    """Base of this app's models: of an account, or (account empty) of those who run the site."""

    account = models.ForeignKey(  # type: ignore[assignment]  # the wall's key, and here it may be empty
        "accounts.Account", on_delete=models.CASCADE, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        abstract = True


class Survey(SurveyOwned):
    """Up to ten questions for visitors after a chat, for the people of an account, or for who gets the link (S70)."""

    class Audience(models.TextChoices):
        VISITORS = "visitors", _("Visitors, after their chat has ended")
        MEMBERS = "members", _("People who work here, in the app")
        LINK = "link", _("Whoever gets the link")

    MOST_QUESTIONS = 10

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=32, unique=True, default=make_key)
    title = models.CharField(max_length=120)
    intro = models.CharField(max_length=500, blank=True)
    audience = models.CharField(max_length=8, choices=Audience.choices, default=Audience.VISITORS)
    is_on = models.BooleanField(default=False)
    asks_name = models.BooleanField(default=False)  # name and e-mail, both voluntary (S71)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    sample = models.PositiveSmallIntegerField(default=100)  # per cent of those who fit
    widget = models.ForeignKey(Widget, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    group = models.ForeignKey(Group, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    tag = models.ForeignKey(Tag, on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    rating = models.CharField(max_length=8, choices=Chat.Rating.choices, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(audience__in=["visitors", "members", "link"]), name="surveys_survey_audience_valid"
            ),
            models.CheckConstraint(condition=models.Q(sample__range=(1, 100)), name="surveys_survey_sample_range"),
            models.CheckConstraint(
                condition=models.Q(rating__in=["", "good", "bad"]), name="surveys_survey_rating_valid"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "audience"], name="surveys_survey_on", condition=models.Q(is_on=True))
        ]

    def __str__(self) -> str:
        return f"survey {self.pk}"


class Question(SurveyOwned):
    """One question of a survey, in its place."""

    class Kind(models.TextChoices):
        RATING = "rating", _("Rating, 1 to 5")
        NPS = "nps", _("Would recommend, 0 to 10")
        CHOICE = "choice", _("One of several")
        CHOICES = "choices", _("Any of several")
        TEXT = "text", _("Text")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    label = models.CharField(max_length=200)
    options = models.JSONField(default=list)  # of a choice: up to 12 texts
    is_required = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["survey", "position"], name="surveys_question_place_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["rating", "nps", "choice", "choices", "text"]),
                name="surveys_question_kind_valid",
            ),
        ]

    def __str__(self) -> str:
        return f"question {self.pk}"

    @property
    def values(self) -> list[int]:
        """The numbers that an answer can be: points, or places in the list of options."""
        ends = {"rating": (1, 6), "nps": (0, 11), "text": (0, 0)}
        return list(range(*ends.get(self.kind, (0, len(self.options)))))

    def name_of(self, value: int) -> Any:
        """What a number stands for."""
        return self.options[value] if self.options else str(value)


class Sheet(SurveyOwned):
    """A filled-in survey. It knows the month and no person; who chose to be known stands in a contact beside it."""

    KEEP_DAYS = 400

    class Channel(models.TextChoices):
        CHAT = "chat", _("Chat window")
        APP = "app", _("In the app")
        LINK = "link", _("Link")

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="sheets")
    ident = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # random: its order tells nothing
    channel = models.CharField(max_length=8, choices=Channel.choices)
    month = models.DateField()  # its first day: with a moment one could tell who it was

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(channel__in=["chat", "app", "link"]), name="surveys_sheet_channel_valid"
            )
        ]
        indexes = [models.Index(fields=["survey", "month"], name="surveys_sheet_of_month")]

    def __str__(self) -> str:
        return f"sheet {self.pk}"


class Answer(SurveyOwned):
    """One answer on a sheet: a number (points, or the place of an option), or a text. Any of several: one row each."""

    LONGEST = 2000

    sheet = models.ForeignKey(Sheet, on_delete=models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, on_delete=models.CASCADE, related_name="answers")
    number = models.SmallIntegerField(null=True, blank=True)
    text = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["sheet", "question", "number"], name="surveys_answer_once"),
            models.CheckConstraint(
                condition=models.Q(number__isnull=False, text="") | models.Q(number__isnull=True) & ~models.Q(text=""),
                name="surveys_answer_one_of",
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class Contact(SurveyOwned):
    """Name and e-mail that somebody gave with a sheet, of their own will, and the receipt for it (S71, P16).

    The only link between answers and a person; taking it back deletes the row at once.
    """

    key = models.CharField(max_length=32, unique=True, default=make_key)  # of the link that takes it back
    name = models.CharField(max_length=80, blank=True)
    email = models.EmailField(max_length=254, blank=True)
    text_hash = models.CharField(max_length=64)  # of the sentence that was agreed to
    channel = models.CharField(max_length=8, choices=Sheet.Channel.choices)
    given_at = models.DateTimeField(default=timezone.now)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"contact {self.pk}"


class VisitorContact(Contact):
    """A contact from a chat window, or from a link (without a visitor)."""

    sheet = models.OneToOneField(Sheet, on_delete=models.CASCADE, related_name="visitor_contact")
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, null=True, blank=True, related_name="+")


class MemberContact(Contact):
    """A contact of somebody with a login."""

    sheet = models.OneToOneField(Sheet, on_delete=models.CASCADE, related_name="member_contact")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")


class MemberMark(SurveyOwned):
    """Somebody who answered or said no thanks: which of the two, and when, is not kept. They are not asked again."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "user"], name="surveys_membermark_once")]

    def __str__(self) -> str:
        return f"user {self.user_id} and survey {self.survey_id}"


class VisitorMark(SurveyOwned):
    """The same of a visitor; it goes with the visitor."""

    survey = models.ForeignKey(Survey, on_delete=models.CASCADE, related_name="+")
    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["survey", "visitor"], name="surveys_visitormark_once")]

    def __str__(self) -> str:
        return f"visitor {self.visitor_id} and survey {self.survey_id}"
