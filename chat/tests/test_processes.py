"""What crosses processes: hints over the bus, and two web processes with one Redis."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings

from accounts.scoping import scopes_disabled
from chat.models import Chat
from chat.testing import make_chat, make_operator
from tests.faults.test_kill import ROOT, server_env, start_server
from tests.wire import Wire, post_json


def run_elsewhere(code: str, env: dict[str, str]) -> None:
    """Runs code inside Django in another process on the same data."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", f"import django\ndjango.setup()\n{code}"],
        cwd=ROOT, env=env, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def other_process(origin: str) -> dict[str, str]:
    return {**server_env(int(origin.rsplit(":", 1)[1])), "PUBLIC_ORIGIN": origin}


def test_a_word_from_another_process_closes_the_sockets_of_a_person(
    doors: Any, play: Any, acme: Any, alice: Any, alice_member: Any
) -> None:
    ticket = doors.console_ticket(alice_member)
    code = f"from core.realtime import close_user_sockets\nclose_user_sockets({alice.pk})"

    async def scenario() -> int:
        wire = await doors.console(ticket)
        await wire.expect("board")
        await asyncio.to_thread(run_elsewhere, code, other_process(doors.origin))
        async with asyncio.timeout(10):
            await wire.socket.wait_closed()
        assert wire.socket.close_code is not None
        return wire.socket.close_code

    assert play(scenario()) == 4401


def test_a_chat_closed_by_another_process_is_seen_by_the_visitor(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    opened = doors.open_widget(acme)
    code = (
        "from accounts.scoping import scopes_disabled\nfrom chat.models import Chat\n"
        "from chat.actions.chats import close_chat\n"
        "with scopes_disabled():\n    close_chat(chat_pk=Chat.objects.get().pk, by='system')"
    )

    async def scenario() -> None:
        dave = await doors.visitor(opened)
        await dave.send(t="start", id=str(uuid.uuid4()), text="Anybody?")
        await dave.expect("ack")
        await asyncio.to_thread(run_elsewhere, code, other_process(doors.origin))
        await dave.line(event="closed")

    play(scenario())


if settings.REDIS_URL:  # several web processes need Redis; the other database's run has one process

    @pytest.fixture
    def second_door(doors: Any, unused_tcp_port: int) -> Iterator[str]:
        """The socket address of a second web process of the same site."""
        server = start_server(unused_tcp_port, other_process(doors.origin))
        for _ in range(100):
            try:
                post_json(f"http://127.0.0.1:{unused_tcp_port}/widget/open/", {})
                break
            except OSError:
                asyncio.run(asyncio.sleep(0.1))
        yield f"ws://127.0.0.1:{unused_tcp_port}"
        server.terminate()
        server.wait(20)

    def test_an_operator_on_one_process_and_a_visitor_on_the_other_talk_within_a_second(
        doors: Any, second_door: str, play: Any, acme: Any, alice_member: Any
    ) -> None:
        opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

        async def scenario() -> None:
            dave = await doors.visitor(opened)
            alice = await Wire.join(f"{second_door}/ws/console/", doors.origin, {"ticket": ticket, "cursor": 0})
            await alice.listening()
            await alice.send(t="watch", on=True)
            assert (await alice.expect("ready"))["t"] == "ready"
            await dave.send(t="start", id=str(uuid.uuid4()), text="Across?")
            chat = (await dave.expect("ack"))["chat"]
            assert (await alice.line(seconds=1, by="visitor"))["text"] == "Across?"
            await alice.send(t="accept", chat=chat)
            await alice.expect("took")
            await dave.line(seconds=1, event="joined")
            await alice.message("It works.", chat=chat)
            assert (await dave.line(seconds=1, by="operator"))["text"] == "It works."
            await dave.send(t="typing", text="great")
            assert (await alice.expect("typing", seconds=2))["chats"][0]["text"] == "great"
            while (await alice.expect("visitors", seconds=5, total=1))["rows"][0]["state"] != "open":
                pass  # a snapshot from before the chat was taken

        play(scenario())

    def test_of_operators_on_two_processes_one_gets_the_chat(
        doors: Any, second_door: str, play: Any, acme: Any, alice_member: Any, bob_member: Any
    ) -> None:
        chats = [make_chat(acme) for _ in range(4)]
        tickets = [doors.console_ticket(alice_member), doors.console_ticket(bob_member)]

        async def scenario() -> list[str]:
            alice = await doors.console(tickets[0])
            bob = await Wire.join(f"{second_door}/ws/console/", doors.origin, {"ticket": tickets[1], "cursor": 0})
            await bob.listening()
            outcomes = []
            for chat in chats:
                await asyncio.gather(*(w.send(t="accept", chat=str(chat.public_id)) for w in (alice, bob)))
                for wire in (alice, bob):
                    while True:
                        frame = await wire.next()
                        if frame["t"] in ("took", "err"):
                            outcomes.append(frame["t"])
                            break
            return outcomes

        outcomes = play(scenario())
        assert sorted(outcomes) == ["err"] * 4 + ["took"] * 4
        with scopes_disabled():
            held = Chat.objects.filter(state="open").values_list("operator_id", flat=True)
            assert len(held) == 4
            for member in (alice_member, bob_member):
                operator = make_operator(member)
                assert operator.open_chats == list(held).count(operator.pk)
