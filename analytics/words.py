"""The words that may be counted: names of our own pages, and for each of the five measures a closed list (S68)."""

from collections.abc import Iterator
from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

from analytics.models import MeasureDay

Measure = MeasureDay.Measure
NAMES: dict[str, frozenset[str]] = {
    Measure.FREQUENCY: frozenset({"opened"}),
    Measure.EVENTS: frozenset({"chat_taken", "message_sent", "search", "settings_opened"}),
    Measure.AGGREGATES: frozenset({"chats", "messages", "minutes"}),
    Measure.PERFORMANCE: frozenset({"start", "first_line", "send"}),
    Measure.SOURCE: frozenset({"site", "app_store", "play_store", "other"}),
}
LARGEST = 600_000  # of one value: ten minutes in milliseconds


@cache
def page_names() -> frozenset[str]:
    """The name of every route of this site, such as "policies:policy"."""
    return frozenset(_names(get_resolver(), ""))


def _names(resolver: URLResolver, space: str) -> Iterator[str]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLPattern):
            if entry.name:
                yield space + entry.name
        else:
            yield from _names(entry, f"{space}{entry.namespace}:" if entry.namespace else space)
