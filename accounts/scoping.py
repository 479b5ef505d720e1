"""The tenant wall: models that belong to an account, and the scope that queries and writes must stand in."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django_scopes import ScopedManager, get_scope, scope, scopes_disabled
from django_scopes.manager import DisabledQuerySet

__all__ = ["AccountOwned", "WrongAccount", "account_scope", "scopes_disabled"]

# django-scopes 2.0 leaves these open where no scope is active: `exists` answers, `bulk_create` writes past the guard
for _open in ("exists", "contains", "explain", "aiterator", "in_bulk", "bulk_create", "bulk_update"):
    setattr(DisabledQuerySet, _open, DisabledQuerySet.error)


class WrongAccount(RuntimeError):
    """A row of one account was about to be written in the scope of another: a bug, never a user's mistake."""


def account_scope(account: Any) -> Any:
    """Context manager: inside it, models of an account are those of `account` (an Account) only."""
    return scope(account=account)


def check_account(account_id: int | None) -> None:
    """Raises WrongAccount unless `account_id` is the account of the scope in force."""
    current = get_scope()
    if not current.get("_enabled", True):
        return
    allowed = current.get("account")
    if allowed is None:
        raise WrongAccount("no account scope is active")
    if account_id != allowed.pk:
        raise WrongAccount(f"account {account_id} in the scope of account {allowed.pk}")


class AccountOwnedQuerySet(models.QuerySet[Any]):
    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        rows = list(objs)
        for row in rows:
            check_account(row.account_id)
        return super().bulk_create(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        if "account" in kwargs or "account_id" in kwargs:
            account = kwargs.get("account_id", getattr(kwargs.get("account"), "pk", None))
            check_account(account)
        return super().update(**kwargs)


class AccountOwned(models.Model):
    """Base of every model of an account: scoped reads, guarded writes. The only permitted `save` override."""

    account = models.ForeignKey("accounts.Account", on_delete=models.CASCADE, related_name="+", db_index=False)

    objects = ScopedManager(account="account", _manager_class=models.Manager.from_queryset(AccountOwnedQuerySet))

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        check_account(self.account_id)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        check_account(self.account_id)
        return super().delete(*args, **kwargs)

    @classmethod
    def of(cls, account: Any) -> "models.QuerySet[Self]":
        """The rows of one account, whatever the scope; for doors that have just proved the right to it."""
        rows: models.QuerySet[Self] = cls.objects.with_scope(account=account).get_queryset()
        return rows
