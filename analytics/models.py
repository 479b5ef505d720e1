"""Counts of pages and of the app, per day. Nothing here can hold a person: no key, no address, no moment (S67, S69)."""

from django.db import models


class PageDay(models.Model):
    """How often a page was read on a day, and by how many who had not read it that day. `page` is a name of a route."""

    day = models.DateField()
    page = models.CharField(max_length=64)
    views = models.PositiveIntegerField(default=0)
    readers = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "page"], name="analytics_pageday_once")]

    def __str__(self) -> str:
        return f"{self.day} {self.page}"


class MeasureDay(models.Model):
    """One of the five measures of the app on a day (S68). `name` is one of `analytics.words.NAMES`."""

    class Measure(models.TextChoices):
        FREQUENCY = "frequency", "How often it is opened"
        EVENTS = "events", "What is used in it"
        AGGREGATES = "aggregates", "Sums of use"
        PERFORMANCE = "performance", "How fast it is, in milliseconds"
        SOURCE = "source", "Where it was downloaded"

    day = models.DateField()
    measure = models.CharField(max_length=16, choices=Measure.choices)
    name = models.CharField(max_length=32)
    times = models.PositiveIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)  # the sum of the values, such as milliseconds

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["day", "measure", "name"], name="analytics_measureday_once"),
            models.CheckConstraint(
                condition=models.Q(measure__in=["frequency", "events", "aggregates", "performance", "source"]),
                name="analytics_measureday_five",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.measure} {self.name}"
