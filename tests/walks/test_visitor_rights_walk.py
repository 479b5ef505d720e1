"""A visitor goes from the chat to Your data and is erased by the company; an invited person removes the address."""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope, scopes_disabled
from chat.models import Chat, ChatSettings, Visitor
from chat.testing import PDF, make_chat
from operators.actions import ensure_operator, invite_operators
from operators.invites import NewInvite
from operators.models import Invitation
from outbox.actions import deliver_all, deliver_due
from outbox.testing import smtp_sink
from policies.models import Receipt
from privacy.certificates import read_certificate
from privacy.models import Case
from privacy.tasks import run_erasures
from tests.walks.house import link_in
from tests.walks.shop import open_chat, shop

__all__ = ["shop"]
pytestmark = [pytest.mark.once, pytest.mark.timeout(500)]
NAME, WORDS, FILE = "Quillfeather Needle", "needle-words-7f3a", "needle-file.pdf"
MAIL = "quill@needle.example"


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    settings.VAR = tmp_path
    settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path / "media", tmp_path / "files"
    return tmp_path


def rows_with(*needles: str) -> set[str]:
    """Every table of the database in whose rows one of the words stands, read value by value."""
    found = set()
    with scopes_disabled():
        for model in apps.get_models(include_auto_created=True):
            for row in model._base_manager.values().iterator():
                text = json.dumps(row, default=str, ensure_ascii=False)
                if any(needle in text for needle in needles):
                    found.add(model._meta.label)
    return found


def files_with(folder: Path, *needles: str) -> list[str]:
    """Every file below the folder in whose name or content one of the words stands."""
    words = [needle.encode() for needle in needles]
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [str(path) for path in files if any(word in path.name.encode() + path.read_bytes() for word in words)]


def open_your_data(page: Any, frame: Any) -> Any:
    """From the panel of the chat window, through the page with the button, to Your data in a new tab."""
    frame.get_by_role("button", name="What this chat keeps").click()
    with page.expect_popup() as popup:
        frame.get_by_role("button", name="Everything about me, and my rights").click()
    tab = popup.value
    tab.get_by_role("heading", name="Your data at Acme Bikes").wait_for()
    assert "session" not in {one["name"] for one in page.context.cookies()}
    tab.get_by_role("button", name="Show my data").click()
    tab.get_by_text("You came from your chat with Acme Bikes").wait_for()
    assert tab.url.endswith("/privacy/")
    return tab


