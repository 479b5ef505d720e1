"""Figures as people read them, in the language that is active."""

from collections.abc import Callable
from datetime import date, datetime, time
from functools import lru_cache, wraps
from typing import TypeVar

from django.utils.formats import date_format, number_format, time_format
from django.utils.translation import get_language, ngettext, pgettext
from django.utils.translation import gettext as _

T = TypeVar("T")


def remembered(make: Callable[[T], str]) -> Callable[[T], str]:
    """Keeps what was said before, for each language: a batch of mails says the same days and hours over and over."""
    kept = lru_cache(maxsize=4096)(lambda language, value: make(value))

    @wraps(make)
    def say(value: T) -> str:
        return kept(get_language(), value)

    return say


@remembered
def number(value: int) -> str:
    """1204 as "1,204" in English."""
    return number_format(value, use_l10n=True, force_grouping=True)


@remembered
def weekday(day: date) -> str:
    """ "Tuesday"."""
    return date_format(day, "l")


@remembered
def full_date(day: date) -> str:
    """ "14 May 2030"."""
    # Translators: a day with its month and year, in the letters of Django's date filter
    return date_format(day, pgettext("date format", "j F Y"))


def clock(moment: datetime) -> str:
    """ "17:48"."""
    return _clock(moment.time().replace(second=0, microsecond=0))


@remembered
def _clock(at: time) -> str:
    # Translators: hours and minutes, in the letters of Django's date filter
    return time_format(at, pgettext("date format", "H:i"))


def short_wait(seconds: float) -> str:
    """ "34 s", "2 min 5 s", "1 h 4 min"."""
    return _short_wait(round(seconds))


@remembered
def _short_wait(whole: int) -> str:
    if whole < 60:
        return _("%(seconds)s s") % {"seconds": whole}
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        if not rest:
            return _("%(minutes)s min") % {"minutes": minutes}
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": rest}
    hours, rest = divmod(whole // 60, 60)
    return _("%(hours)s h %(minutes)s min") % {"hours": number(hours), "minutes": rest}


def long_wait(seconds: float) -> str:
    """ "34 seconds", "2 minutes", "an hour and more" as "1 h 4 min"."""
    whole = round(seconds)
    if whole < 120:
        return ngettext("%(count)s second", "%(count)s seconds", whole) % {"count": whole}
    if whole < 3600:
        minutes = round(whole / 60)
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    return short_wait(whole)


def duration(seconds: float) -> str:
    """How long a chat took: "under a minute", "14 min", "1 h 4 min"."""
    return _duration(int(seconds // 60))


@remembered
def _duration(minutes: int) -> str:
    if minutes < 1:
        return _("under a minute")
    if minutes < 60:
        return _("%(minutes)s min") % {"minutes": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": number(minutes // 60), "minutes": minutes % 60}
