"""Files of chats: what is taken and what is not, who may send and read them, and when they are gone from the disk."""

import errno
import io
import uuid
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from PIL import Image

from accounts.actions.erasing import erase_account
from accounts.models import Account, Membership
from accounts.scoping import account_scope
from accounts.tests.pictures import SECRET, phone_photo, plain
from audit.models import Entry
from chat.actions import files
from chat.actions.chats import close_chat
from chat.actions.edits import remove_line
from chat.actions.messages import NewMessage
from chat.actions.visitors import delete_visitor
from chat.files import answers, store
from chat.models import Attachment, Chat, Message, Visitor
from chat.testing import make_chat, make_operator, make_visitor
from chat.tests.files import BAD, GOOD, HOSTILE_NAME, PDF, frames_of
from chat.window import kept
from core import faults
from core.errors import Refused
from core.limits import LIMITS
from operators.models import Operator
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return tmp_path / "files"


@pytest.fixture
def operator(alice_member: Membership) -> Operator:
    return make_operator(alice_member)


@pytest.fixture
def chat(acme: Account, operator: Operator) -> Chat:
    return make_chat(acme, operator=operator, name="Pat Specimen")


def on_disk(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def hold(chat: Chat, name: str = "scan.pdf", data: bytes = PDF, operator: Operator | None = None) -> Attachment:
    with account_scope(chat.account):
        return files.hold_file(chat=chat, name=name, data=data, operator=operator)


def send(chat: Chat, held: Attachment, text: str = "", operator: Operator | None = None, **more: Any) -> files.Sent:
    message = NewMessage(
        chat.account_id, chat.pk, more.pop("client_id", uuid.uuid4()), text,
        operator_pk=operator.pk if operator else None, visitor_pk=None if operator else chat.visitor_id,
    )  # fmt: skip
    with account_scope(chat.account), transaction.atomic():
        return files.post_file(message=message, file_id=held.public_id)


def bytes_of(held: Attachment) -> bytes:
    return store.path_of(held.path).read_bytes()


# ---- what is taken --------------------------------------------------------------------------------------------
@pytest.mark.once
@pytest.mark.parametrize("name", GOOD)
def test_each_kind_is_known_by_its_content(chat: Chat, name: str) -> None:
    data, kept_name, content_type = GOOD[name]
    held = hold(chat, name, data)
    assert (held.name, held.content_type) == (kept_name, content_type)
    assert held.size == len(bytes_of(held))
    if held.width:
        picture = Image.open(io.BytesIO(bytes_of(held)))
        assert picture.size == (held.width, held.height)
        assert SECRET not in bytes_of(held) and b"NeedlePhone" not in bytes_of(held) and not picture.getexif()
    else:
        assert bytes_of(held) == data


@pytest.mark.once
@pytest.mark.parametrize("what", BAD)
def test_what_is_not_taken_is_refused_with_a_sentence_and_leaves_nothing(chat: Chat, folder: Path, what: str) -> None:
    name, data, code = BAD[what]
    with pytest.raises(Refused) as refused:
        hold(chat, name, data)
    assert refused.value.code == code
    assert str(refused.value.message).endswith(".")
    with account_scope(chat.account):
        assert not Attachment.objects.exists()
    assert on_disk(folder) == []


@pytest.mark.once
def test_a_photo_stands_upright_and_an_animation_goes_on_moving(chat: Chat) -> None:
    photo = Image.open(io.BytesIO(bytes_of(hold(chat, "IMG.jpg", phone_photo())))).convert("RGB")
    above, below = (photo.getpixel((photo.width // 2, y)) for y in (4, photo.height - 5))
    assert above[0] > 200 > above[2] and below[2] > 200 > below[0]
    assert max(photo.size) <= 3200
    assert frames_of(bytes_of(hold(chat, "moves.gif", GOOD["moves.gif"][0]))) == 12


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        (HOSTILE_NAME, "gpj.-img src=x onerror=alert(1)-'-{{7-7}} exe.pdf"),
        ("C:\\Windows\\system32\\bill.pdf", "bill.pdf"),
        ("..", "file.pdf"),
        (".htaccess", "htaccess.pdf"),
        ("con.pdf.pdf.exe", "con.pdf"),
        ("a" * 300 + ".pdf", "a" * 156 + ".pdf"),
        ("Rechnung Größe 5 (neu).PDF", "Rechnung Größe 5 (neu).pdf"),
    ],
)
def test_names_lose_folders_control_characters_and_turned_directions(name: str, cleaned: str) -> None:
    assert store.clean_name(name, "pdf") == cleaned


def test_what_is_too_large_is_refused_before_anybody_looks_at_it(chat: Chat, settings: Any) -> None:
    settings.LARGEST_FILE = 1_048_576
    with pytest.raises(Refused, match="too_large") as refused:
        hold(chat, "big.txt", b"a" * 1_048_577)
    assert "1 MB" in str(refused.value.message)


def test_a_chat_takes_twenty_files_and_none_when_it_has_ended(
    chat: Chat, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "MOST_A_CHAT", 2)
    for name in ("a.txt", "b.txt"):
        hold(chat, name, b"text")
    with pytest.raises(Refused, match="file_limit"):
        hold(chat, "c.txt", b"text")
    with account_scope(chat.account):
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=operator)
    chat.refresh_from_db()
    with pytest.raises(Refused, match="closed"):
        hold(chat, "d.txt", b"text")


# ---- sending --------------------------------------------------------------------------------------------------
def test_message_and_file_are_stored_together_once_and_a_resend_is_harmless(chat: Chat, operator: Operator) -> None:
    held, client_id = hold(chat), uuid.uuid4()
    first = send(chat, held, "Here it is", client_id=client_id)
    again = send(chat, held, "Here it is", client_id=client_id)
    assert (first.posted.seq, again.posted.seq, again.posted.is_new) == (3, 3, False)
    assert first.file == again.file and first.file["name"] == "scan.pdf"
    other = hold(chat)
    with pytest.raises(Refused, match="conflict"):
        send(chat, other, "Here it is", client_id=client_id)
    with pytest.raises(Refused, match="not_found"):
        send(chat, held, "Here it is")  # sent already
    with account_scope(chat.account):
        message = Message.objects.get(chat=chat, seq=3)
        assert (message.text, message.file, message.attachment) == ("Here it is", first.file, held)
        assert Chat.objects.get(pk=chat.pk).last_seq == 3
    send(chat, other, operator=None)
    with account_scope(chat.account):
        assert Chat.objects.get(pk=chat.pk).last_text == "scan.pdf"


def test_nobody_sends_a_file_that_somebody_else_holds_or_of_another_chat(
    acme: Account, chat: Chat, operator: Operator
) -> None:
    other = make_chat(acme, operator=operator)
    of_visitor, of_operator = hold(chat), hold(chat, operator=operator)
    for where, held, by in ((chat, of_visitor, operator), (chat, of_operator, None), (other, of_visitor, None)):
        with pytest.raises(Refused, match="not_found"):
            send(where, held, "mine", operator=by)
    with account_scope(acme):
        assert Message.objects.exclude(text="").values_list("text", flat=True).distinct().get() == "Hello"
        assert set(Chat.objects.values_list("last_seq", flat=True)) == {2}


# ---- doors ----------------------------------------------------------------------------------------------------
def upload(browser: Any, path: str, name: str = "scan.pdf", data: bytes = PDF, **fields: str) -> Any:
    file = SimpleUploadedFile(name, data, "application/octet-stream")
    return browser.post(path, {**fields, "file": file}, headers={"Accept": "application/json"})


def test_an_operator_uploads_only_where_they_may_write(
    acme: Account, chat: Chat, alice: Any, bob: Any, bob_member: Membership, client_of: Any
) -> None:
    make_operator(bob_member)
    waiting = make_chat(acme)
    alices = client_of(alice)
    assert upload(alices, "/app/files/", chat=str(chat.public_id)).json()["name"] == "scan.pdf"
    assert upload(client_of(bob), "/app/files/", chat=str(chat.public_id)).json()["code"] == "not_allowed"
    assert upload(alices, "/app/files/", chat=str(waiting.public_id)).json()["code"] == "waiting"
    assert upload(alices, "/app/files/", chat=str(uuid.uuid4())).status_code == 404
    assert upload(alices, "/app/files/", chat="x").status_code == 404
    assert (
        alices.post("/app/files/", {"chat": str(chat.public_id)}, headers={"Accept": "application/json"}).json()["code"]
        == "empty_file"
    )


def test_a_visitor_uploads_with_the_secret_into_the_own_live_chat(client: Any, acme: Account, chat: Chat) -> None:
    visitor = make_visitor(acme)
    assert upload(client, "/widget/files/", secret=visitor.secret).status_code == 404  # no chat yet
    make_chat(acme, visitor=visitor)
    assert upload(client, "/widget/files/", secret=visitor.secret).status_code == 201
    assert upload(client, "/widget/files/", secret="wrong").status_code == 404
    assert upload(client, "/widget/files/").status_code == 404
    file = SimpleUploadedFile("scan.pdf", PDF)
    foreign = client.post(
        "/widget/files/", {"secret": visitor.secret, "file": file},
        headers={"Origin": "https://elsewhere.example", "Accept": "application/json"},
    )  # fmt: skip
    assert (foreign.status_code, foreign.json()["code"]) == (403, "bad_origin")
    Visitor.objects.with_scopes_disabled().filter(pk=visitor.pk).update(language="de")
    refused = upload(client, "/widget/files/", "page.html", b"<!doctype html>", secret=visitor.secret)
    assert "Bilder" in refused.json()["message"]


def test_uploads_are_counted(
    client: Any, acme: Account, client_of: Any, alice: Any, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = make_visitor(acme)
    make_chat(acme, visitor=visitor)
    for route, tries in (("widget.file", 1), ("chat.files", 3)):
        monkeypatch.setitem(LIMITS, route, type(LIMITS[route])(tries, 600, "test"))
    assert upload(client, "/widget/files/", secret=visitor.secret).status_code == 201
    assert upload(client, "/widget/files/", secret=visitor.secret).status_code == 429
    alices = client_of(alice)
    codes = [upload(alices, "/app/files/", chat=str(chat.public_id)).status_code for _ in range(3)]
    assert codes == [201, 201, 429]  # of the account: the visitor's counts too


def link(client: Any, visitor: Any, held: Attachment) -> str:
    asked = {"secret": visitor.secret, "ids": [str(held.public_id)]}
    return str(client.post("/widget/files/links/", asked, "application/json").json()["links"].get(str(held.public_id)))


def test_a_visitor_reads_own_files_through_a_word_of_five_minutes(
    client: Any, acme: Account, time_machine: Any
) -> None:
    visitor, other = make_visitor(acme), make_visitor(acme)
    chat = make_chat(acme, visitor=visitor)
    make_chat(acme, visitor=other)
    held = hold(chat)
    assert link(client, visitor, held) == "None"  # not sent yet
    send(chat, held)
    mine = link(client, visitor, held)
    answer = client.get(mine)
    assert answer.status_code == 200 and answer["Content-Disposition"] == 'attachment; filename="scan.pdf"'
    assert answer["Content-Security-Policy"] == answers.FILE_CSP
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert link(client, other, held) == "None"
    bare, _, token = mine.rstrip("/").rpartition("/")
    stranger = store.make_link_token(other.public_id, held.public_id)
    for wrong in (token[:-1], f"{token}x", stranger, store.make_link_token(visitor.public_id, uuid.uuid4())):
        assert client.get(f"{bare}/{wrong}/").status_code == 404
    assert client.get(f"{bare}/").status_code == 404
    time_machine.move_to(timezone.now() + timedelta(minutes=6))
    assert client.get(mine).status_code == 404


def test_operators_read_what_was_sent_in_their_account_and_nobody_else(
    client_of: Any, alice: Any, bob: Any, carol: Any, eve: Any, client: Any, chat: Chat
) -> None:
    held, shown = hold(chat), hold(chat, "shot.png", plain((40, 30), "PNG"))
    address = f"/app/files/{held.public_id}/"
    assert client_of(alice).get(address).status_code == 404  # not sent yet
    send(chat, held)
    send(chat, shown)
    assert [client_of(person).get(address).status_code for person in (alice, bob, carol, eve)] == [200, 200, 404, 404]
    assert client.get(address).status_code == 302
    picture = client_of(alice).get(f"/app/files/{shown.public_id}/")
    assert picture["Content-Disposition"] == 'inline; filename="shot.png"' and picture["Content-Type"] == "image/png"
    assert picture["Content-Security-Policy"] == answers.FILE_CSP
    store.path_of(held.path).unlink()
    assert client_of(alice).get(address).status_code == 404


# ---- gone from the disk ---------------------------------------------------------------------------------------
def test_a_full_disk_is_said_in_a_sentence_and_leaves_neither_row_nor_file(
    client_of: Any, alice: Any, chat: Chat, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setitem(faults.points, "files.half_written", full)
    answer = upload(client_of(alice), "/app/files/", chat=str(chat.public_id))
    assert (answer.status_code, answer.json()["code"]) == (503, "no_space")
    assert on_disk(folder) == []
    with account_scope(chat.account):
        assert not Attachment.objects.exists()
    monkeypatch.delitem(faults.points, "files.half_written")
    assert upload(client_of(alice), "/app/files/", chat=str(chat.public_id)).status_code == 201


def test_a_chat_that_goes_while_its_file_is_judged_leaves_no_file(
    chat: Chat, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def vanish() -> None:
        with account_scope(chat.account):
            delete_visitor(visitor=chat.visitor)

    monkeypatch.setitem(faults.points, "files.after_store", vanish)
    with pytest.raises(Refused, match="closed"):
        hold(chat)
    assert on_disk(folder) == []


def test_files_on_the_disk_are_for_the_site_alone(chat: Chat, folder: Path) -> None:
    held = hold(chat)
    path = store.path_of(held.path)
    assert path.stat().st_mode & 0o777 == 0o600
    assert held.path == f"{path.name[:2]}/{path.name}" and "scan" not in held.path
    for wrong in ("../../etc/passwd", "ab/../cd", "", "out/x"):
        with pytest.raises(ValueError, match="no file"):
            store.path_of(wrong)


def test_what_nobody_sends_is_forgotten_after_an_hour_and_strays_are_swept(
    chat: Chat, folder: Path, commits: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent, held = hold(chat), hold(chat)
    send(chat, sent)
    (folder / "ab").mkdir(exist_ok=True)
    for stray in ("ab/" + "a" * 40, "ab/" + "b" * 40 + ".new", "ab/notes.txt"):
        (folder / stray).write_bytes(b"left by a process that died")
    now = timezone.now()
    with commits():
        assert files.forget_held_files(now=now + timedelta(minutes=59)) == 0
        assert files.forget_held_files(now=now + timedelta(minutes=61)) == 1
    assert files.sweep_files() == 0  # too young
    monkeypatch.setattr(files, "STRAY_SECONDS", -60)
    assert files.sweep_files() == 2
    assert on_disk(folder) == sorted([sent.path, "ab/notes.txt"])  # what is not ours is left alone
    with account_scope(chat.account):
        assert list(Attachment.objects.all()) == [sent]
    assert held.path != sent.path


def test_the_visitors_word_removes_every_file(chat: Chat, folder: Path, commits: Any) -> None:
    send(chat, hold(chat))
    hold(chat)
    with commits(), account_scope(chat.account):
        delete_visitor(visitor=chat.visitor)
    assert on_disk(folder) == []


def test_retention_removes_files_with_their_chats(chat: Chat, operator: Operator, folder: Path, commits: Any) -> None:
    send(chat, hold(chat, operator=operator), operator=operator)
    with account_scope(chat.account):
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=operator)
    keep = timedelta(days=chat.account.chat_keep_days)
    with commits():
        apply_retention(now=timezone.now() + keep - timedelta(days=1))
    assert len(on_disk(folder)) == 1
    with commits():
        apply_retention(now=timezone.now() + keep + timedelta(days=1))
    assert on_disk(folder) == []


def test_erasing_an_account_removes_its_files(chat: Chat, folder: Path, commits: Any) -> None:
    send(chat, hold(chat))
    with commits():
        erase_account(account=chat.account)
    assert on_disk(folder) == []


def test_removing_a_line_removes_its_file(chat: Chat, folder: Path, commits: Any) -> None:
    sent = send(chat, hold(chat), "Sorry, the wrong one")
    with commits(), account_scope(chat.account):
        remove_line(chat_pk=chat.pk, seq=sent.posted.seq, client_id=uuid.uuid4())
        assert Message.objects.get(chat=chat, seq=sent.posted.seq).file is None
    assert on_disk(folder) == []


# ---- where files are named ------------------------------------------------------------------------------------
def test_receipt_download_and_transcript_name_the_files(
    client: Any, client_of: Any, alice: Any, acme: Account, operator: Operator
) -> None:
    visitor = make_visitor(acme, name="Pat")
    chat = make_chat(acme, visitor=visitor, operator=operator)
    plain_download = client.post("/widget/download/", {"secret": visitor.secret}, "application/json")
    assert plain_download["Content-Type"] == "application/json"
    send(chat, hold(chat), "My bill")
    with account_scope(acme):
        rows = kept.describe_kept(visitor)["rows"]
        assert [row["count"] for row in rows if row["what"] == "Files"] == [1]
        lines = kept.export_visitor(visitor)["conversations"][0]["lines"]
    assert [line["file"]["name"] for line in lines if "file" in line] == ["scan.pdf"]
    packed = client.post("/widget/download/", {"secret": visitor.secret}, "application/json")
    assert packed["Content-Type"] == "application/zip" and int(packed["Content-Length"]) > len(PDF)
    alices = client_of(alice)
    assert "Pat: My bill [File: scan.pdf, 1 kB]" in alices.get(f"/app/archive/{chat.public_id}/text/").content.decode()
    page = alices.get(f"/app/chats/{chat.public_id}/").content.decode()
    assert "scan.pdf" in page and "/app/files/" in page
    assert not Entry.objects.filter(facts__icontains="scan").exists()
