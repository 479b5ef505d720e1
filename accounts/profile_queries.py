"""Reads for a person's own pages: photo, changes, log-ins, what an erasure would leave, and the export of it all."""

import io
import json
import tempfile
import zipfile
from collections.abc import Iterator
from typing import IO, Any

from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.changes import CHANGES
from accounts.models import Account, Membership, ProfileChange, User
from accounts.scoping import AccountOwned, scopes_disabled
from core.personal_data import Category, Erase, PersonalModel, Subject, SubjectRef, registry

IN_MEMORY = 2 * 1024 * 1024  # of an account's archive; beyond that it lies in a temporary file without a name


def find_leaver(user_id: int, until: str) -> User | None:
    """A person who left and can still come back, by what their link says."""
    user = User.objects.filter(pk=user_id, is_active=False, erase_at__gt=timezone.now()).first()
    return user if user is not None and user.erase_at and user.erase_at.isoformat() == until else None


def find_photo(key: str, viewer: User, membership: Membership | None) -> User | None:
    """The person with this photo, for themselves and for the team of the account that the viewer works in."""
    seen = Q(pk=viewer.pk)
    if membership:
        seen |= Q(memberships__account=membership.account_id, is_active=True)
    return User.objects.filter(seen, photo_key=key).first() if key else None


def find_operators_photo(key: str) -> User | None:
    """The person with this photo who works in an account and so is seen by its visitors."""
    works = Membership.objects.filter(user=OuterRef("pk"), account__erase_at=None)
    return User.objects.filter(Exists(works), photo_key=key, is_active=True).first() if key else None


def list_profile_changes(user: User, limit: int = 20) -> list[tuple[Any, ProfileChange]]:
    """The newest changes of a person's own data, each with its words."""
    rows = ProfileChange.objects.filter(user=user).order_by("-changed_at", "-pk")[:limit]
    return [(CHANGES.get(row.what, row.what), row) for row in rows]


def list_sessions(user: Any) -> list[UserSession]:
    """A person's log-ins, newest first; those whose session ended are left out."""
    alive = Session.objects.filter(expire_date__gt=timezone.now()).values("session_key")
    return list(UserSession.objects.filter(user_id=user.pk, session_key__in=alive).order_by("-created_at"))


def list_kept(user: User) -> list[tuple[Any, Any]]:
    """What an erasure of this person would leave, with the reason: (table in words, reason)."""
    kept: dict[str, tuple[Any, Any]] = {}
    with scopes_disabled():
        for entry in registry:
            fields = [field for field in entry.fields if field.erase is Erase.KEEP]
            if entry.subject is not Subject.USER or entry.rows_of is None or not fields:
                continue
            if entry.rows_of(SubjectRef(Subject.USER, user.pk)).exists():
                kept[entry.model] = (entry.label, fields[0].kept_because)
    return list(kept.values())


def is_alone(membership: Membership) -> bool:
    """Whether nobody else is in the account."""
    return not Membership.objects.filter(account_id=membership.account_id).exclude(pk=membership.pk).exists()


def write_account_archive(account: Account) -> IO[bytes]:
    """All rows of an account as a ZIP with one file of JSON lines a table; secrets are left out."""
    out: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  the answer closes it
    with scopes_disabled(), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        tables = [model for model in apps.get_models() if issubclass(model, AccountOwned)]
        for model in tables:
            rows = model._base_manager.filter(account=account)
            _write_table(archive, model, rows)
        _write_table(archive, Account, Account.objects.filter(pk=account.pk))
        _write_table(archive, Membership, Membership.objects.filter(account=account))
    out.seek(0)
    return out


def _write_table(archive: zipfile.ZipFile, model: type[models.Model], rows: Any) -> None:
    names = list(_open_fields(model))
    with archive.open(f"{model._meta.label}.jsonl", "w") as raw, io.TextIOWrapper(raw, "utf-8") as file:
        for row in rows.order_by("pk").values(*names).iterator(chunk_size=500):
            file.write(json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n")


def _open_fields(model: type[models.Model]) -> Iterator[str]:
    """The columns of a table but those that the data map calls secret or keeps out of exports."""
    declared: PersonalModel | None = registry.find(model._meta.label) if model._meta.label in registry else None
    secret = {
        field.name
        for field in (declared.fields if declared else ())
        if not field.export or field.category is Category.SECRET
    }
    for field in model._meta.concrete_fields:
        if field.name not in secret:
            yield field.attname
