"""What ends without anybody ending it, and lists that are longer than one answer."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.scoping import account_scope, scopes_disabled
from chat import queries
from chat.actions.chats import close_silent_chats
from chat.models import Chat
from chat.testing import make_chat, make_operator
from privacy.actions.retention import apply_retention


def test_a_chat_that_everybody_left_is_closed_and_then_deleted(acme: Any, alice_member: Any) -> None:
    alice = make_operator(alice_member)
    left, talked, waiting = make_chat(acme, operator=alice), make_chat(acme, operator=alice), make_chat(acme)
    now = timezone.now()
    with scopes_disabled():
        Chat.objects.filter(pk__in=[left.pk, waiting.pk]).update(last_at=now - timedelta(days=8))
    assert close_silent_chats(now=now) == 2
    assert close_silent_chats(now=now) == 0
    with scopes_disabled():
        assert dict(Chat.objects.values_list("pk", "closed_by")) == {
            left.pk: "system",
            waiting.pk: "system",
            talked.pk: "",
        }
        alice.refresh_from_db()
        assert alice.open_chats == 1
        apply_retention(now=now + timedelta(days=acme.chat_keep_days + 1))
        assert list(Chat.objects.values_list("pk", flat=True)) == [talked.pk]


def test_a_board_with_many_changes_is_told_in_parts(acme: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "BOARD_ROWS", 2)
    made = [make_chat(acme).pk for _ in range(5)]
    told: list[int] = []
    cursor = 0
    with account_scope(acme):
        for _ in range(3):
            cards, cursor = queries.read_board(acme, cursor)
            told += [card.pk for card in cards]
    assert told == made
    assert cursor == queries.find_cursor_of(acme.pk)


@pytest.mark.parametrize("days", ["until=9999-12-31", "since=0001-01-01&until=0001-01-01"])
def test_days_at_the_ends_of_the_calendar_are_left_out(
    client_of: Any, alice: Any, alice_member: Any, days: str
) -> None:
    make_operator(alice_member)
    assert client_of(alice).get(f"/app/archive/?{days}").status_code == 200