def test_a_visitor_reads_downloads_withdraws_corrects_and_is_erased_with_proof(
    shop: Any, page_at: Any, acme: Account, alice: User, alice_member: Membership, tmp_path: Path, complaints: Any
) -> None:
    ensure_operator(membership=alice_member)
    with account_scope(acme):
        ChatSettings.objects.create(account=acme, board_on=True)
    make_chat(acme, text="words-of-somebody-else", name="Somebody Else")
    page = page_at(1000)
    page.goto(shop())
    page.get_by_role("button", name="Yes").click()  # to being seen on the website
    frame = open_chat(page)
    frame.get_by_label("Name").fill(NAME)
    frame.get_by_label("Your question").fill(WORDS)
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_role("log").get_by_text(WORDS).wait_for()
    with page.expect_file_chooser() as chooser:
        frame.get_by_role("button", name="Attach a file").click()
    chooser.value.set_files([{"name": FILE, "mimeType": "application/pdf", "buffer": PDF}])
    frame.get_by_label("Message", exact=True).fill("with a file")
    frame.get_by_role("button", name="Send", exact=True).click()
    frame.get_by_role("button", name=f"Save {FILE}").wait_for()
    with scopes_disabled():
        visitor = Visitor.objects.get(name=NAME)
        Visitor.objects.filter(pk=visitor.pk).update(email=MAIL)

    # what is held, and the copy of it all
    tab = open_your_data(page, frame)
    tab.get_by_role("cell", name=NAME).wait_for()
    tab.get_by_role("cell", name="127.0.0.1").wait_for()
    tab.get_by_role("button", name="Download all").click()
    tab.get_by_role("heading", name="A copy of your data").wait_for()
    deliver_all()
    tab.get_by_role("link", name="Download").wait_for(timeout=20_000)
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download").click()
    with zipfile.ZipFile(io.BytesIO(Path(download.value.path()).read_bytes())) as copy:
        texts = b"\n".join(copy.read(name) for name in copy.namelist())
        assert WORDS.encode() in texts and NAME.encode() in texts and PDF in texts
        assert any(name.startswith("files/") and name.endswith(FILE) for name in copy.namelist())
        assert b"words-of-somebody-else" not in texts and b"Somebody Else" not in texts

    # a yes is taken back, and holds no longer
    tab.goto("/privacy/")
    tab.get_by_role("button", name="Take back").click()
    tab.get_by_text("Taken back. It holds from now on.").wait_for()
    assert not Receipt.objects.filter(subject=f"visitor:{visitor.pk}", withdrawn_at=None).exists()
    with scopes_disabled():
        assert Visitor.objects.get(pk=visitor.pk).seen_allowed is False

    # a correction, and then the erasure; the company answers both
    for way, kind, said in (
        ("Make a request", "Correct something", "My name is Quill"),
        ("Erase my data", "Delete", "Please delete it all"),
    ):
        tab.goto("/privacy/")
        tab.get_by_role("link", name=way).click()
        if way == "Make a request":
            tab.get_by_role("link", name=kind).click()
        tab.get_by_label("What should we know?").fill(said)
        tab.get_by_role("button", name="Send request").click()
        tab.get_by_text("We have your request").wait_for()
    owner = page_at(1440, user=alice)
    owner.goto("/app/settings/cases/")
    owner.get_by_text("30 days left").first.wait_for()
    owner.get_by_role("link", name="Correct something").click()
    owner.get_by_text("My name is Quill").wait_for()
    owner.get_by_role("textbox", name="Answer", exact=True).fill("We call you Quill now.")
    owner.get_by_role("button", name="Send answer").click()
    owner.get_by_text("Done. The person gets a letter").wait_for()
    tab.goto("/privacy/requests/")
    tab.locator("summary", has_text="Correct something").click()
    tab.get_by_text("We call you Quill now.").wait_for()
    owner.goto("/app/settings/cases/")
    owner.get_by_role("link", name="Delete").click()
    owner.get_by_role("button", name="See the plan").click()
    owner.get_by_role("rowheader", name="Messages", exact=True).wait_for()
    owner.get_by_text("The law wants proof").first.wait_for()
    owner.get_by_role("button", name="Erase it now").click()
    owner.get_by_text("It runs now.").wait_for()
    run_erasures()
    owner.reload()
    owner.get_by_role("link", name="Certificate").click()
    with owner.expect_download() as download:
        owner.get_by_role("link", name="Download the certificate").click()
    body = read_certificate(Path(download.value.path()).read_text())
    assert body is not None and body["erased"]["chat.Attachment"] == 1 and body["found"] == []
    left = {line["table"]: line for line in body["kept"]}
    assert {"name", "email", "ip_address"} <= set(left["chat.Visitor"]["emptied"])

    # the answer is on the visitor's page, and nothing of them is anywhere but in the cases, which the law asks for
    tab.goto("/privacy/requests/")
    tab.locator("summary", has_text="Delete").click()
    tab.get_by_text("Your data is deleted").wait_for()
    assert rows_with(NAME, WORDS, FILE, str(visitor.public_id)) == set()
    assert rows_with(MAIL) == {"privacy.Case"}
    assert Case.objects.filter(state=Case.State.ANSWERED).count() == 2
    assert files_with(tmp_path, NAME, WORDS, FILE, MAIL) == []
    assert [key for key in getattr(cache, "_cache", {}) if WORDS in str(cache._cache[key])] == []
    with scopes_disabled():
        assert Visitor.objects.filter(name="Somebody Else").exists()
        chat = Chat.objects.get(visitor=visitor.pk)

    # the company keeps the frame of the chat, with somebody who is nobody
    owner.goto(f"/app/archive/{chat.public_id}/")
    owner.get_by_role("heading", name=re.compile("^Visitor [0-9A-F]{4}$")).first.wait_for()
    owner.get_by_text(re.compile(r"\[message removed \d{4}-\d{2}-\d{2}\]")).first.wait_for()


def test_an_invited_person_removes_the_address_and_a_later_import_skips_it(
    site_server: str, page_at: Any, acme: Account, alice_member: Membership
) -> None:
    ensure_operator(membership=alice_member)
    rows = [NewInvite("Fay Needleworth", "Fay.Needle@needle.example")]
    with smtp_sink() as sink:
        invite_operators(account=acme, rows=rows, by=alice_member)
        deliver_due()
        link = link_in(sink.mails[0], "/invitation/")
    page = page_at(375)
    page.goto(f"{link.rstrip('/')}/remove/")
    page.get_by_role("button", name="Remove my address").click()
    page.get_by_role("link", name="Certificate of the erasure").click()
    page.get_by_role("heading", name="Your data is being erased").wait_for()
    run_erasures()
    page.get_by_role("link", name="Load again").click()
    page.get_by_role("heading", name="Your data is erased").wait_for()
    page.get_by_text("Without it an address could be invited again and again.").wait_for()
    assert rows_with("needle@needle.example", "Needle@needle.example", "Needleworth") == set()
    assert [one.code for one in invite_operators(account=acme, rows=rows, by=alice_member)] == ["not_invited"]
    assert str(invite_operators(account=acme, rows=rows, by=alice_member)[0].message) == "Not invited"
    with scopes_disabled():
        assert Invitation.objects.get().state == Invitation.State.REMOVED


def test_the_way_to_ones_rights_is_open_before_the_list_of_what_is_kept_has_come(
    shop: Any, page_at: Any, acme: Account, alice_member: Membership, complaints: Any
) -> None:
    ensure_operator(membership=alice_member)
    complaints.expect("net::ERR_FAILED")
    page = page_at(1000)
    page.goto(shop())
    frame = open_chat(page)
    page.context.route("**/widget/data/", lambda route: route.abort())
    open_your_data(page, frame)
