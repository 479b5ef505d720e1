"""Writes of privacy: the retention job, which deletes and empties what the data map says is over."""

import os
import threading
from datetime import datetime, timedelta

from django.apps import apps
from django.db import transaction
from django.utils import timezone

from accounts.scoping import scopes_disabled
from audit.actions import record
from core.personal_data import PersonalModel, registry
from privacy.actions.holds import end_due_holds
from privacy.queries.retention import ACTION, aged_fields, blanks_of, expired_rows, filled_rows, ran_file

BATCH = 500  # rows in one transaction, so that nobody waits long


def apply_retention(*, now: datetime | None = None) -> dict[str, int]:
    """Deletes rows whose time is over and empties fields whose days are over, table by table (S14, S26, P2).

    Returns {"app.Model": rows deleted, "app.Model.field": rows emptied}, and writes it into the log unless it is
    nothing. Interrupted anywhere, the next run goes on. That it came to its end stands in VAR, for whoever runs the
    site; no table tells a second run from one.
    """
    now = now or timezone.now()
    end_due_holds(now=now)
    done: dict[str, int] = {}
    with scopes_disabled():  # the job is for every account; the declarations are the filter
        for entry in registry:
            if entry.expired is not None:
                done[entry.model] = _delete_expired(entry, now)
            for names, days in aged_fields(entry).items():
                emptied = _empty(entry, names, now - timedelta(days=days))
                done.update({f"{entry.model}.{name}": emptied for name in names})
    counts = {name: count for name, count in done.items() if count}
    if counts:
        record(account_ref=None, actor="system", action=ACTION, facts=counts)
    _note_run()
    return counts


def _note_run() -> None:
    """Whole or not at all: somebody may read it meanwhile, and two runs may end at once."""
    file = ran_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    aside = file.with_name(f"{file.name}.{os.getpid()}.{threading.get_ident()}")
    aside.write_text(timezone.now().isoformat(timespec="seconds"), encoding="utf-8")
    os.replace(aside, file)


def _delete_expired(entry: PersonalModel, now: datetime) -> int:
    model, deleted = apps.get_model(entry.model), 0
    while True:
        with transaction.atomic():
            rows = expired_rows(entry, now)
            keys = [] if rows is None else list(rows.order_by().values_list("pk", flat=True)[:BATCH])
            if entry.before_delete is not None:
                entry.before_delete(keys)
            model._base_manager.filter(pk__in=keys).delete()
        deleted += len(keys)
        if len(keys) < BATCH:
            return deleted


def _empty(entry: PersonalModel, names: tuple[str, ...], before: datetime) -> int:
    """Empties these fields in every row whose moment lies before `before`."""
    model, blanks = apps.get_model(entry.model), blanks_of(entry, names)
    old = filled_rows(entry, names, before)
    emptied = 0
    while True:
        with transaction.atomic():
            keys = list(old.order_by().values_list("pk", flat=True)[:BATCH])
            model._base_manager.filter(pk__in=keys).update(**blanks)
        emptied += len(keys)
        if len(keys) < BATCH:
            return emptied
