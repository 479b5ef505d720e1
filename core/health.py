"""The registry of health checks that `/readyz` and `manage.py doctor` ask, filled from `health.py` of each app."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection


@dataclass(frozen=True)
class Health:
    """What a check saw. `figure` is a short fact without personal data; `advice` says what to do when it is bad."""

    ok: bool
    figure: str
    advice: Any = ""


@dataclass(frozen=True)
class HealthCheck:
    """One check, by a stable name. It answers within a second and writes nothing.

    `vital`: without it no request can be answered, and `/readyz` says 503. The others are shown and cost time only.
    """

    key: str
    run: Callable[[], Health]
    vital: bool


class HealthRegistry:
    """Every check of the site by key."""

    def __init__(self) -> None:
        self._checks: dict[str, HealthCheck] = {}

    def register(self, key: str, run: Callable[[], Health], *, vital: bool = True) -> None:
        """Adds a check. Raises ValueError when the key is taken."""
        if key in self._checks:
            raise ValueError(f"health check {key} is registered twice")
        self._checks[key] = HealthCheck(key, run, vital)

    def look(self) -> dict[str, Health]:
        """Runs every check; one that raises counts as bad, with the error's type as its figure."""
        found = {}
        for check in self:
            try:
                found[check.key] = check.run()
            except Exception as error:  # a check may fail in any way; the page must still answer
                found[check.key] = Health(False, type(error).__name__)
        return found

    def __iter__(self) -> Iterator[HealthCheck]:
        return iter(self._checks.values())

    def __contains__(self, key: str) -> bool:
        return key in self._checks


registry = HealthRegistry()


def look_at_database() -> Health:
    """Whether the database answers a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return Health(True, connection.vendor, "Look at DATABASE_URL and whether the database server runs.")


registry.register("database", look_at_database)
