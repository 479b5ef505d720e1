"""From an empty folder to the daily summary: what a stranger does with the product, in a real browser."""

import http.server
import os
import signal
import threading
import time
import urllib.request
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bench.memory import tree
from tests.walks.house import House, link_in, running_house

OWNER = "toni@tea-house.example"
PASSWORD = "a sentence about green tea"  # noqa: S105
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Tea House</title><h1>Tea House</h1>
<p>Green, black, white.</p>{tag}</html>"""

LET_A_NIGHT_PASS = """
from datetime import timedelta
from django.db.models import F
from accounts.scoping import scopes_disabled
from chat.models import Chat, Message
day = timedelta(days=1)
with scopes_disabled():
    own = Chat.objects.filter(account__company="Tea House")
    Message.objects.filter(chat__in=own).update(created_at=F("created_at") - day)
    own.update(started_at=F("started_at") - day, accepted_at=F("accepted_at") - day, closed_at=F("closed_at") - day,
               last_at=F("last_at") - day)
"""


class Shop:
    """A web page of the stranger's own, on another port, with the tag pasted in."""

    def __init__(self) -> None:
        self.tag = ""
        shop = self

        class Page(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:  # noqa: N802
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(PAGE.format(tag=shop.tag).encode())

            def log_message(self, *args: Any) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def tea_shop() -> Iterator[Shop]:
    shop = Shop()
    yield shop
    shop.server.shutdown()
    shop.server.server_close()


def zone_in_the_morning() -> str:
    """A time zone in which 07:00 has just passed."""
    now = datetime.now(UTC)
    for name in sorted(zoneinfo.available_timezones()):
        if "/" in name and not name.startswith("Etc/") and now.astimezone(zoneinfo.ZoneInfo(name)).hour in (7, 8):
            return name
    raise AssertionError("it is never 7 in the morning")


@pytest.fixture
def house(tmp_path: Path, browser: Any) -> Iterator[House]:
    with running_house(tmp_path) as found:
        yield found


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_stranger_signs_up_chats_and_reads_the_summary_next_morning(
    house: House, browser: Any, tea_shop: Shop
) -> None:
    owner = browser.new_context(base_url=house.origin, viewport={"width": 1440, "height": 900})
    page = owner.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))

    # signs a company up
    page.goto("/")
    page.get_by_role("link", name="Start 30 days free").first.click()
    for label, value in (
        ("First name", "Toni"), ("Surname", "Leaf"), ("E-mail", OWNER), ("Password", PASSWORD),
        ("Company", "Tea House"), ("Address", "1 Kettle Lane, Exampletown"), ("Website", tea_shop.origin),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_label("I am 13 or older").check()
    page.locator("#policy").check()
    page.get_by_role("button", name="Create account").click()
    page.get_by_text(OWNER).first.wait_for()
    page.goto(link_in(house.mail(OWNER, "confirm"), "/account/"))
    page.get_by_role("button", name="Confirm").click()
    page.wait_for_url("**/app/**")

    # puts the tag on a page of another origin
    page.goto("/app/settings/widget/")
    tea_shop.tag = unescape(page.locator("#tag").input_value())
    assert tea_shop.origin in page.locator("textarea[name=allowed_origins]").input_value()

    # a visitor opens it: nothing before the click
    visitor = browser.new_context(viewport={"width": 1000, "height": 800})
    window = visitor.new_page()
    asked: list[str] = []
    window.on("request", lambda request: asked.append(request.url))
    window.goto(tea_shop.origin, wait_until="networkidle")
    bubble = window.get_by_role("button", name="Open chat")
    bubble.wait_for()
    assert [url for url in asked if url.startswith(house.origin)] == [tea_shop.tag.split('"')[1]]
    assert visitor.cookies() == []
    bubble.click()
    frame = window.frame_locator("iframe")
    frame.get_by_label("Name").fill("Pat Specimen")
    frame.get_by_label("Your question").fill("Which tea keeps me awake?")
    frame.get_by_role("button", name="Start chat").click()
    frame.get_by_text("You are number").wait_for()

    # the operator answers in a second window, with the keyboard
    page.goto("/app/chats/")
    page.get_by_text("Which tea keeps me awake?").first.wait_for()
    for _ in range(40):  # the page stands before its keys work: they come with its module
        page.keyboard.press("n")
        page.wait_for_timeout(500)
        if page.locator("#reply:focus").count():
            break
    page.locator("#reply:focus").wait_for()
    page.keyboard.type("Gyokuro does.")
    page.keyboard.press("Enter")
    frame.get_by_role("log").get_by_text("Gyokuro does.").wait_for()
    frame.get_by_label("Message", exact=True).fill("Then two bags, please.")
    frame.get_by_label("Message", exact=True).press("Enter")
    page.get_by_role("log").get_by_text("Then two bags, please.").wait_for()
    page.get_by_role("button", name="Close", exact=True).first.click()
    frame.get_by_text("Did Toni").wait_for()
    frame.get_by_text("Yes", exact=True).click()
    frame.get_by_role("button", name="Send rating").click()
    frame.get_by_text("Thank you").first.wait_for()

    # asks for the daily summary, where it is morning
    house.script(LET_A_NIGHT_PASS)
    page.goto("/app/profile/")
    company = page.locator("#company")
    company.get_by_label("Time zone").select_option(zone_in_the_morning())
    company.get_by_role("button", name="Save").first.click()
    page.wait_for_load_state("networkidle")
    mine = [mail for mail in house.sink.mails if OWNER in str(mail["To"])]
    assert [str(mail["Subject"]) for mail in mine if "List-Unsubscribe" in mail] == []
    page.goto("/app/preferences/")
    page.get_by_role("switch").first.check(force=True)
    page.wait_for_load_state("networkidle")
    page.reload()
    assert page.get_by_role("switch").first.is_checked()

    # finds yesterday's chats in a mail that the clock and the worker sent
    summary = house.mail(OWNER, "Tea House", seconds=150)
    assert "1 chat" in str(summary["Subject"])
    text, rich = (summary.get_body((kind,)).get_content() for kind in ("plain", "html"))
    for words in ("Pat Specimen", "Which tea keeps me awake?", "Gyokuro does.", "Then two bags, please.", "Toni Leaf"):
        assert words in text
        assert words in unescape(rich)

    # and stops it with one click
    assert summary["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    url = str(summary["List-Unsubscribe"]).strip("<>").split(">")[0]
    one_click = urllib.request.Request(url, b"List-Unsubscribe=One-Click", method="POST")  # noqa: S310
    for _ in range(2):
        with urllib.request.urlopen(one_click) as answer:  # noqa: S310
            assert answer.status == 200
    page.goto("/app/preferences/")
    assert not page.get_by_role("switch").first.is_checked()
    assert complaints == []

    # the demo page lives on an origin of its own and carries the demo company's widget
    shop = browser.new_context().new_page()
    shop.goto(house.demo)
    shop.get_by_role("button", name="Open chat").click()
    shop.frame_locator("iframe").get_by_role("heading", name="Acme Bikes").wait_for()


@pytest.mark.long
@pytest.mark.timeout(120)
def test_ctrl_c_ends_every_process_and_a_killed_part_comes_back(house: House) -> None:
    """The parts are the direct children; below them short-lived forks come and go on their own."""
    main = house.process.pid

    def parts() -> set[int]:
        return {int(pid) for pid in Path(f"/proc/{main}/task/{main}/children").read_text().split()}

    before = parts()
    assert len(before) >= 2
    killed = min(before)
    os.kill(killed, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while killed in (now := parts()) or len(now) != len(before):
        assert time.monotonic() < deadline, f"{before} became {now}"
        time.sleep(0.2)
    everybody = tree(main)
    house.process.send_signal(signal.SIGINT)
    assert house.process.wait(20) == 0
    assert [pid for pid in everybody if Path(f"/proc/{pid}").exists()] == []
    assert "again" in house.log.read_text() or "restart" in house.log.read_text()
