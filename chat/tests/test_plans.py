"""G10: what is asked on every page is answered by the index of what is live, however many chats have ended."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Account
from accounts.scoping import account_scope
from chat import queries
from chat.archive.search import ArchiveFilter
from chat.archive.search.filters import filter_chats
from chat.desk.screens import count_waiting
from chat.models import Visitor
from chat.queue.line import list_restless, waiting_live
from chat.testing import make_chat
from outbox.queries import count_parked, find_oldest_lateness, has_due

pytestmark = [pytest.mark.once, pytest.mark.django_db]  # PostgreSQL chooses by what the tables hold

ASKED: dict[str, tuple[str, Callable[[Account], Any]]] = {
    "cards": ("chat_chat_live", queries.list_live_cards),
    "states": ("chat_chat_live", queries.list_live_states),
    "waiting": ("chat_chat_live", queries.list_waiting),
    "queue": ("chat_chat_live", lambda account: list(waiting_live(account))),
    "count": ("chat_chat_live", count_waiting),
    "left alone": ("chat_chat_live", lambda account: queries.list_left_alone()),
    "restless": ("chat_chat_live", lambda account: list_restless()),
    "silent": ("chat_chat_live", lambda account: queries.list_silent(timezone.now(), 5)),
    "rated": (
        "chat_chat_rated",
        lambda account: list(filter_chats(account, ArchiveFilter(rating="bad"), account.zone)[:5]),
    ),
    "visitor": (
        "chat_visitor_external",
        lambda account: list(queries.list_visitors(account, external_id="x", limit=5)),
    ),
    "outbox": ("outbox_delivery_due", lambda account: has_due()),
    "lateness": ("outbox_delivery_due", lambda account: find_oldest_lateness()),
    "parked": ("outbox_delivery_parked", lambda account: count_parked()),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_every_page_asks_takes_the_index(acme: Account, name: str) -> None:
    chat = make_chat(acme, text="hello")
    assert Visitor.objects.with_scopes_disabled().filter(pk=chat.visitor_id).exists()
    index, ask = ASKED[name]
    plans: list[str] = []

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            with connection.cursor() as cursor:
                plan = context["cursor"].db.connection.execute(f"EXPLAIN QUERY PLAN {sql.replace('%s', '?')}", params)
                plans.extend(row[-1] for row in plan)
                cursor.close()
        return execute(sql, params, many, context)

    with account_scope(acme), connection.execute_wrapper(explain):
        ask(acme)
    first = plans[0]
    assert f"INDEX {index}" in first, plans
