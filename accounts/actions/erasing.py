"""Erasure by the data map: of a person who left, and of an account that was closed, when their time is over."""

import datetime
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

from accounts import photo_files
from accounts.models import Account, User
from accounts.scoping import AccountOwned, scopes_disabled
from audit.actions import record
from core.personal_data import Erase, PersonalModel, Subject, SubjectRef, registry

BATCH = 500  # rows in one transaction


def erase_what_is_due(*, now: datetime.datetime | None = None, limit: int = 200) -> dict[str, int]:
    """Erases people who left and accounts that were closed more than GRACE_DAYS ago. Returns how many of each.

    Interrupted anywhere, the next run goes on where this one stopped.
    """
    now = now or timezone.now()
    closed = list(Account.objects.filter(erase_at__lte=now).order_by("pk")[:limit])
    for account in closed:
        erase_account(account=account)
    left = list(User.objects.filter(is_active=False, erase_at__lte=now).order_by("pk")[:limit])
    for user in left:
        erase_person(user=user)
    return {"accounts": len(closed), "people": len(left)}


def erase_person(*, user: User) -> dict[str, int]:
    """Erases one person: each declared table as the data map says. Returns {"app.Model": rows}."""
    ref = SubjectRef(Subject.USER, user.pk)
    with scopes_disabled(), transaction.atomic():
        entries = [entry for entry in registry if entry.subject is Subject.USER and entry.rows_of is not None]
        found = {entry.model: _keys_of(entry, ref) for entry in entries}
        # rows that stand for the person go last: others are found through them
        for entry in sorted(entries, key=lambda entry: (entry.is_person, entry.model == User._meta.label)):
            _erase_rows(entry, found[entry.model])
        photo = user.photo_key
        photo_files.announce_removal(photo)
        transaction.on_commit(lambda: photo_files.remove(photo))
        counts = {model: len(keys) for model, keys in found.items() if keys}
        record(account_ref=None, actor="system", action="person.erased", facts=counts)
    return counts


def _keys_of(entry: PersonalModel, ref: SubjectRef) -> list[Any]:
    assert entry.rows_of is not None
    return list(entry.rows_of(ref).order_by().values_list("pk", flat=True).distinct())


def _erase_rows(entry: PersonalModel, keys: list[Any]) -> None:
    """Deletes the rows, or empties fields where the row stays; kept rows are left as they are."""
    if not keys:
        return
    rows = apps.get_model(entry.model)._base_manager.filter(pk__in=keys)
    ways = {field.erase for field in entry.fields}
    if not ways or Erase.DELETE_ROW in ways:
        if entry.before_delete is not None:
            entry.before_delete(keys)
        rows.delete()
    else:
        emptied = [field.name for field in entry.fields if field.erase in (Erase.BLANK, Erase.REPLACE, Erase.PSEUDONYM)]
        if emptied:
            rows.update(**{name: _blank(rows.model._meta.get_field(name)) for name in emptied})
    if entry.after_erase is not None:
        entry.after_erase(keys)


def _blank(field: Any) -> Any:
    return None if field.null else field.get_default() if field.has_default() else ""


def erase_account(*, account: Account) -> int:
    """Erases everything of an account, table by table, then the account itself. Returns how many rows."""
    erased = 0
    with scopes_disabled():
        for model in _tables_of_accounts():
            erased += _erase_table(model, account)
        with transaction.atomic():
            account.delete()
            record(account_ref=None, actor="system", action="account.erased", facts={"rows": erased})
    return erased


def _tables_of_accounts() -> list[type[models.Model]]:
    """Tables of accounts, those of the upper floors and those declared later first: they point to the others."""
    found: list[type[models.Model]] = []
    for config in apps.get_app_configs():
        found += reversed([model for model in config.get_models() if issubclass(model, AccountOwned)])
    return found


def _erase_table(model: type[models.Model], account: Account) -> int:
    erased = 0
    while True:
        with transaction.atomic():
            rows = model._base_manager.filter(account=account)
            keys = list(rows.order_by().values_list("pk", flat=True)[:BATCH])
            if model._meta.label in registry and (before_delete := registry.find(model._meta.label).before_delete):
                before_delete(keys)
            model._base_manager.filter(pk__in=keys).delete()
        erased += len(keys)
        if len(keys) < BATCH:
            return erased
