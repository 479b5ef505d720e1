"""What a card number, an IBAN or a key becomes on every way into a chat: masked before it is stored or shown (P15)."""

import re
import uuid
from typing import Any

from django.apps import apps
from django.db import models

from accounts.scoping import account_scope, scopes_disabled
from chat.actions.chats import close_chat, rate_chat
from chat.actions.edits import edit_line
from chat.actions.notes import add_note
from chat.models import Chat
from chat.testing import make_chat, make_operator, say
from core.redaction import is_card_number

CARD, IBAN = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"
SECRET = f"It is {CARD}, or {IBAN}."
TEXTS = models.CharField | models.TextField | models.JSONField
RUN = re.compile(r"\d(?:[ -]?\d){12,}")
HASH = re.compile(r"[0-9a-f]{64}")


def columns_with_a_card() -> list[str]:
    """Every text column of every table that holds a card number: a scan of the whole database."""
    found = []
    with scopes_disabled():
        for model in apps.get_models():
            fields = [
                f
                for f in model._meta.concrete_fields
                if isinstance(f, models.CharField | models.TextField | models.JSONField)
            ]
            manager = model._base_manager
            for row in manager.values_list(*[field.attname for field in fields]) if fields else ():
                for field, value in zip(fields, row, strict=True):
                    if HASH.fullmatch(str(value)):  # sixty-four signs may be a card number by chance
                        continue
                    runs = RUN.findall(str(value))
                    if any(is_card_number(re.sub(r"\D", "", run)) for run in runs):
                        found.append(f"{model._meta.label}.{field.name}")
    return found


def test_no_way_into_a_chat_stores_a_card_number(acme: Any, alice_member: Any) -> None:
    alice = make_operator(alice_member)
    chat = make_chat(acme, text=SECRET, operator=alice)
    say(chat, SECRET)
    hers = say(chat, f"Yours ends so: {SECRET}", operator=alice)
    with account_scope(acme):
        edit_line(chat_pk=chat.pk, seq=hers.seq, client_id=uuid.uuid4(), text=f"I meant {SECRET}", operator=alice)
        add_note(chat_pk=chat.pk, operator=alice, client_id=uuid.uuid4(), text=f"Pays with {SECRET}")
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=alice)
        rate_chat(chat_pk=chat.pk, value="good", comment=SECRET)
        texts = list(chat.messages.exclude(text="").values_list("text", flat=True))
    assert columns_with_a_card() == []
    assert len(texts) == 3
    assert all("1111" in text and "3000"[-2:] in text and IBAN not in text for text in texts)


def test_who_wrote_it_hears_what_was_stored_and_a_repeat_is_harmless(
    doors: Any, play: Any, acme: Any, alice_member: Any
) -> None:
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scenario() -> None:
        dave, alice = await doors.visitor(opened), await doors.console(ticket)
        await dave.send(t="start", id=str(uuid.uuid4()), text="Hello")
        chat = (await dave.expect("ack"))["chat"]
        await alice.send(t="accept", chat=chat)
        await alice.expect("took")
        await dave.send(t="typing", text=SECRET)
        typed = await alice.expect("typing")
        assert CARD not in str(typed) and "1111" in str(typed)
        ident = str(uuid.uuid4())
        for _ in range(2):
            await dave.send(t="msg", id=ident, text=SECRET)
            ack = await dave.expect("ack", id=ident)
            assert CARD not in ack["text"] and ack["text"].startswith("It is ")
        line = await alice.line(by="visitor", id=ident)
        assert line["text"] == ack["text"]
        assert "text" not in await dave.message("Nothing to hide")

    play(scenario())
