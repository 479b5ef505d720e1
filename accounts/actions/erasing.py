"""Erasure by the data map: of a person who left, and of an account that was closed, when their time is over."""

import datetime
from collections.abc import Callable, Iterable
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Account, Membership, User
from accounts.scoping import AccountOwned, scopes_disabled
from audit.actions import record
from core.erased import remember_erased, word_of
from core.errors import Refused
from core.personal_data import Erase, PersonalModel, Subject, SubjectRef, held_keys, registry, rows_erased

BATCH = 500  # rows in one transaction


def on_hold() -> Refused:
    """What is answered while a legal hold keeps rows."""
    return Refused("on_hold", _("The law makes us keep this for now. A privacy officer looks at it again."))


Engine = Callable[[SubjectRef], dict[str, int]]
Begin = Callable[[Iterable[SubjectRef]], str]
_engine: Engine | None = None
_begin: Begin | None = None


def register_engine(engine: Engine, begin: Begin) -> None:
    """Called once, by privacy: it plans, erases, looks again and signs. One engine serves every way to be erased.

    `engine` does it at once; `begin` has a worker do it, and answers the path of the page with the certificate.
    """
    global _engine, _begin
    _engine, _begin = engine, begin


def begin_erasure(refs: Iterable[SubjectRef]) -> str:
    """Begins the erasure of a person at their own wish; answers the path of the page with the certificate (P6).

    Refuses `nothing_held` and `on_hold`.
    """
    if _begin is None:
        raise RuntimeError("no engine of erasure is registered")
    return _begin(refs)


def erase_what_is_due(*, now: datetime.datetime | None = None, limit: int = 200) -> dict[str, int]:
    """Erases people who left and accounts that were closed more than GRACE_DAYS ago. Returns how many of each.

    Interrupted anywhere, the next run goes on where this one stopped. What is under a legal hold waits for its end.
    """
    now = now or timezone.now()
    with scopes_disabled():
        closed = list(Account.objects.filter(erase_at__lte=now).order_by("pk")[:limit])
        closed = [account for account in closed if not is_held(account)]
    for account in closed:
        erase_account(account=account)
    held = held_keys(User._meta.label)
    left = User.objects.filter(is_active=False, erase_at__lte=now).exclude(pk__in=held).order_by("pk")[:limit]
    people = list(left)
    for user in people:
        erase_person(user=user)
    return {"accounts": len(closed), "people": len(people)}


def erase_person(*, user: User) -> dict[str, int]:
    """Erases one person: each declared table as the data map says. Returns {"app.Model": rows}. Refuses `on_hold`."""
    if _engine is None:
        raise RuntimeError("no engine of erasure is registered")
    return _engine(SubjectRef(Subject.USER, user.pk))


def keys_of(entry: PersonalModel, refs: Iterable[SubjectRef]) -> list[Any]:
    """The keys of a declared table's rows about a person, by every row that stands for them."""
    if entry.rows_of is None:
        return []
    found: set[Any] = set()
    for ref in refs:
        found.update(entry.rows_of(ref).order_by().values_list("pk", flat=True).distinct())
    return sorted(found, key=str)


def list_steps() -> list[PersonalModel]:
    """The declared tables in the order of erasure: rows that stand for a person go last, others are found by them."""
    entries = [entry for entry in registry if entry.rows_of is not None]
    return sorted(entries, key=lambda entry: (entry.is_person, entry.model == User._meta.label))


def deletes_rows(entry: PersonalModel) -> bool:
    """Whether erasure deletes the rows of a table; else it empties fields, or leaves them."""
    ways = {field.erase for field in entry.fields}
    return not entry.stays_because and (not ways or Erase.DELETE_ROW in ways)


def erase_rows(entry: PersonalModel, keys: list[Any], *, whole: bool = False) -> None:
    """Deletes the rows, or empties fields where the row stays; kept rows are left as they are.

    `whole`: rows go too that stay for the sake of the company (`stays_because`), for it is the company that erases.
    """
    if not keys:
        return
    rows_erased.send(sender=None, model=entry.model, keys=keys)
    rows = apps.get_model(entry.model)._base_manager.filter(pk__in=keys)
    if deletes_rows(entry) or (whole and entry.stays_because):
        if entry.before_delete is not None:
            entry.before_delete(keys)
        rows.delete()
    elif entry.replace is not None:
        entry.replace(keys)
    else:
        emptied = [field.name for field in entry.fields if field.erase in (Erase.BLANK, Erase.REPLACE, Erase.PSEUDONYM)]
        if emptied:
            rows.update(**{name: _blank(rows.model._meta.get_field(name)) for name in emptied})
    if entry.after_erase is not None:
        entry.after_erase(keys)


def erase_at_once(ref: SubjectRef, *, whole: bool = False) -> dict[str, int]:
    """Erases what a row stands for in the caller's transaction, as the data map says, without plan and certificate.

    For a person who deletes something themselves and sees it go, and `whole` for a company that deletes its own log;
    the caller has looked for a hold. Returns {"app.Model": rows}.
    """
    counts = {}
    with scopes_disabled():
        for entry in list_steps():
            keys = keys_of(entry, [ref])
            if keys:
                counts[entry.model] = len(keys)
                erase_rows(entry, keys, whole=whole)
    return counts


def _blank(field: Any) -> Any:
    return None if field.null else field.get_default() if field.has_default() else ""


def is_held(account: Account) -> bool:
    """Whether a legal hold keeps a row of the account, or one of the people who work in it."""
    if Membership.objects.filter(account=account, pk__in=held_keys(Membership._meta.label)).exists():
        return True
    held = ((model, held_keys(model._meta.label)) for model in _tables_of_accounts())
    return any(keys and model._base_manager.filter(account=account, pk__in=keys).exists() for model, keys in held)


def erase_account(*, account: Account) -> int:
    """Erases everything of an account, table by table, then the account itself. Returns how many rows.

    Refuses `on_hold` while a legal hold keeps something of it.
    """
    erased = 0
    with scopes_disabled():
        if is_held(account):
            raise on_hold()
        remember_erased([word_of("account", account.pk, account.public_id)])
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
