from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import WrongAccount, account_scope
from chat.actions.chats import accept_chat, close_chat
from chat.actions.history import PastChat, PastLine, PastVisitor, import_history
from chat.actions.widgets import ensure_widget
from chat.models import Chat, Message, Visitor
from chat.queries import list_live_cards, list_waiting
from operators.actions import ensure_operator
from operators.models import Operator

pytestmark = pytest.mark.django_db

NOW = timezone.now()


def past_visitor(name: str = "Robin Mockup") -> PastVisitor:
    return PastVisitor(name, "", "Firefox 130", "Android 17", "203.0.113.24", "", "", "", 2, NOW, NOW)


def past_chat(place: int, operator: Operator | None, **changes: Any) -> PastChat:
    lines = [PastLine("visitor", NOW - timedelta(hours=2), "Hello"), PastLine("operator", NOW, "Hi")]
    return PastChat(visitor=place, operator=operator, started_at=NOW - timedelta(hours=2), lines=lines, **changes)


@pytest.fixture
def operator(alice_member: Membership) -> Operator:
    """Alice as an operator."""
    return ensure_operator(membership=alice_member)


def test_imported_chats_stand_where_chats_of_their_state_stand(acme: Account, operator: Operator) -> None:
    widget = ensure_widget(account=acme)
    with account_scope(acme):
        import_history(
            widget=widget,
            visitors=[past_visitor(), past_visitor("Pat Specimen"), past_visitor("Kim Testcase")],
            chats=[
                past_chat(0, operator, accepted_at=NOW, closed_at=NOW, closed_by="visitor", rating="good"),
                past_chat(1, operator, accepted_at=NOW),
                past_chat(2, None, read=False),
            ],
        )
        assert [chat.visitor.name for chat in list_waiting(acme)] == ["Kim Testcase"]
        assert {chat.visitor.name for chat in list_live_cards(acme)} == {"Pat Specimen", "Kim Testcase"}
        closed = Chat.objects.get(state="closed")
        assert (closed.rating, closed.last_text, closed.message_count, closed.last_seq) == ("good", "Hi", 2, 2)
        assert list(Message.objects.filter(chat=closed).order_by("seq").values_list("seq", "text")) == [
            (1, "Hello"),
            (2, "Hi"),
        ]
        assert sorted(Visitor.objects.values_list("number", flat=True)) == [1, 2, 3]


def test_an_imported_chat_goes_on_like_any_other(acme: Account, operator: Operator) -> None:
    widget = ensure_widget(account=acme)
    with account_scope(acme):
        import_history(
            widget=widget,
            visitors=[past_visitor(), past_visitor()],
            chats=[past_chat(0, operator, accepted_at=NOW), past_chat(1, None)],
        )
        assert Operator.objects.get().open_chats == 1
        accepted = accept_chat(operator=operator)
        assert Operator.objects.get().open_chats == 2
        for chat in Chat.objects.all():
            close_chat(chat_pk=chat.pk, by="operator", operator=operator)
        assert Operator.objects.get().open_chats == 0
        numbers = list(Chat.objects.values_list("board_seq", flat=True))
        assert len(set(numbers)) == 2
        assert Message.objects.filter(chat=accepted).count() == Chat.objects.get(pk=accepted.pk).last_seq


def test_a_hundred_chats_take_as_many_statements_as_two(acme: Account, operator: Operator) -> None:
    widget = ensure_widget(account=acme)
    counts = []
    for amount in (2, 100):
        with account_scope(acme), CaptureQueriesContext(connection) as statements:
            import_history(
                widget=widget,
                visitors=[past_visitor() for _ in range(amount)],
                chats=[past_chat(n, operator, accepted_at=NOW, closed_at=NOW) for n in range(amount)],
            )
        counts.append(len([query for query in statements.captured_queries if "chat_board" not in query["sql"]]))
    assert counts[1] <= counts[0]


def test_nobody_can_return_as_an_imported_visitor(acme: Account, operator: Operator) -> None:
    widget = ensure_widget(account=acme)
    with account_scope(acme):
        import_history(widget=widget, visitors=[past_visitor(), past_visitor()], chats=[])
        hashes = set(Visitor.objects.values_list("secret_hash", flat=True))
    assert len(hashes) == 2 and all(len(value) == 64 for value in hashes)


def test_history_cannot_be_put_into_another_account(acme: Account, cakes: Account, operator: Operator) -> None:
    widget = ensure_widget(account=acme)
    with account_scope(cakes), pytest.raises(WrongAccount):
        import_history(widget=widget, visitors=[past_visitor()], chats=[])
    assert not Visitor.of(acme).exists()
