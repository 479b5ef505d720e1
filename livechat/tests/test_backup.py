"""A backup holds everything, and a restore brings it back, on the database that the tests run on."""

import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.db import connection
from django_scopes import scopes_disabled

from accounts.models import Account, User
from accounts.testing import make_owner
from livechat.backups import BackupProblem, read_manifest
from outbox.models import Delivery
from outbox.testing import mail_kind, make_delivery

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]

CHAT_FILE = "ab/" + "ab" * 20


@pytest.fixture
def var(tmp_path: Path, settings: Any) -> Path:
    settings.VAR = tmp_path / "var"
    settings.MEDIA_ROOT = tmp_path / "var" / "media"
    settings.FILES_ROOT = tmp_path / "var" / "files"
    settings.ADDRESS_KEY_FILE = tmp_path / "var" / "address_key"
    settings.MEDIA_ROOT.mkdir(parents=True)
    (settings.MEDIA_ROOT / "photo.jpg").write_bytes(b"a photo")
    (settings.FILES_ROOT / "ab").mkdir(parents=True)
    (settings.FILES_ROOT / CHAT_FILE).write_bytes(b"a file of a chat")
    (settings.FILES_ROOT / "ab" / "half.new").write_bytes(b"half of one")
    (settings.VAR / "secret_key").write_text("the secret")
    settings.ADDRESS_KEY_FILE.write_text("the address key")
    return tmp_path / "var"


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for how the outbox stands."""
    found = {}
    with scopes_disabled():
        for model in apps.get_models(include_auto_created=True):
            if model is not Delivery:
                rows = model._base_manager.order_by("pk").values()
                found[model._meta.label] = [{key: str(value) for key, value in row.items()} for row in rows]
    return found


def make_backup(path: Path) -> str:
    out = io.StringIO()
    call_command("backup", str(path), stdout=out)
    return out.getvalue()


@pytest.mark.long
@pytest.mark.promise("backup")
def test_what_was_there_is_there_again(var: Path, tmp_path: Path) -> None:
    make_owner(company="Acme Bikes", name="Zoë 🚲", surname="A\\B\tC\nD")
    with mail_kind():
        make_delivery(key="waits")
    before, count = everything(), Delivery.objects.count()
    file = tmp_path / "site.backup"
    assert "made" in make_backup(file)
    assert file.stat().st_mode & 0o077 == 0

    User.objects.update(name="somebody else")
    Session.objects.all().delete()
    Delivery.objects.all().delete()
    make_owner(company="Made after the backup")
    (var / "media" / "photo.jpg").unlink()
    (var / "media" / "later.jpg").write_bytes(b"later")
    (var / "files" / CHAT_FILE).unlink()
    (var / "address_key").write_text("another")

    out = io.StringIO()
    call_command("restore", str(file), yes=True, stdout=out)

    assert everything() == before
    assert "parked" in out.getvalue()
    assert Delivery.objects.count() == count
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.PARKED}
    assert [path.name for path in (var / "media").iterdir()] == ["photo.jpg"]
    assert [path for path in (var / "files").rglob("*") if path.is_file()] == [var / "files" / CHAT_FILE]
    assert (var / "files" / CHAT_FILE).read_bytes() == b"a file of a chat"
    assert (var / "address_key").read_text() == "the address key"
    assert (var / "address_key").stat().st_mode & 0o077 == 0
    make_owner(company="New after the restore")  # sequences go on where they were
    assert Account.objects.filter(company="New after the restore").exists()


def test_nothing_is_replaced_unasked(var: Path, tmp_path: Path) -> None:
    make_owner()
    file = tmp_path / "site.backup"
    make_backup(file)
    with pytest.raises(CommandError, match="--yes"):
        call_command("backup", str(file))
    with pytest.raises(CommandError, match="--yes"):
        call_command("restore", str(file))
    assert User.objects.count() == 1


def rewrite(source: Path, target: Path, **changes: Any) -> None:
    with tarfile.open(source) as old, tarfile.open(target, "w:gz") as new:
        for member in old.getmembers():
            file = old.extractfile(member) if member.isfile() else None
            data = file.read() if file else b""
            if member.name == "manifest.json":
                data = json.dumps({**json.loads(data), **changes}).encode()
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))


def test_a_file_that_does_not_fit_changes_nothing(var: Path, tmp_path: Path) -> None:
    make_owner()
    good, bad = tmp_path / "good", tmp_path / "bad"
    make_backup(good)
    before = everything()
    other = "sqlite" if connection.vendor == "postgresql" else "postgresql"
    for changes, words in (
        ({"format": 99}, "another format"),
        ({"vendor": other}, "same kind"),
        ({"migrations": [["accounts", "9999_from_the_future"]]}, "upgrade first"),
    ):
        rewrite(good, bad, **changes)
        with pytest.raises(BackupProblem, match=words):
            read_manifest(bad)
    bad.write_bytes(b"not a backup")
    with pytest.raises(CommandError, match="is not a backup"):
        call_command("restore", str(bad), yes=True)
    bad.write_bytes(good.read_bytes()[: good.stat().st_size // 2])
    with pytest.raises(CommandError):
        call_command("restore", str(bad), yes=True)
    assert everything() == before
