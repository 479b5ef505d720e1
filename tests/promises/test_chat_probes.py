"""The live probes of the chat turn red: the button, unsent text, lost lines, cards, what is kept too long."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.scoping import scopes_disabled
from chat.models import Chat, Message, Visitor

Watch = Callable[..., Any]


@pytest.mark.parametrize(
    "line",
    [
        'document.cookie = "seen=1";',
        'window.localStorage.setItem("seen", "1");',
        'fetch(site + "/seen");',
        'navigator.sendBeacon(site + "/seen");',
        "(new Image()).src = site;",
        "load();",
        "show();",
        'make("iframe", document.body, { src: site });',
        'var pixel = document.createElement("img");',
    ],
)
def test_a_button_that_stores_or_sends_before_the_click(site: None, turns_red: Watch, change_file: Any, line: str):
    with turns_red("loader_keeps_nothing"):
        change_file("static/widget/loader.js", "if (document.body) draw();", f"{line}\n  if (document.body) draw();")


def test_a_button_that_counts_when_it_is_drawn(site: None, turns_red: Watch, change_file: Any):
    with turns_red("loader_keeps_nothing"):
        change_file("static/widget/loader.js", "function draw() {", "function draw() {\n    tell({});")


def test_a_column_for_unsent_text(site: None, turns_red: Watch, add_column: Any):
    with turns_red("preview_not_kept"):
        add_column(Visitor, "draft_text", models.TextField(blank=True))


def test_a_preview_that_is_written_down(site: None, turns_red: Watch, change_file: Any):
    with turns_red("preview_not_kept"):
        change_file(
            "chat/consumers/widget.py",
            "        holder = await self.find_holder(state)\n        if holder is None:",
            "        holder = await self.find_holder(state)\n        Visitor.objects.update(name=command.text)\n"
            "        if holder is None:",
        )


@pytest.mark.parametrize("mark", ['id="page-notice"', 'id="peek-switch"', 'id="keeps"'])
def test_a_chat_that_does_not_say_it(site: None, turns_red: Watch, change_file: Any, mark: str):
    with turns_red("visitor_told"):
        change_file("templates/chat/frame.html", mark, 'id="other"')


def test_a_lost_line(site: None, talk: Chat, turns_red: Watch):
    with turns_red("messages_numbered"), scopes_disabled():
        Message.objects.filter(chat=talk, seq=talk.last_seq).delete()


def test_a_line_with_the_wrong_number(site: None, talk: Chat, turns_red: Watch):
    with turns_red("messages_numbered"), scopes_disabled():
        last = Message.objects.filter(chat=talk).order_by("-seq").first()
        Message.objects.filter(pk=last.pk).update(seq=last.seq + 1)


def test_a_card_number_in_full(site: None, talk: Chat, turns_red: Watch):
    with turns_red("secrets_masked"), scopes_disabled():
        Message.objects.filter(chat=talk, seq=1).update(text="Take it from 4111 1111 1111 1111")


def test_a_chat_kept_too_long(site: None, talk: Chat, turns_red: Watch):
    with turns_red("chats_end"), scopes_disabled():
        long_ago = timezone.now() - timedelta(days=100)
        Chat.objects.filter(pk=talk.pk).update(state="closed", closed_at=long_ago)


def test_an_address_kept_too_long(site: None, talk: Chat, turns_red: Watch):
    with turns_red("addresses_end"), scopes_disabled():
        Visitor.objects.filter(pk=talk.visitor_id).update(seen_at=timezone.now() - timedelta(days=40))


def test_a_line_that_nobody_gets(
    site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Any
):
    """A web process on a folder of its own notes a reader that stalls, as the running site does."""
    from chat.realtime import gaps
    from core.realtime import Socket, hub

    settings.VAR = tmp_path
    reader = Socket(lambda message: None)
    monkeypatch.setattr(hub, "sockets", {reader})
    gaps.note_gap(tmp_path / "gaps" / "1.json")
    with turns_red("gap_meter", leaves="a file"):
        reader.waits_since = time.monotonic() - 11
        gaps.note_gap(tmp_path / "gaps" / "1.json")
