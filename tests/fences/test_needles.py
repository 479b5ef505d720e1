"""Every declared table: words that mean one person are planted in every field, and after the erasure stand nowhere."""

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from accounts.scoping import scopes_disabled
from core.personal_data import Erase, PersonalModel, Subject, SubjectRef, registry
from privacy.actions import erasing
from privacy.persons import Person
from privacy.sweep import sweep
from tests.fences.world import World

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(240)]
# tables that must be among those with words
FILLED = {
    "accounts.User", "account.EmailAddress", "mfa.Authenticator", "usersessions.UserSession", "chat.Chat",
    "chat.Message", "chat.Visitor", "operators.Operator", "operators.Invitation", "outbox.Delivery",
    "support.SupportRequest", "audit.SubjectKey",
}  # fmt: skip
FILES = ("photo_key", "path")  # names of files: a name that we did not make is refused


@pytest.fixture
def var(settings: Any, tmp_path: Any) -> None:
    settings.VAR, settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path, tmp_path / "media", tmp_path / "files"


@pytest.fixture
def world(
    alice: Any, bob: Any, carol: Any, eve: Any, sam: Any, ada: Any, nik: Any, pia: Any, acme: Any, cakes: Any,
    alice_member: Any, bob_member: Any, carol_member: Any, var: None,
) -> World:  # fmt: skip
    return World(alice, bob, carol, eve, sam, ada, nik, pia, acme, cakes, alice_member, bob_member, carol_member)


def plant(keys_by_model: dict[str, list[Any]]) -> tuple[list[str], set[str]]:
    """Writes a word of its own into each declared text of each row; answers the words and the tables with rows."""
    words, seen = [], set()
    with scopes_disabled():
        for entry in registry:
            keys = keys_by_model.get(entry.model, [])
            seen |= {entry.model} if keys else set()
            for name in _texts(entry):
                for key in keys:
                    word = f"ndl{uuid.uuid4().hex[:12]}"
                    if _write(apps.get_model(entry.model), key, name, word):
                        words.append(word)
    return words, seen


def _texts(entry: PersonalModel) -> Iterator[str]:
    model = apps.get_model(entry.model)
    for declared in entry.fields:
        field = model._meta.get_field(declared.name)
        text = isinstance(field, models.CharField | models.TextField | models.JSONField) and not field.choices
        if text and declared.erase is not Erase.KEEP and not field.primary_key and declared.name not in FILES:
            yield declared.name


def _write(model: Any, key: Any, name: str, word: str) -> bool:
    field = model._meta.get_field(name)
    if isinstance(field, models.JSONField):
        value: Any = {"planted": word}
    elif isinstance(field, models.EmailField):
        value = f"{word}@specimen.example"
    else:
        value = word
    if field.max_length and len(str(value)) > field.max_length:
        return False
    try:
        with transaction.atomic():
            model._base_manager.filter(pk=key).update(**{name: value})
    except IntegrityError:
        return False
    return True


def test_no_table_holds_a_word_of_an_erased_person(world: World) -> None:
    refs = (
        SubjectRef(Subject.USER, world.alice.pk),
        *(SubjectRef(Subject.USER, one.pk) for one in (world.pat, world.bob, world.nik, world.ada)),
        SubjectRef(Subject.VISITOR, world.dave.pk),
        SubjectRef(Subject.VISITOR, world.closed_chat.visitor_id),
        SubjectRef(Subject.INVITED, world.invitation.pk),
        SubjectRef(Subject.GUEST, world.guest_request.pk),
    )
    plan = erasing.plan_erasure(person=Person(refs))  # first: some words that are planted lead to other rows
    words, seen = plant(plan.keys)
    assert len(words) > 100
    type(plan).objects.filter(pk=plan.pk).update(state="confirmed", confirmed_at=timezone.now())
    plan = erasing.run_erasure(plan=plan)
    assert sweep(words, {}).found == []
    # two more visitors bear the same name and address; the photo goes with the commit that this test never makes
    assert {table for table, _column, _rows in plan.findings} == {"chat.Visitor", "files: media"}
    assert seen >= FILLED


def test_what_is_declared_with_days_goes_after_them_and_not_before(world: World) -> None:
    from privacy.actions.retention import apply_retention

    now, checked = timezone.now(), 0
    with scopes_disabled():
        for entry in registry:
            model = apps.get_model(entry.model)
            row = model._base_manager.order_by("pk").first() if entry.aged_by else None
            for declared in entry.fields:
                if (
                    row is None
                    or declared.keep_days is None
                    or not isinstance(model._meta.get_field(declared.name), models.CharField | models.TextField)
                ):
                    continue
                if not _write(model, row.pk, declared.name, "needle"):
                    continue
                checked += 1
                one = model._base_manager.filter(pk=row.pk)
                for days, gone in ((declared.keep_days - 1, False), (declared.keep_days + 1, True)):
                    one.update(**{entry.aged_by: now - timedelta(days=days)})
                    apply_retention(now=now)
                    left = list(one.values_list(declared.name, flat=True))
                    assert any("needle" in text for text in left) is not gone, (
                        f"{entry.model}.{declared.name} after {days} days"
                    )
    assert checked >= 5
