"""The copy of a person's data: what is in it, who gets it, when it goes, and what it costs."""

import io
import json
import time
import zipfile
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import photo_files
from accounts.scoping import scopes_disabled
from accounts.testing import PASSWORD
from chat.testing import PDF, make_chat, say, send_file
from outbox.actions import deliver_due
from privacy import copy_files, copying
from privacy.actions.copies import ask_copy, forget_copies, make_copy
from privacy.actions.retention import apply_retention
from privacy.models import Download
from privacy.persons import person_of_user, person_of_visitor
from privacy.testing import make_download
from support.testing import make_request

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.VAR, settings.FILES_ROOT, settings.MEDIA_ROOT = tmp_path, tmp_path / "files", tmp_path / "media"


def prove(browser, user):
    """As if the password had just been typed."""
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


def read(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.mark.promise("copy_is_whole")
def test_the_copy_holds_every_row_and_file_and_nothing_of_others(acme, eve, alice, client_of):
    key = "K" * 22
    photo_files.store(key, {512: b"large photo", 96: b"small"})
    type(eve).objects.filter(pk=eve.pk).update(photo_key=key)
    make_request(eve, subject="Needle <b>subject</b>")
    make_request(alice, subject="Of somebody else")
    chat = make_chat(acme, text="Where is my bicycle?", email=eve.email)
    with scopes_disabled():
        for number in range(5):
            say(chat, f"Needle line {number}")
        send_file(chat, "../bill.pdf")
    browser = client_of(eve)
    assert browser.post("/privacy/copies/").status_code == 302
    download = Download.objects.get()
    address = f"/privacy/copies/{download.public_id}/"
    waiting = browser.get(address)
    assert "We are writing it" in waiting.content.decode() and waiting["Refresh"]
    while deliver_due():
        pass
    assert "It is ready" in browser.get(address).content.decode()
    assert "A copy of your data is ready" in browser.get("/privacy/").content.decode()

    prove(browser, eve)
    found = read(b"".join(browser.get(f"{address}file/").streaming_content))
    asked = json.loads(found["data/support.SupportRequest.json"])
    assert [row["subject"] for row in asked["rows"]] == ["Needle <b>subject</b>"] and asked["fields"][0]["why"]
    lines = json.loads(found["data/chat.Message.json"])["rows"]
    assert {"Where is my bicycle?", *(f"Needle line {n}" for n in range(5))} <= {row["text"] for row in lines}
    assert [found[name] for name in found if name.startswith("files/accounts.User/")] == [b"large photo"]
    assert [found[name] for name in found if name.startswith("files/chat.Attachment/")] == [PDF]
    page = found["index.html"].decode()
    assert "Needle &lt;b&gt;subject" in page and "Where is my bicycle?" in page and eve.email in page
    everything = b"".join(found.values()).decode(errors="replace")
    assert "Of somebody else" not in everything and alice.email not in everything
    assert eve.password not in everything and "secret_hash" not in everything


def test_nobody_else_gets_it_and_its_person_must_show_who_they_are(eve, alice, client_of):
    download = make_download(eve)
    address = f"/privacy/copies/{download.public_id}/"
    stranger, owner = client_of(alice), client_of(eve)
    prove(stranger, alice)
    assert stranger.get(address).status_code == stranger.get(f"{address}file/").status_code == 404
    answer = owner.get(f"{address}file/")
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"]
    prove(owner, eve)
    assert owner.get(f"{address}file/").status_code == 200
    Download.objects.update(expires_at=timezone.now())
    assert owner.get(f"{address}file/").status_code == 404


def test_who_has_just_logged_in_is_not_asked_again_for_ten_minutes(eve):
    address = f"/privacy/copies/{make_download(eve).public_id}/file/"
    browser = Client()
    browser.post("/account/login/", {"login": eve.email, "password": PASSWORD})
    assert browser.get(address).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=9), tick=False):
        assert browser.get(address).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
        assert browser.get(address)["Location"].startswith("/account/reauthenticate/")
        browser.post("/account/reauthenticate/", {"password": PASSWORD})
        assert browser.get(address).status_code == 200


def test_a_copy_is_deleted_with_its_file_after_a_day(eve, commits):
    place = copy_files.path_of(make_download(eve).public_id)
    assert place.is_file()
    with commits():
        assert forget_copies() == 0
    later = timezone.now() + timedelta(hours=25)
    with commits():
        apply_retention(now=later)
    assert not place.exists() and not Download.objects.exists()
    second = copy_files.path_of(make_download(eve).public_id)
    Download.objects.update(expires_at=timezone.now())
    with commits():
        assert forget_copies() == 1
    assert not second.exists()


def test_asking_twice_makes_one_and_a_failure_is_told(eve, client_of, monkeypatch):
    person = person_of_user(eve)
    download = ask_copy(person=person, user=eve)
    assert ask_copy(person=person, user=eve) == download
    monkeypatch.setattr(copying, "write_copy", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        make_copy(public_id=str(download.public_id))
    assert "We try again" in client_of(eve).get(f"/privacy/copies/{download.public_id}/").content.decode()
    monkeypatch.undo()
    assert make_copy(public_id=str(download.public_id)) and not make_copy(public_id=str(download.public_id))


def test_statements_do_not_grow_with_the_rows(acme, tmp_path, monkeypatch):
    monkeypatch.setattr(copying, "PORTION", 4)
    chat = make_chat(acme)
    person = person_of_visitor(chat.visitor_id)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            copying.write_copy(person, copy_files.path_of("one"))
        return len(asked)

    before = statements()
    with scopes_disabled():
        for number in range(15):
            say(chat, f"Line {number}")
    assert statements() == before
    rows = json.loads(read(copy_files.path_of("one").read_bytes())["data/chat.Message.json"])["rows"]
    assert {f"Line {n}" for n in range(15)} <= {row["text"] for row in rows}
