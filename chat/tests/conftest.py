"""Fixtures of the socket tests: a running site and ways into it."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore

from accounts.models import Membership
from accounts.scoping import scopes_disabled
from chat.testing import make_operator, make_widget
from core.tickets import issue_ticket
from tests.wire import Wire, post_json


class Doors:
    """How a test gets a visitor's or an operator's socket on the running site."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.sockets = origin.replace("http", "ws", 1)

    def open_widget(self, account: Any, **body: Any) -> dict[str, Any]:
        """What the frame's opening request answers."""
        status, answer = post_json(
            f"{self.origin}/widget/open/", {"key": make_widget(account).key, **body}, {"Origin": self.origin}
        )
        assert status == 200, answer
        return answer

    def again(self, opened: dict[str, Any]) -> dict[str, Any]:
        """What the opening request of the same visitor answers on their next page."""
        from chat.models import Visitor
        from core.secret_links import hash_secret

        with scopes_disabled():
            visitor = Visitor.objects.select_related("account").get(secret_hash=hash_secret(opened["secret"]))
        return self.open_widget(visitor.account, secret=opened["secret"])

    def console_ticket(self, membership: Membership) -> str:
        """A ticket as `/app/ticket/` gives it to a signed-in operator."""
        make_operator(membership)
        session = SessionStore()
        session["signed_in"] = True
        session.create()
        return issue_ticket("console", membership=membership.pk, session=session.session_key)

    async def visitor(self, opened: dict[str, Any], since: int = 0, **options: Any) -> Wire:
        hello = {"ticket": opened["ticket"], "since": since}
        return await (await Wire.join(f"{self.sockets}/ws/widget/", self.origin, hello, **options)).listening()

    async def console(self, ticket: str, cursor: int = 0, **options: Any) -> Wire:
        hello = {"ticket": ticket, "cursor": cursor}
        return await (await Wire.join(f"{self.sockets}/ws/console/", self.origin, hello, **options)).listening()


@pytest.fixture
def doors(site_server: str) -> Doors:
    return Doors(site_server)


@pytest.fixture
def play() -> Callable[..., Any]:
    """Runs a scenario of sockets to its end."""
    return asyncio.run
