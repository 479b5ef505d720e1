"""Files in a chat, both ways, in real browsers: picker, drag, paste, preview, cancel, and a name that means harm."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.models import Account, User
from accounts.scoping import account_scope
from accounts.tests.pictures import phone_photo, plain
from chat.models import Attachment, Chat, Message
from chat.testing import PDF, make_chat, send_file
from chat.tests.files import HOSTILE_NAME
from operators.actions import ensure_operator
from tests.walks.shop import shop, start_chat

__all__ = ["shop"]

DROP = """([where, name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
  const how = { dataTransfer: data, bubbles: true, cancelable: true };
  for (const kind of ["dragover", "drop"]) document.querySelector(where).dispatchEvent(new DragEvent(kind, how));
}"""
PASTE = """([where, name, type, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([Uint8Array.from(bytes)], name, { type }));
  const how = { clipboardData: data, bubbles: true, cancelable: true };
  document.querySelector(where).dispatchEvent(new ClipboardEvent("paste", how));
}"""
DRAWN = "(node) => node.complete && node.naturalWidth > 0"


@pytest.fixture(autouse=True)
def answering(alice_member: Any, settings: Any, tmp_path: Path) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    ensure_operator(membership=alice_member)


def until(page: Any, ask: Callable[[], bool]) -> None:
    for _ in range(100):
        if ask():
            return
        page.wait_for_timeout(100)
    raise AssertionError("it never came to that")


def test_files_go_both_ways_by_picker_drag_and_paste(
    acme: Account, shop: Any, page_at: Any, alice: User, tmp_path: Path, complaints: Any
):
    complaints.expect("status of 400")  # the page that nobody takes
    (tmp_path / "IMG_0042.jpg").write_bytes(phone_photo())
    (tmp_path / "what to bring.pdf").write_bytes(PDF)
    desk = page_at(1440, user=alice)
    desk.goto("/app/chats/")
    visitor = page_at(375, height=760)
    visitor.goto(shop())
    frame = start_chat(visitor, "Hello", name="Pat Specimen")
    desk.locator("#waiting a").wait_for()
    desk.keyboard.press("n")
    desk.locator("#reply:focus").wait_for()

    # the visitor on a phone: the picker, a look at it, another one taken out again
    with visitor.expect_file_chooser() as chooser:
        frame.get_by_role("button", name="Attach a file").click()
    chooser.value.set_files([tmp_path / "IMG_0042.jpg", tmp_path / "what to bring.pdf"])
    frame.locator(".file-face img").wait_for()
    frame.get_by_role("button", name="Remove what to bring.pdf").click()
    with account_scope(acme):
        assert not Attachment.objects.exists()  # nothing left the browser before Send
    frame.get_by_label("Message", exact=True).fill("My wheel")
    frame.get_by_role("button", name="Send", exact=True).click()
    shown = desk.locator("#thread .msg", has_text="My wheel").get_by_role("img", name="IMG_0042.jpg")
    shown.wait_for()
    until(desk, lambda: shown.evaluate(DRAWN))
    until(visitor, lambda: frame.get_by_role("img", name="IMG_0042.jpg").evaluate(DRAWN))
    frame.locator("#files").wait_for(state="hidden")

    # the operator: pastes a picture, drops a list, chooses a PDF, and sends all of them with one text, by keyboard
    desk.evaluate(PASTE, ["#reply", "image.png", "image/png", list(plain((300, 200), "PNG"))])
    desk.evaluate(DROP, ["#thread", "sizes.csv", "text/csv", list(b"saddle;20\n")])
    with desk.expect_file_chooser() as chooser:
        desk.get_by_role("button", name="Attach a file").press("Enter")
    chooser.value.set_files(tmp_path / "what to bring.pdf")
    assert desk.locator("#files .file").count() == 3
    desk.locator("#reply").fill("All you need")
    desk.keyboard.press("Enter")
    frame.get_by_role("log").get_by_text("All you need").wait_for()
    frame.get_by_role("button", name="Save what to bring.pdf").wait_for()
    until(visitor, lambda: frame.get_by_role("img", name="image.png").evaluate(DRAWN))
    with visitor.expect_download() as download:
        frame.get_by_role("button", name="Save sizes.csv").click()
    assert Path(download.value.path()).read_bytes() == b"saddle;20\n"
    assert download.value.suggested_filename == "sizes.csv"
    with account_scope(acme):
        stored = list(Message.objects.exclude(author="system").order_by("seq").values_list("text", "file__name"))
    assert stored == [
        ("Hello", None), ("My wheel", "IMG_0042.jpg"), ("All you need", "image.png"), ("", "sizes.csv"),
        ("", "what to bring.pdf"),
    ]  # fmt: skip

    # the visitor drops and pastes too; what is not taken says why and stays to be taken out
    inside = visitor.frames[1]
    inside.evaluate(DROP, ["#thread", "notes.txt", "text/plain", list(b"two wheels")])
    inside.evaluate(PASTE, ["#w-message", "page.html", "text/html", list(b"<!doctype html>")])
    frame.get_by_role("button", name="Send", exact=True).click()
    desk.locator("#thread").get_by_role("link", name="notes.txt").wait_for()
    frame.locator("#files").get_by_text("We take pictures, PDF, text").wait_for()
    frame.get_by_role("button", name="Remove page.html").click()
    desk.reload()
    desk.locator("#thread").get_by_role("link", name="notes.txt").wait_for()
    until(desk, lambda: desk.get_by_role("img", name="IMG_0042.jpg").evaluate(DRAWN))
    with desk.expect_download() as download:
        desk.locator("#thread").get_by_role("link", name="notes.txt").click()
    assert Path(download.value.path()).read_bytes() == b"two wheels"


def test_a_name_that_means_harm_is_only_a_name_in_every_window(
    acme: Account, shop: Any, page_at: Any, alice: User, alice_member: Any, complaints: Any
):
    visitor = page_at(1000)
    visitor.goto(shop())
    frame = start_chat(visitor, "Hello", name="Pat Specimen")
    with account_scope(acme):
        chat = Chat.objects.select_related("account").get()
    send_file(chat, HOSTILE_NAME, PDF)
    picture = send_file(chat, HOSTILE_NAME.replace("pdf", "png"), plain((60, 40), "PNG"))
    waiting = make_chat(acme, operator=ensure_operator(membership=alice_member))
    assert waiting.pk != chat.pk
    desk = page_at(1440, user=alice)
    for page, where in (
        (desk, f"/app/chats/{chat.public_id}/"),
        (page_at(375, user=alice), f"/app/archive/{chat.public_id}/"),
    ):
        page.goto(where)
        until(page, lambda page=page: page.get_by_role("img", name="onerror").evaluate(DRAWN))
        assert page.locator(".thread").get_by_role("link", name="onerror").count() == 2
    desk.get_by_role("button", name="Accept", exact=True).click()
    desk.locator("#reply:focus").wait_for()
    frame.get_by_role("button", name="onerror").first.wait_for()
    frame.locator(f"img[alt*='onerror'][width='{picture.width}']").wait_for()
    for page in (desk, visitor):
        assert page.evaluate("document.querySelectorAll('img[src=x]').length") == 0
