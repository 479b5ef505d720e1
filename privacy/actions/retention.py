"""Writes of privacy: the retention job, which deletes and empties what the data map says is over."""

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from accounts.scoping import scopes_disabled
from audit.actions import record
from core.personal_data import PersonalModel, held_keys, registry
from privacy.actions.holds import end_due_holds

BATCH = 500  # rows in one transaction, so that nobody waits long


def apply_retention(*, now: datetime | None = None) -> dict[str, int]:
    """Deletes rows whose time is over and empties fields whose days are over, table by table (S14, S26, P2).

    Returns {"app.Model": rows deleted, "app.Model.field": rows emptied}. Interrupted anywhere, the next run goes on.
    """
    now = now or timezone.now()
    end_due_holds(now=now)
    done: dict[str, int] = {}
    with scopes_disabled():  # the job is for every account; the declarations are the filter
        for entry in registry:
            if entry.expired is not None:
                done[entry.model] = _delete_expired(entry, now)
            for names, days in _aged_fields(entry).items():
                emptied = _empty(entry, names, now - timedelta(days=days))
                done.update({f"{entry.model}.{name}": emptied for name in names})
    counts = {name: count for name, count in done.items() if count}
    if counts:
        record(account_ref=None, actor="system", action="retention.applied", facts=counts)
    return counts


def _delete_expired(entry: PersonalModel, now: datetime) -> int:
    assert entry.expired is not None
    model, deleted = apps.get_model(entry.model), 0
    held = held_keys(entry.model)
    while True:
        with transaction.atomic():
            keys = list(entry.expired(now).exclude(pk__in=held).order_by().values_list("pk", flat=True)[:BATCH])
            if entry.before_delete is not None:
                entry.before_delete(keys)
            model._base_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < BATCH:
            return deleted


def _aged_fields(entry: PersonalModel) -> dict[tuple[str, ...], int]:
    """Fields with days of their own, those of the same number together; rows that die then need no emptying."""
    by_days: dict[int, list[str]] = {}
    for field in entry.fields:
        if field.keep_days is not None:
            by_days.setdefault(field.keep_days, []).append(field.name)
    return {tuple(names): days for days, names in by_days.items()}


def _empty(entry: PersonalModel, names: tuple[str, ...], before: datetime) -> int:
    """Empties these fields in every row whose moment lies before `before`."""
    model = apps.get_model(entry.model)
    blanks = {name: _blank(model._meta.get_field(name)) for name in names}
    filled = ~models.Q(**{_lookup(name, blank): True if blank is None else blank for name, blank in blanks.items()})
    held = held_keys(entry.model)
    old = model._base_manager.filter(**{f"{entry.aged_by}__lt": before}).filter(filled).exclude(pk__in=held)
    emptied = 0
    while True:
        with transaction.atomic():
            keys = list(old.order_by().values_list("pk", flat=True)[:BATCH])
            model._base_manager.filter(pk__in=keys).update(**blanks)
        emptied += len(keys)
        if len(keys) < BATCH:
            return emptied


def _blank(field: Any) -> Any:
    return None if field.null else field.get_default() if field.has_default() else ""


def _lookup(name: str, blank: Any) -> str:
    return f"{name}__isnull" if blank is None else name
