"""Whether the times of the data map are applied every night (S14, S26)."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.health import Health, registry
from privacy.queries.retention import find_last_end

LATE = timedelta(hours=26)  # a day, and time for a night with much to delete


def look_at_retention() -> Health:
    """The job came to its end within the last day."""
    at = find_last_end()
    figure = "has not run yet" if at is None else f"ran {at:%Y-%m-%d %H:%M} UTC"
    is_fresh = at is not None and timezone.now() - at < LATE
    return Health(is_fresh, figure, _("Look whether the worker runs; manage.py apply_retention does it now."))


registry.register("retention", look_at_retention, vital=False)
