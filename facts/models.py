"""What happened in an account, with its time; the sums of it per day and hour; goals and sales."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import AccountOwned

KEEP_DAYS = 400  # a year to compare with, and its month: as long as the states of operators


class Kind(models.TextChoices):
    """What can happen. `total` is milliseconds for times, minor units for money; `count` how often."""

    STARTED = "started", _("A chat began")
    ACCEPTED = "accepted", _("Somebody took it; total: the wait")
    ABANDONED = "abandoned", _("The visitor gave up waiting; total: the wait")
    BY_MAIL = "by_mail", _("Left to be answered by e-mail")
    PASSED_ON = "passed_on", _("Went on to somebody else or back, for nobody answered")
    TRANSFERRED = "transferred", _("Handed over by its operator")
    FIRST_REPLY = "first_reply", _("The first line of an operator; total: the time to it")
    MAIL_REPLY = "mail_reply", _("The same in a chat that is answered by e-mail")
    CLOSED = "closed", _("A chat ended; total: how long it took")
    REPLIES = "replies", _("Answers of operators; total: the times to them")
    MAIL_REPLIES = "mail_replies", _("The same in chats that are answered by e-mail")
    VISITOR_LINES = "visitor_lines", _("Lines of visitors")
    OPERATOR_LINES = "operator_lines", _("Lines of operators")
    RATED_GOOD = "rated_good", _("Rated good")
    RATED_BAD = "rated_bad", _("Rated bad")
    TAGGED = "tagged", _("Tagged; name: the key of the tag")
    GOAL = "goal", _("A goal was reached; name: the key of the goal")
    SALE = "sale", _("A sale; name: the currency and how it came; total: minor units")
    REFUND = "refund", _("Money given back; name and total as of a sale")


class _Counted(AccountOwned):
    """What a fact and its sums have in common.

    `day` and `hour` are those of the account's clock. Operators, groups and chats are numbers, not keys: when one of
    them is erased, the number means nobody and the count stays.
    """

    day = models.DateField()
    operator_ref = models.BigIntegerField(default=0)
    group_ref = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=40, blank=True)
    count = models.IntegerField(default=1)
    total = models.BigIntegerField(default=0)

    class Meta:
        abstract = True


class Fact(_Counted):
    """One thing that happened. No fact is ever changed: what was wrong is taken back by one with a negative count."""

    at = models.DateTimeField(default=timezone.now)
    hour = models.PositiveSmallIntegerField()
    bucket = models.SmallIntegerField(default=-1)  # of a time whose median is shown (facts/buckets.py); -1: none
    chat_ref = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=Kind.values), name="facts_fact_kind_valid"),
            models.CheckConstraint(condition=models.Q(hour__lte=23), name="facts_fact_hour_range"),
            models.UniqueConstraint(
                fields=["account", "chat_ref", "name"], condition=models.Q(kind="goal"), name="facts_fact_goal_once"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "day"], name="facts_fact_day"),
            models.Index(fields=["chat_ref"], name="facts_fact_chat", condition=models.Q(chat_ref__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class HourSum(_Counted):
    """Facts of one hour added up, in the transaction that writes them; equal to a recount at any moment (G21)."""

    hour = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "day", "hour", "operator_ref", "group_ref", "name"],
                name="facts_hoursum_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.day} at {self.hour}"


class DaySum(_Counted):
    """The same of one day; `bucket` is -1, or that of the times whose median is shown (then without an operator)."""

    bucket = models.SmallIntegerField(default=-1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                # sums without a class lie together, day by day, and so do those of each class: reports read either
                fields=["account", "bucket", "day", "kind", "operator_ref", "group_ref", "name"],
                name="facts_daysum_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {self.day}"


class Touch(models.TextChoices):
    """Which of a visitor's chats within the days gets the goal or the sale."""

    FIRST = "first", _("The first chat")
    LAST = "last", _("The last chat")


class Goal(AccountOwned):
    """What an account wants its visitors to reach after a chat: a page, an event of the website, a call of the API."""

    MOST = 50

    class Source(models.TextChoices):
        PAGE = "page", _("A page is opened")
        EVENT = "event", _("The website says so")
        API = "api", _("A program says so")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    name = models.CharField(max_length=80)
    source = models.CharField(max_length=8, choices=Source.choices)
    pattern = models.CharField(max_length=300, blank=True)  # of a page: its address or a part of it, * for anything
    word = models.CharField(max_length=60, blank=True)  # of an event or a call: what the website or program says
    touch = models.CharField(max_length=8, choices=Touch.choices, default=Touch.LAST)
    window_days = models.PositiveSmallIntegerField(default=7)
    created_at = models.DateTimeField(default=timezone.now)
    removed_at = models.DateTimeField(null=True, blank=True)  # its counts stay

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(source="page", word="") & ~models.Q(pattern="")
                | models.Q(source__in=["event", "api"], pattern="") & ~models.Q(word=""),
                name="facts_goal_source_valid",
            ),
            models.CheckConstraint(condition=models.Q(touch__in=["first", "last"]), name="facts_goal_touch_valid"),
            models.CheckConstraint(condition=models.Q(window_days__range=(1, 30)), name="facts_goal_window_range"),
            models.UniqueConstraint(
                fields=["account", "source", "word"],
                condition=models.Q(removed_at__isnull=True) & ~models.Q(word=""),
                name="facts_goal_word_once",
            ),
        ]

    def __str__(self) -> str:
        return f"goal {self.pk}"


class SaleSettings(AccountOwned):
    """For how many days after a chat a sale counts as its own, and of which chat; made when it is first changed."""

    touch = models.CharField(max_length=8, choices=Touch.choices, default=Touch.LAST)
    window_days = models.PositiveSmallIntegerField(default=7)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account"], name="facts_salesettings_once"),
            models.CheckConstraint(condition=models.Q(touch__in=["first", "last"]), name="facts_sales_touch_valid"),
            models.CheckConstraint(condition=models.Q(window_days__range=(1, 30)), name="facts_sales_window_range"),
        ]

    def __str__(self) -> str:
        return f"sale settings of account {self.account_id}"


class Sale(AccountOwned):
    """An order of a visitor who had a chat. `amount` and `refunded` are whole minor units of `currency`, never floats.

    `is_checked`: the account's own server said so; what only a browser said is shown as not checked.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    order = models.CharField(max_length=64, blank=True)  # empty once the visitor is erased
    amount = models.BigIntegerField()
    refunded = models.BigIntegerField(default=0)
    currency = models.CharField(max_length=3)
    is_direct = models.BooleanField()
    is_checked = models.BooleanField()
    at = models.DateTimeField(default=timezone.now)
    visitor_ref = models.BigIntegerField(default=0)
    chat_ref = models.BigIntegerField(default=0)
    operator_ref = models.BigIntegerField(default=0)
    group_ref = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "order"], condition=~models.Q(order=""), name="facts_sale_order_once"
            ),
            models.CheckConstraint(
                condition=models.Q(amount__gt=0, refunded__gte=0, refunded__lte=models.F("amount")),
                name="facts_sale_amount_range",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="facts_sale_newest"),
            models.Index(fields=["visitor_ref"], name="facts_sale_visitor", condition=models.Q(visitor_ref__gt=0)),
        ]

    def __str__(self) -> str:
        return f"sale {self.pk}"
