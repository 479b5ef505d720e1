"""A working site with real things in it, on which every live probe holds."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import models, transaction

from accounts import photo_files
from accounts.models import Account, Membership, User
from accounts.testing import make_owner
from chat.models import Chat
from chat.testing import make_chat, make_operator, say
from core.promises import Outcome, Result, registry, run_probe
from notifications.actions import set_preference
from operators.actions import forget_invited_address
from operators.models import Invitation
from operators.testing import make_invitation
from outbox.actions import deliver_due
from outbox.models import Delivery
from policies.testing import make_policies

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def no_photos_of_other_tests() -> None:
    """Tests that are rolled back leave the notes of removals that never came to their commit."""
    for path in (photo_files.folder() / "going").glob("*"):
        path.unlink(missing_ok=True)


@pytest.fixture
def owner(db: None, settings: Any) -> User:
    """Owner of a company that signed up under the published texts."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    make_policies()
    return make_owner(email="ada@acme-bikes.example", company="Acme Bikes", website="https://acme-bikes.example")


@pytest.fixture
def company(owner: User) -> Account:
    return Account.objects.get(memberships__user=owner)


@pytest.fixture
def talk(company: Account) -> Chat:
    """A chat with three lines of people."""
    operator = make_operator(company.memberships.get())
    chat = make_chat(company, text="Do you have the saddle?", operator=operator, name="Robin")
    say(chat, "Yes, in brown.", operator=operator)
    say(chat, "Thank you")
    return chat


@pytest.fixture
def summary(owner: User, company: Account) -> Delivery:
    """A daily summary that left after its reader had switched it on."""
    set_preference(user=owner, account=company, kind="daily_summary", is_on=True)
    return make_sent(owner, company)


@pytest.fixture
def invited(company: Account) -> Invitation:
    """A colleague who was invited and mailed, and one who had the address removed."""
    leader = Membership.objects.select_related("account", "user").get(account=company)
    make_invitation(leader, email="gone@specimen.example")
    found = make_invitation(leader, email="fay@specimen.example")
    deliver_due()
    forget_invited_address(email="gone@specimen.example", actor="system")
    return found


@pytest.fixture
def site(talk: Chat, summary: Delivery, invited: Invitation) -> None:
    """All of it."""


def make_sent(person: User, account: Account, **changes: Any) -> Delivery:
    """A summary that was sent just now."""
    from django.utils import timezone

    from reports.queries import KIND

    values = {
        "kind": KIND, "key": f"{account.pk}:2026-11-22", "recipient": f"user:{person.pk}", "account_ref": account.pk,
        "payload": {"day": "2026-11-22", "zone": "UTC"}, "state": Delivery.State.DONE, "finished_at": timezone.now(),
        "in_ledger": True,
    }  # fmt: skip
    return Delivery.objects.create(**{**values, **changes})


@pytest.fixture
def probe_of() -> Callable[[str], Result]:
    return lambda key: run_probe(registry.find(key))


class AddedColumns:
    """Adds a field to a model, as a changed `models.py` would, and takes it away again."""

    def __init__(self) -> None:
        self.added: list[tuple[type[models.Model], str, Any]] = []

    def __call__(self, model: type[models.Model], name: str, field: Any) -> None:
        field.contribute_to_class(model, name)
        self.added.append((model, name, field))

    def undo(self) -> None:
        while self.added:
            model, name, field = self.added.pop()
            model._meta.local_fields.remove(field)
            model._meta._expire_cache()
            delattr(model, name)


@pytest.fixture
def add_column() -> Iterator[AddedColumns]:
    columns = AddedColumns()
    yield columns
    columns.undo()


@pytest.fixture
def turns_red(
    probe_of: Callable[[str], Result], monkeypatch: pytest.MonkeyPatch, settings: Any, add_column: AddedColumns
) -> Callable[..., Any]:
    """`with turns_red("key"): break the product`: the probe holds before, is broken after, and holds again once what
    was done inside is undone: rows, patches, settings, columns. `leaves` says what stays beside them: a file. A slow
    machine makes a probe late; how fast each must be is a test of its own.
    """

    @contextmanager
    def watch(key: str, leaves: str = "") -> Iterator[None]:
        before = probe_of(key)
        assert before.outcome is not Outcome.BROKEN, f"{key} before: {before.figure}"
        undo = remember(monkeypatch, settings)
        with transaction.atomic():
            yield
            after = probe_of(key)
            assert after.outcome is Outcome.BROKEN, f"{key} did not turn red: {after.figure}"
            transaction.set_rollback(True)
        if leaves:
            return
        undo()
        add_column.undo()
        cache.clear()
        again = probe_of(key)
        assert again.outcome is not Outcome.BROKEN, f"{key} stays red: {again.figure}"

    return watch


def remember(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[[], None]:
    """Answers what undoes the patches and settings made from now on; both keep lists of what they have to restore."""
    attributes, items, kept = monkeypatch._setattr[:], monkeypatch._setitem[:], len(settings._to_restore)
    path = sys.path[:]

    def undo() -> None:
        later = pytest.MonkeyPatch()
        later._setattr, monkeypatch._setattr = monkeypatch._setattr[len(attributes) :], attributes
        later._setitem, monkeypatch._setitem = monkeypatch._setitem[len(items) :], items
        later.undo()
        while len(settings._to_restore) > kept:
            settings._to_restore.pop().disable()
        sys.path[:] = path

    return undo


@pytest.fixture
def change_file(tmp_path: Path, settings: Any) -> Callable[[str, str, str], None]:
    """Changes one of our own files, in a copy of its folder that the site then takes for its own."""
    import shutil

    def change(path: str, old: str, new: str) -> None:
        base = tmp_path / "site"
        top = Path(path).parts[0]
        if not (base / top).exists():
            shutil.copytree(ROOT / top, base / top, ignore=shutil.ignore_patterns("__pycache__"))
        text = (base / path).read_text(encoding="utf-8") if (base / path).exists() else ""
        assert old in text, f"{path} does not hold {old!r}"
        (base / path).write_text(text.replace(old, new, 1) if old else text + new, encoding="utf-8")
        settings.BASE_DIR = base
        settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [base / "templates", ROOT / "templates"]}]

    return change
