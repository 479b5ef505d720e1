"""Files over real sockets and real requests, both ways, and the bytes that come back."""

import asyncio
import io
import json
import socket
import urllib.error
import urllib.request
import uuid
import zipfile
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as site

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from accounts.tests.pictures import SECRET, phone_photo
from chat.models import Attachment, Message
from chat.testing import PDF, make_operator
from chat.tests.conftest import Doors
from tests.browser import sign_in
from tests.wire import Wire


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Path) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return tmp_path / "files"


def form(fields: dict[str, str], name: str, data: bytes) -> tuple[bytes, str]:
    """The body and kind of a form with a file."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n' for key, value in fields.items()
    ]
    parts.append(f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n')
    return "".join(parts).encode() + data + f"\r\n--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"


def ask(url: str, body: bytes | None = None, **headers: str) -> tuple[int, Any, bytes]:
    """Status, headers and bytes of an answer of the running site."""
    request = urllib.request.Request(url, body, {key.replace("_", "-"): value for key, value in headers.items()})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


class Cookies(list[dict[str, str]]):
    """Takes the cookies that a browser window would get."""

    def add_cookies(self, cookies: list[dict[str, str]]) -> None:
        self += cookies


def session_of(user: Any, origin: str) -> str:
    window = Cookies()
    sign_in(window, origin, user)
    return f"{window[0]['name']}={window[0]['value']}"


async def in_thread(work: Any, *args: Any, **more: Any) -> Any:
    return await asyncio.to_thread(work, *args, **more)


def post_file(
    doors: Doors, path: str, fields: dict[str, str], name: str, data: bytes, **headers: str
) -> dict[str, Any]:
    body, kind = form(fields, name, data)
    status, _headers, answer = ask(
        f"{doors.origin}{path}", body, Content_Type=kind, Origin=doors.origin, Accept="application/json", **headers
    )
    assert status == 201, answer
    return json.loads(answer)  # type: ignore[no-any-return]


def test_files_go_both_ways_and_survive_a_reconnect(
    doors: Doors, play: Any, acme: Account, alice: Any, alice_member: Membership, folder: Path
):
    make_operator(alice_member)
    opened, ticket, cookie = (
        doors.open_widget(acme),
        doors.console_ticket(alice_member),
        session_of(alice, doors.origin),
    )
    again = doors.console_ticket(alice_member)
    csrf = "a" * 32
    photo = phone_photo()

    async def scene() -> None:
        visitor, console = await doors.visitor(opened), await doors.console(ticket)
        await visitor.send(t="start", id=str(uuid.uuid4()), text="Hello")
        chat = (await visitor.expect("ack"))["chat"]
        await console.send(t="accept", chat=chat)
        await console.expect("took")

        # up: the visitor's photo, with a text beside it
        held = await in_thread(post_file, doors, "/widget/files/", {"secret": opened["secret"]}, "IMG 1.JPG", photo)
        assert (held["name"], held["type"], held["w"], held["h"]) == ("IMG 1.jpg", "image/jpeg", 2400, 3200)
        sent = {"t": "msg", "id": str(uuid.uuid4()), "text": "My wheel", "file": held["id"]}
        await visitor.send(**sent)
        ack = await visitor.expect("ack", id=sent["id"])
        assert ack["file"] == held
        line = await console.line(by="visitor", id=sent["id"])
        assert (line["text"], line["file"], line["seq"]) == ("My wheel", held, 3)
        await visitor.send(**sent)  # a resend is harmless
        assert (await visitor.expect("ack", id=sent["id"]))["seq"] == 3
        await visitor.send(**{**sent, "file": str(uuid.uuid4())})
        assert (await visitor.expect("err", id=sent["id"]))["code"] == "conflict"

        # down: to the operator's browser, clean
        status, headers, data = await in_thread(ask, f"{doors.origin}/app/files/{held['id']}/", Cookie=cookie)
        assert (status, headers["Content-Type"], len(data)) == (200, "image/jpeg", held["size"])
        assert SECRET not in data and b"NeedlePhone" not in data and "X-Livechat-File" not in headers
        assert headers["X-Content-Type-Options"] == "nosniff" and "sandbox" in headers["Content-Security-Policy"]

        # and the operator's PDF to the visitor, without a word
        reply = await in_thread(
            post_file, doors, "/app/files/", {"chat": chat}, "what to bring.pdf", PDF,
            Cookie=f"{cookie}; {site.CSRF_COOKIE_NAME}={csrf}", X_CSRFToken=csrf,
        )  # fmt: skip
        client_id = str(uuid.uuid4())
        await console.send(t="msg", chat=chat, id=client_id, text="", file=reply["id"])
        assert (await console.expect("ack", id=client_id))["file"]["name"] == "what to bring.pdf"
        line = await visitor.line(by="operator")
        assert (line["text"], line["file"]["id"]) == ("", reply["id"])
        asked = json.dumps({"secret": opened["secret"], "ids": [reply["id"], held["id"], "x"]}).encode()
        _status, _headers, links = await in_thread(
            ask, f"{doors.origin}/widget/files/links/", asked, Content_Type="application/json", Origin=doors.origin
        )
        link = json.loads(links)["links"][reply["id"]]
        status, headers, data = await in_thread(ask, f"{doors.origin}{link}")
        assert (status, data) == (200, PDF)
        assert headers["Content-Disposition"] == 'attachment; filename="what to bring.pdf"'

        # a window that comes back finds both
        other = await doors.console(again)
        await other.send(t="open", chat=chat, since=0)
        lines = (await other.expect("lines", chat=chat))["lines"]
        assert [line["file"]["name"] for line in lines if "file" in line] == ["IMG 1.jpg", "what to bring.pdf"]
        for wire in (visitor, console, other):
            await wire.close()

    play(scene())
    with account_scope(acme):
        assert Attachment.objects.exclude(message=None).count() == 2
        assert list(Message.objects.order_by("seq").values_list("seq", flat=True)) == [1, 2, 3, 4]

    # all of it in a zip file, which is gone from the disk once it is on its way
    status, headers, data = ask(
        f"{doors.origin}/widget/download/", json.dumps({"secret": opened["secret"]}).encode(),
        Content_Type="application/json", Origin=doors.origin,
    )  # fmt: skip
    assert (status, headers["Content-Type"]) == (200, "application/zip")
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert [name.rpartition("/")[2] for name in names] == ["chat.json", "IMG 1.jpg", "what to bring.pdf"]
    assert list((folder / "out").iterdir()) == []


def test_a_message_needs_a_text_or_a_file_and_strange_files_are_refused(doors: Doors, play: Any, acme: Account):
    opened, other = doors.open_widget(acme), doors.open_widget(acme)

    async def start(wire: Wire) -> str:
        await wire.send(t="start", id=str(uuid.uuid4()), text="Hello")
        return str((await wire.expect("ack"))["chat"])

    async def scene() -> None:
        visitor, stranger = await doors.visitor(opened), await doors.visitor(other)
        await start(visitor)
        await start(stranger)
        held = await in_thread(post_file, doors, "/widget/files/", {"secret": opened["secret"]}, "a.pdf", PDF)
        for wire, file, code in (
            (visitor, None, "empty"), (visitor, str(uuid.uuid4()), "not_found"), (stranger, held["id"], "not_found"),
            (visitor, "x", "bad_frame"),
        ):  # fmt: skip
            client_id = str(uuid.uuid4())
            await wire.send(t="msg", id=client_id, text=" ", file=file)
            assert (await wire.expect("err", id=client_id))["code"] == code
        await visitor.message("", file=held["id"])
        for wire in (visitor, stranger):
            await wire.close()

    play(scene())
    with account_scope(acme):
        assert sorted(Message.objects.values_list("seq", flat=True)) == [1, 1, 2]


def test_a_large_file_has_room_at_the_door_and_one_that_is_larger_hears_a_status(
    doors: Doors, play: Any, acme: Account
):
    opened = doors.open_widget(acme)

    async def scene() -> None:
        visitor = await doors.visitor(opened)
        await visitor.send(t="start", id=str(uuid.uuid4()), text="Hello")
        await visitor.expect("ack")
        await visitor.close()

    play(scene())
    secret = {"secret": opened["secret"]}
    lines = b"saddle;20\n" * 1_000_000
    assert post_file(doors, "/widget/files/", secret, "list.csv", lines)["size"] == len(lines)
    for size, says in ((10_500_000, b"larger than 10 MB"), (12_000_000, b"")):
        body, kind = form(secret, "list.csv", b"a" * size)
        status, _headers, answer = ask(
            f"{doors.origin}/widget/files/", body, Content_Type=kind, Origin=doors.origin, Accept="application/json"
        )
        assert status == 413 and says in answer


def test_readers_that_do_not_read_hold_no_page(doors: Doors, play: Any, acme: Account, alice: Any):
    opened = doors.open_widget(acme)

    async def scene() -> str:
        visitor = await doors.visitor(opened)
        await visitor.send(t="start", id=str(uuid.uuid4()), text="Hello")
        await visitor.expect("ack")
        held = await in_thread(
            post_file, doors, "/widget/files/", {"secret": opened["secret"]}, "a.csv", b"saddle;20\n" * 900_000
        )
        await visitor.message("", file=held["id"])
        await visitor.close()
        return str(held["id"])

    file = play(scene())
    where, cookie = urlsplit(doors.origin), session_of(alice, doors.origin)
    links = []
    try:
        for _ in range(site.WEB_THREADS + 2):
            one = socket.create_connection((str(where.hostname), where.port or 0))
            one.sendall(f"GET /app/files/{file}/ HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: {cookie}\r\n\r\n".encode())
            assert one.recv(15) == b"HTTP/1.1 200 OK"
            links.append(one)
        assert ask(f"{doors.origin}/healthz")[0] == 200
    finally:
        for one in links:
            one.close()
