"""What visitor and operator see of each other through real sockets."""

import asyncio
import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from websockets.exceptions import ConnectionClosed, InvalidStatus

from accounts.scoping import scopes_disabled
from chat.models import Chat, Message, Visitor
from chat.testing import make_chat, make_operator
from core.limits import LIMITS
from tests.wire import Wire, post_json


def started(**more: Any) -> dict[str, Any]:
    return {"t": "start", "id": str(uuid.uuid4()), "text": "Does it carry a dog?", **more}


def stored(chat_id: str) -> list[tuple[int, str, str]]:
    with scopes_disabled():
        lines = Message.objects.filter(chat__public_id=chat_id, event="").order_by("seq")
        return [(m.seq, m.author, m.text) for m in lines]


async def closes_with(wire: Wire) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        async with asyncio.timeout(10):
            while True:
                await wire.socket.recv()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_a_chat_from_hello_to_rating(doors: Any, play: Any, acme: Any, alice_member: Any) -> None:
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> str:
        dave, alice = await doors.visitor(opened), await doors.console(ticket)
        assert (await dave.expect("ready"))["open"] is True
        await dave.send(**started(name="Dave"))
        chat = (await dave.expect("ack"))["chat"]
        assert (await dave.expect("chat"))["chat"]["position"] == 1
        card = (await alice.expect("board", cursor=1))["cards"][0]
        assert (card["name"], card["last"]["text"], card["unread"]) == ("Dave", "Does it carry a dog?", 1)
        await alice.send(t="accept")
        assert (await alice.expect("took"))["card"]["id"] == chat
        assert (await dave.line(event="joined"))["who"] == "Alice Example"
        ack = await alice.message("It does, up to 80 kg.", chat=chat)
        heard = await dave.line(by="operator")
        assert heard == {
            "seq": 3, "id": ack["id"], "by": "operator", "text": "It does, up to 80 kg.", "event": "",
            "at": ack["at"], "who": "Alice Example", "op": heard["op"],
        }  # fmt: skip
        await dave.send(t="read", seq=3)
        assert (await alice.expect("read"))["seq"] == 3
        await alice.send(t="close", chat=chat)
        await dave.line(event="closed")
        await dave.send(t="rate", value="good", comment="Quick")
        await alice.line(event="rated")
        await dave.send(t="rate", value="bad")
        assert (await dave.expect("err"))["code"] == "taken"
        return chat

    chat = play(scenario())
    assert stored(chat) == [(1, "visitor", "Does it carry a dog?"), (3, "operator", "It does, up to 80 kg.")]
    with scopes_disabled():
        row = Chat.objects.get(public_id=chat)
        assert (row.state, row.rating, row.rating_comment) == ("closed", "good", "Quick")
        assert list(row.messages.order_by("seq").values_list("seq", flat=True)) == list(range(1, row.last_seq + 1))
        assert row.operator is not None
        assert row.operator.open_chats == 0


