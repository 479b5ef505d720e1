"""Writes of analytics: adds one to a count, and forgets whose it was (S66-S69, P10)."""

import datetime
import hashlib
import hmac
import secrets

from django.core.cache import cache
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.models import MeasureDay, PageDay
from analytics.words import LARGEST, NAMES, page_names
from core.errors import Refused


@transaction.atomic
def count_view(*, page: str, address: str, browser: str) -> None:
    """Counts that a page was read; `address` and `browser` tell only whether it is the first time today, in memory.

    Refuses (`bad_page`) what is no name of a route of this site.
    """
    if page not in page_names():
        raise Refused("bad_page", _("There is no page of that name."))
    today = timezone.now().date()
    PageDay.objects.get_or_create(day=today, page=page)
    first = is_first_today(page=page, address=address, browser=browser)
    PageDay.objects.filter(day=today, page=page).update(views=F("views") + 1, readers=F("readers") + int(first))


@transaction.atomic
def count_measure(*, measure: str, name: str, value: int = 0) -> None:
    """Counts one of the five measures of the app (S68); `value` is milliseconds or an amount.

    Refuses (`bad_measure`) every other measure, a name that is not in its list, and a value below 0 or above 600,000.
    """
    if name not in NAMES.get(measure, ()) or not 0 <= value <= LARGEST:
        raise Refused("bad_measure", _("This is not measured."))
    today = timezone.now().date()
    MeasureDay.objects.get_or_create(day=today, measure=measure, name=name)
    rows = MeasureDay.objects.filter(day=today, measure=measure, name=name)
    rows.update(times=F("times") + 1, total=F("total") + value)


def is_first_today(*, page: str, address: str, browser: str) -> bool:
    """Whether this page was not read today from there. The mark is hashed with a salt that dies with the day (P10)."""
    now = timezone.now()
    midnight = datetime.datetime.combine(now.date() + datetime.timedelta(days=1), datetime.time(), tzinfo=datetime.UTC)
    seconds = max(1, int((midnight - now).total_seconds()))
    salt = cache.get_or_set(f"analytics:salt:{now.date()}", lambda: secrets.token_hex(32), seconds)
    mark = hmac.new(str(salt).encode(), f"{address}\n{browser}\n{page}".encode(), hashlib.sha256).hexdigest()[:32]
    return bool(cache.add(f"analytics:seen:{mark}", 1, seconds))
