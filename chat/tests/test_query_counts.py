"""G9: a page takes as many statements for twice the rows, none alike more than three times, and no more than here."""

import re
from collections import Counter
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from accounts.testing import make_member
from chat.actions.chats import close_chat, rate_chat
from chat.actions.tags import tag_chat
from chat.models import Chat
from chat.testing import make_chat, make_operator, say
from operators.models import Operator

pytestmark = pytest.mark.django_db
MOST = {
    "/app/chats/": 10, "/app/chats/{live}/": 22, "/app/archive/": 12, "/app/archive/?q=hello": 14,
    "/app/archive/?q=hello&rating=good&kind=answered": 14, "/app/archive/{closed}/": 19, "/app/visitors/": 10,
    "/app/team/": 12, "/app/settings/retention/": 9,
}  # fmt: skip
SAME_SHAPE = 3


def add_rows(account: Account, operator: Operator, live: Chat, closed: Chat) -> None:
    """Three more of everything that the pages show."""
    for number in range(3):
        make_chat(account, text="hello", name=f"Pat {number}")
        done = make_chat(account, text="hello", operator=operator, name=f"Kim {number}")
        say(done, "yes", operator=operator)
        with account_scope(account):
            close_chat(chat_pk=done.pk, by="operator", operator=operator)
            rate_chat(chat_pk=done.pk, value="good")
            tag_chat(operator=operator, chat_pk=done.pk, name=f"tag {number}")
        make_operator(make_member(account, name=f"Colleague {number}"))
        say(live, "and more", operator=operator)
        with account_scope(account):
            tag_chat(operator=operator, chat_pk=closed.pk, name=f"more {number}")


def statements(browser: Client, path: str) -> list[str]:
    """What the page asks the database, without values."""
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    values = re.compile(r"'(?:[^']|'')*'|\b\d+\b")
    return [re.sub(r"\(%(, %)*\)", "(…)", values.sub("%", one["sql"])) for one in seen.captured_queries]


def test_pages_take_the_same_few_statements_for_twice_the_rows(
    acme: Account, alice: User, alice_member: Membership, client_of: Any
) -> None:
    operator = make_operator(alice_member)
    live, closed = (make_chat(acme, text="hello", operator=operator) for _ in range(2))
    with account_scope(acme):
        close_chat(chat_pk=closed.pk, by="operator", operator=operator)
    browser = client_of(alice)
    paths = {path: path.format(live=live.public_id, closed=closed.public_id) for path in MOST}
    add_rows(acme, operator, live, closed)
    few = {path: statements(browser, address) for path, address in paths.items()}
    add_rows(acme, operator, live, closed)
    many = {path: statements(browser, address) for path, address in paths.items()}
    faults = []
    for path, most in MOST.items():
        alike, times = Counter(many[path]).most_common(1)[0]
        if len(many[path]) != len(few[path]) or len(many[path]) > most or times > SAME_SHAPE:
            told = "\n  ".join(f"{count} x {sql[:200]}" for sql, count in Counter(many[path]).most_common())
            faults.append(f"{path}: {len(few[path])}, then {len(many[path])}, at most {most}; {times} alike\n  {told}")
    assert not faults, "\n".join(faults)