def test_a_resend_answers_the_first_result_and_another_text_is_a_conflict(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    opened = doors.open_widget(acme)

    async def scenario() -> str:
        dave = await doors.visitor(opened)
        await dave.send(**started())
        chat = (await dave.expect("ack"))["chat"]
        ident = str(uuid.uuid4())
        answers = []
        for _ in range(3):
            await dave.send(t="msg", id=ident, text="Still there?")
            answers.append(await dave.expect("ack", id=ident))
        assert answers[0] == answers[1] == answers[2]
        await dave.send(t="msg", id=ident, text="Something else")
        assert (await dave.expect("err", id=ident))["code"] == "conflict"
        return chat

    assert [text for _, _, text in stored(play(scenario()))] == ["Does it carry a dog?", "Still there?"]


def test_two_hundred_ids_sent_four_times_at_once_are_two_hundred_rows(
    doors: Any, play: Any, acme: Any, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SOCKET_LIMIT_FACTOR = 1000
    opened = doors.open_widget(acme)
    again = [doors.open_widget(acme, secret=opened["secret"])]
    for _ in range(2):
        again.append(doors.open_widget(acme, secret=again[-1]["secret"]))
    idents = [str(uuid.uuid4()) for _ in range(200)]

    async def scenario() -> str:
        first = await doors.visitor(opened)
        await first.send(**started())
        chat = (await first.expect("ack"))["chat"]
        wires = [first, *[await doors.visitor(answer) for answer in again]]

        async def send_all(wire: Wire) -> list[int]:
            for ident in idents:
                await wire.send(t="msg", id=ident, text=f"text of {ident}")
            return [(await wire.expect("ack", seconds=30, id=ident))["seq"] for ident in idents]

        numbers = await asyncio.gather(*(send_all(wire) for wire in wires))
        assert all(given == numbers[0] for given in numbers)
        return chat

    lines = stored(play(scenario()))
    assert [seq for seq, _, _ in lines] == list(range(1, 202))
    assert sorted(text for _, _, text in lines[1:]) == sorted(f"text of {ident}" for ident in idents)


def test_who_comes_back_gets_what_was_missed(doors: Any, play: Any, acme: Any, alice_member: Any) -> None:
    opened = doors.open_widget(acme)
    ticket = doors.console_ticket(alice_member)

    async def scenario() -> None:
        dave, alice = await doors.visitor(opened), await doors.console(ticket)
        await dave.send(**started())
        chat = (await dave.expect("ack"))["chat"]
        await alice.send(t="accept", chat=chat)
        await alice.expect("took")
        await dave.socket.close()
        for n in range(5):
            await alice.message(f"answer {n}", chat=chat)
        back = await asyncio.to_thread(doors.open_widget, acme, secret=opened["secret"])
        dave = await doors.visitor(back, since=2)
        assert (await dave.expect("ready"))["chat"]["id"] == chat
        lines = await dave.expect("lines")
        assert [line["text"] for line in lines["lines"]] == [f"answer {n}" for n in range(5)]
        assert lines["done"] is True

    play(scenario())


def test_of_ten_operators_who_accept_one_chat_one_gets_it(doors: Any, play: Any, acme: Any, alice_member: Any) -> None:
    from accounts.testing import make_member

    chat = make_chat(acme)
    members = [make_member(acme, email=f"op{n}@acme-bikes.example", name=f"Op{n}") for n in range(10)]
    tickets = [doors.console_ticket(member) for member in members]

    async def scenario() -> list[dict[str, Any]]:
        wires = [await doors.console(ticket) for ticket in tickets]
        for wire in wires:
            await wire.expect("board")

        async def accept(wire: Wire) -> dict[str, Any]:
            await wire.send(t="accept", chat=str(chat.public_id))
            while True:
                frame = await wire.next()
                if frame["t"] in ("took", "err"):
                    return frame

        return await asyncio.gather(*(accept(wire) for wire in wires))

    answers = play(scenario())
    winners = [frame for frame in answers if frame["t"] == "took"]
    assert len(winners) == 1
    name = winners[0]["card"]["operator"]["name"]
    assert {frame["message"] for frame in answers if frame["t"] == "err"} == {f"{name} took this chat."}
    with scopes_disabled():
        chat.refresh_from_db()
        assert chat.operator is not None
        assert (chat.operator.display_name, chat.operator.open_chats) == (name, 1)


def test_the_preview_of_typing_reaches_the_operator_until_the_visitor_says_no(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> None:
        dave, alice = await doors.visitor(opened), await doors.console(ticket)
        await dave.send(**started())
        chat = (await dave.expect("ack"))["chat"]
        await alice.send(t="accept", chat=chat)
        await alice.expect("took")
        await dave.send(t="typing", text="I was wondering about canaries")
        assert (await alice.expect("typing"))["chats"][0]["text"] == "I was wondering about canaries"
        await dave.send(t="peek", on=False)
        assert (await alice.expect("peek"))["on"] is False
        await dave.send(t="typing", text="canaries again")
        seen = await alice.expect("typing")
        assert seen["chats"] == [{"chat": chat, "on": True, "text": None}]

    play(scenario())
    with scopes_disabled():
        assert Visitor.objects.get().peek_allowed is False
        assert not Message.objects.filter(text__contains="canaries").exists()


def test_a_hundred_visitors_typing_cost_an_operator_two_frames_a_second(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    operator = make_operator(alice_member)
    with scopes_disabled():
        operator.chat_limit = 50
        type(operator).objects.filter(pk=operator.pk).update(chat_limit=50)
    ticket = doors.console_ticket(alice_member)
    opened = [doors.open_widget(acme) for _ in range(12)]

    async def scenario() -> int:
        alice = await doors.console(ticket)
        wires = [await doors.visitor(answer) for answer in opened]
        for wire in wires:
            await wire.send(**started())
            chat = (await wire.expect("ack"))["chat"]
            await alice.send(t="accept", chat=chat)
            await alice.expect("took")
        for second in range(2):
            for wire in wires:
                await wire.send(t="typing", text=f"typing {second}")
            await asyncio.sleep(1)
        frames = []
        while True:
            try:
                frame = await alice.next(0.3)
            except TimeoutError:
                return len([f for f in [*alice.frames, *frames] if f["t"] == "typing"])
            frames.append(frame)

    assert 1 <= play(scenario()) <= 6


BAD_FRAMES = [
    ("not json", "bad_frame"),
    ("[]", "unknown_command"),
    ('{"t":"fly"}', "unknown_command"),
    ('{"t":5}', "unknown_command"),
    ('{"t":"msg","id":"not-a-uuid","text":"x"}', "bad_frame"),
    ('{"t":"msg","id":"0193aaaa-0000-7000-8000-000000000001","text":5}', "bad_frame"),
    ('{"t":"msg","id":"0193aaaa-0000-7000-8000-000000000001"}', "bad_frame"),
    ('{"t":"msg","id":"0193aaaa-0000-7000-8000-000000000001","text":"   "}', "empty"),
    (json.dumps({"t": "msg", "id": str(uuid.uuid4()), "text": "x" * 20_000}), "too_long"),
    ('{"t":"hello","ticket":"again"}', "bad_frame"),
    ('{"t":"rate","value":"meh"}', "bad_frame"),
]


@pytest.mark.parametrize(("frame", "code"), BAD_FRAMES, ids=range(len(BAD_FRAMES)))
def test_a_bad_frame_gets_a_sentence_and_the_chat_goes_on(
    doors: Any, play: Any, acme: Any, frame: str, code: str
) -> None:
    opened = doors.open_widget(acme)

    async def scenario() -> str:
        dave = await doors.visitor(opened)
        await dave.send(**started())
        chat = (await dave.expect("ack"))["chat"]
        await dave.socket.send(frame)
        error = await dave.expect("err")
        assert error["code"] == code
        assert error["message"]
        await dave.message("after it")
        return chat

    assert [text for _, _, text in stored(play(scenario()))] == ["Does it carry a dog?", "after it"]


def test_control_characters_are_dropped_and_the_words_kept(doors: Any, play: Any, acme: Any) -> None:
    opened = doors.open_widget(acme)

    async def scenario() -> str:
        dave = await doors.visitor(opened)
        await dave.send(**started(text="a\x00b\x07c\nd\te \u202egrüße 👨\u200d👩\u200d👧"))
        return (await dave.expect("ack"))["chat"]

    assert stored(play(scenario()))[0][2] == "abc\nd\te grüße 👨\u200d👩\u200d👧"


def test_a_frame_over_64_kb_closes_the_socket_and_loses_nothing(doors: Any, play: Any, acme: Any) -> None:
    opened = doors.open_widget(acme)

    async def scenario() -> str:
        dave = await doors.visitor(opened)
        await dave.send(**started())
        chat = (await dave.expect("ack"))["chat"]
        await dave.socket.send(json.dumps({"t": "msg", "id": str(uuid.uuid4()), "text": "x" * 70_000}))
        assert await closes_with(dave) == 1009
        return chat

    assert len(stored(play(scenario()))) == 1


def test_a_foreign_origin_is_refused_at_the_handshake(doors: Any, play: Any, acme: Any) -> None:
    opened = doors.open_widget(acme)

    async def scenario() -> None:
        for origin in ("https://evil.example", doors.origin + ".evil.example", "null"):
            with pytest.raises(InvalidStatus) as refused:
                await Wire.join(f"{doors.sockets}/ws/widget/", origin, {"ticket": opened["ticket"]})
            assert refused.value.response.status_code == 403

    play(scenario())


def test_a_ticket_works_once_and_only_where_it_belongs(doors: Any, play: Any, acme: Any, alice_member: Any) -> None:
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> None:
        await (await doors.visitor(opened)).expect("ready")
        assert await closes_with(await doors.visitor(opened)) == 4401
        assert await closes_with(await doors.visitor({"ticket": ticket})) == 4401
        assert await closes_with(await doors.visitor({"ticket": opened["ticket"] + "x"})) == 4401

    play(scenario())


def test_a_ticket_dies_after_thirty_seconds(doors: Any, play: Any, acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = doors.open_widget(acme)
    monkeypatch.setattr("core.tickets.LIFE_SECONDS", -1)

    async def scenario() -> None:
        assert await closes_with(await doors.visitor(opened)) == 4401

    play(scenario())


def test_more_than_twenty_messages_in_ten_seconds_are_refused_and_can_be_sent_later(
    doors: Any, play: Any, acme: Any
) -> None:
    opened = doors.open_widget(acme)
    allowed = LIMITS["chat.messages"].count

    async def scenario() -> str:
        dave = await doors.visitor(opened)
        await dave.send(**started())
        chat = (await dave.expect("ack"))["chat"]
        for n in range(allowed + 1):
            await dave.send(t="msg", id=str(uuid.uuid4()), text=f"m{n}")
        assert (await dave.expect("err"))["code"] == "rate"
        return chat

    assert len(stored(play(scenario()))) <= allowed


def test_the_sixth_socket_of_a_visitor_is_closed(doors: Any, play: Any, acme: Any) -> None:
    answers = [doors.open_widget(acme)]
    for _ in range(5):
        answers.append(doors.open_widget(acme, secret=answers[-1]["secret"]))

    async def scenario() -> None:
        wires = [await doors.visitor(answer) for answer in answers[:5]]
        for wire in wires:
            await wire.expect("ready")
        assert await closes_with(await doors.visitor(answers[5])) == 4429

    play(scenario())


def test_after_the_trial_nothing_more_is_taken(doors: Any, play: Any, acme: Any) -> None:
    acme.trial_ends_at = timezone.now() - timedelta(seconds=1)
    acme.save(update_fields=["trial_ends_at"])
    opened = doors.open_widget(acme)
    assert opened["open"] is False

    async def scenario() -> None:
        dave = await doors.visitor(opened)
        await dave.send(**started())
        assert (await dave.expect("err"))["code"] == "read_only"

    play(scenario())
    with scopes_disabled():
        assert not Chat.objects.exists()


def test_a_wrong_key_and_a_wrong_secret_find_nothing(doors: Any, acme: Any) -> None:
    status, answer = post_json(f"{doors.origin}/widget/open/", {"key": "nobody"}, {"Origin": doors.origin})
    assert (status, answer["code"]) == (404, "not_found")
    for path in ("data", "delete", "download"):
        status, answer = post_json(f"{doors.origin}/widget/{path}/", {"secret": "guess"}, {"Origin": doors.origin})
        assert (status, answer["code"]) == (404, "not_found")
    status, answer = post_json(f"{doors.origin}/widget/open/", {"key": "x"}, {"Origin": "https://evil.example"})
    assert (status, answer["code"]) == (403, "bad_origin")


def test_the_secret_is_new_at_each_opening_and_the_one_before_the_last_is_dead(doors: Any, acme: Any) -> None:
    first = doors.open_widget(acme)
    second = doors.open_widget(acme, secret=first["secret"])
    third = doors.open_widget(acme, secret=second["secret"])
    assert first["visitor"] == second["visitor"] == third["visitor"]
    assert len({first["secret"], second["secret"], third["secret"]}) == 3
    assert doors.open_widget(acme, secret=first["secret"])["visitor"] != first["visitor"]
    with scopes_disabled():
        assert not Visitor.objects.filter(secret_hash__in=[first["secret"], third["secret"]]).exists()


def test_logging_out_closes_the_console_at_once(
    doors: Any, play: Any, acme: Any, alice: Any, alice_member: Any
) -> None:
    from core.realtime import close_user_sockets

    ticket = doors.console_ticket(alice_member)

    async def scenario() -> None:
        wire = await doors.console(ticket)
        await wire.expect("board")
        await asyncio.to_thread(close_user_sockets, alice.pk)
        assert await closes_with(wire) == 4401

    play(scenario())


@pytest.mark.promise("visitor_receipt")
def test_deleting_from_the_widget_leaves_nothing(doors: Any, play: Any, acme: Any) -> None:
    opened = doors.open_widget(acme)

    async def scenario() -> None:
        dave = await doors.visitor(opened)
        await dave.send(**started(name="Dave Needle", email="dave@needle.example"))
        await dave.expect("ack")

    play(scenario())
    status, kept = post_json(f"{doors.origin}/widget/data/", {"secret": opened["secret"]}, {"Origin": doors.origin})
    assert status == 200
    assert {row["what"]: row["never"] for row in kept["rows"]}["Location"] == "not collected"
    status, everything = post_json(
        f"{doors.origin}/widget/download/", {"secret": opened["secret"]}, {"Origin": doors.origin}
    )
    assert "Does it carry a dog?" in json.dumps(everything)
    assert "dave@needle.example" in json.dumps(everything)
    status, answer = post_json(f"{doors.origin}/widget/delete/", {"secret": opened["secret"]}, {"Origin": doors.origin})
    assert answer == {"deleted": True, "chats": 1}
    with scopes_disabled():
        visitor, chat = Visitor.objects.get(), Chat.objects.get()
        said = Message.objects.get(author=Message.Author.VISITOR)
    assert visitor.name.startswith("Visitor ")
    assert not visitor.email and chat.state == "closed" and chat.last_text == said.text
    assert said.text.startswith("[message removed ")
    again = {"secret": opened["secret"]}
    assert post_json(f"{doors.origin}/widget/data/", again, {"Origin": doors.origin})[0] == 404
