"""Reads of retention: what is over its time now, and what the last run did."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import models
from django.utils import timezone

from accounts.scoping import scopes_disabled
from audit.chain import chain_key
from audit.models import Entry
from core.personal_data import PersonalModel, held_keys, registry

ACTION = "retention.applied"
KNOWN_SECONDS = 600  # the page is public


def expired_rows(entry: PersonalModel, now: datetime) -> "models.QuerySet[Any] | None":
    """The rows of a table that are over and under no hold; None where rows of this table never die by themselves."""
    return None if entry.expired is None else entry.expired(now).exclude(pk__in=held_keys(entry.model))


def aged_fields(entry: PersonalModel) -> dict[tuple[str, ...], int]:
    """Fields with days of their own, those of the same number together; rows that die then need no emptying."""
    by_days: dict[int, list[str]] = {}
    for field in entry.fields:
        if field.keep_days is not None:
            by_days.setdefault(field.keep_days, []).append(field.name)
    return {tuple(names): days for days, names in by_days.items()}


def blanks_of(entry: PersonalModel, names: tuple[str, ...]) -> dict[str, Any]:
    """What stands in these fields once they are emptied."""
    columns = {name: apps.get_model(entry.model)._meta.get_field(name) for name in names}
    return {name: _blank(column) for name, column in columns.items()}


def filled_rows(entry: PersonalModel, names: tuple[str, ...], before: datetime) -> "models.QuerySet[Any]":
    """The rows under no hold whose moment lies before `before` and in which one of these fields is not empty."""
    blanks = blanks_of(entry, names)
    filled = ~models.Q(**{_lookup(name, blank): True if blank is None else blank for name, blank in blanks.items()})
    rows = apps.get_model(entry.model)._base_manager.filter(**{f"{entry.aged_by}__lt": before})
    return rows.filter(filled).exclude(pk__in=held_keys(entry.model))


def _blank(column: Any) -> Any:
    return None if column.null else column.get_default() if column.has_default() else ""


def _lookup(name: str, blank: Any) -> str:
    return f"{name}__isnull" if blank is None else name


def count_due(now: datetime | None = None) -> dict[str, int]:
    """What a run would do now, and nothing is written: {"app.Model": rows deleted, "app.Model.field": rows emptied}.

    Rows that only become due when others are gone (a visitor after the last chat) are not counted here.
    """
    now, due = now or timezone.now(), {}
    with scopes_disabled():
        for entry in registry:
            rows = expired_rows(entry, now)
            if rows is not None:
                due[entry.model] = rows.order_by().count()
            for names, days in aged_fields(entry).items():
                count = filled_rows(entry, names, now - timedelta(days=days)).count()
                due.update({f"{entry.model}.{name}": count for name in names})
    return {name: count for name, count in due.items() if count}


def ran_file() -> Path:
    """Where it stands when the job last came to its end; it stays where it is when a backup is restored."""
    return Path(settings.VAR) / "retention_ran"


def find_last_end() -> datetime | None:
    """When the job last came to its end, whether it found something or not; None before the first time."""
    try:
        return datetime.fromisoformat(ran_file().read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


@dataclass(frozen=True)
class LastRun:
    """When the job last found something, and for each table that it touched: the label, rows deleted, rows emptied."""

    at: datetime
    lines: list[tuple[Any, int, int]]


def find_last_run() -> LastRun | None:
    """The last run that found something, as the log has it; looked up every ten minutes."""
    at, facts = cache.get_or_set("privacy.retention", _read_last_run, KNOWN_SECONDS) or (None, {})
    return LastRun(at, list(_lines(facts))) if at else None


def _read_last_run() -> tuple[datetime | None, dict[str, int]]:
    """Backwards along the chain of the site: a few lines of the last day."""
    rows = Entry.objects.filter(chain__key=chain_key(None), action=ACTION).order_by("-index")
    return rows.values_list("at", "facts").first() or (None, {})


def _lines(facts: dict[str, int]) -> Iterator[tuple[Any, int, int]]:
    for declared in registry:
        deleted = facts.get(declared.model, 0)
        emptied = max((facts.get(f"{declared.model}.{field.name}", 0) for field in declared.fields), default=0)
        if deleted or emptied:
            yield declared.label, deleted, emptied
