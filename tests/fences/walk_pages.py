"""Walks the doors of the resolver: first their owner, then everybody else, each visit rolled back."""

import contextlib
import json
from collections.abc import Iterator
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import override_settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, get_resolver, resolve, reverse
from django.urls.exceptions import Resolver404

from accounts.models import Membership
from accounts.roles import ACTIONS
from tests.fences.doors import Door, Kind
from tests.fences.kinds import Arguments
from tests.fences.world import COMPANY, TEXT, VISITOR_EMAIL, VISITOR_NAME, World, difference

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
NAME_THE_COMPANY = ("chat:frame", "chat:prefill_start")  # to whoever opens its chat
RARE = METHODS[2:]  # a door that does not offer one refuses it to its owner too, and that is enough to know
STAFF_DOORS = (Kind.STAFF, Kind.AGENT, Kind.OFFICER, Kind.SHUT)


def doors_of_the_resolver() -> list[str]:
    """The name of every route; a route without a name is called by its pattern."""

    def walk(node: Any, spaces: tuple[str, ...], prefix: str) -> Iterator[str]:
        for part in node.url_patterns:
            pattern = prefix + str(part.pattern).removeprefix("^")
            if isinstance(part, URLPattern):
                yield ":".join((*spaces, part.name)) if part.name else pattern
            else:
                yield from walk(part, (*spaces, part.namespace) if part.namespace else spaces, pattern)

    return list(walk(get_resolver(), (), ""))


def path_of(name: str, args: dict[str, Any]) -> str:
    if "<" not in name:
        return reverse(name, kwargs=args)
    path = "/" + name.removesuffix("$")
    for key, value in args.items():
        for form in (f"<path:{key}>", f"(?P<{key}>.*)"):
            path = path.replace(form, str(value))
    return path


def needles(world: World, sent: str) -> list[str]:
    """What an answer to a stranger must not hold; what the stranger sent may come back."""
    words = [
        COMPANY, VISITOR_NAME, VISITOR_EMAIL, TEXT, world.alice.email, world.bob.email, world.new_address.email,
        "Needle Street", "needle shop", "Needle key", "Needle browser", "Needle department", "needle tag",
        "Needle goal", "Needle event", "Needle order", "Needle request",
        "Needle answer", "Needle note", world.dave.secret_hash,
    ]  # fmt: skip
    return [word for word in words if word not in sent]


@contextlib.contextmanager
def nothing_stays() -> Iterator[None]:
    """A transaction that is rolled back at its end."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Writes:
    """Notes whether a statement other than a read was sent to the database; what nobody wrote need not be compared."""

    READS = ("SELECT", "SAVEPOINT", "RELEASE", "PRAGMA", "SET", "SHOW")

    def __init__(self) -> None:
        self.seen = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.seen = self.seen or not str(sql).lstrip("( ").upper().startswith(self.READS)
        return execute(sql, params, many, context)


class PageWalk:
    """One walk over one door. `faults` says in words what was wrong."""

    walked: ClassVar[set[str]] = set()

    def __init__(self, world: World, name: str, door: Door, before: dict[str, Any]) -> None:
        self.world, self.name, self.door, self.before = world, name, door, before
        self.faults: list[str] = []

    def walk(self) -> list[str]:
        offers_rare = any(self._body(method) is not None for method in RARE)
        for method in METHODS if offers_rare else METHODS[:3]:  # one of the rare ones tells for all
            if self._answers_its_owner(method):
                if method not in RARE or self._body(method) is not None:
                    self._refuses_strangers(method)
                self.walked.add(self.name)
        return self.faults

    # ---- the owner ----
    def _answers_its_owner(self, method: str) -> bool:
        kind = self.door.kind
        owner = {
            Kind.STAFF: self.world.ada,
            Kind.AGENT: self.world.nik,
            Kind.OFFICER: self.world.pia,
            Kind.SHUT: self.world.ada,
            Kind.SECRET: None,
            Kind.PUBLIC: None,
        }.get(kind, None if kind is Kind.DEVELOPMENT else self.world.alice)
        args = self.door.args(self.world) if self.door.args else {}
        response, _ = self._visit(method, owner, args, self._body(method))
        if response is None:
            return False
        if kind is Kind.NOWHERE:
            self._expect(response.status_code == 404, method, "alice", f"{response.status_code}, not 404")
        elif self._body(method) is None:
            good = response.status_code == 405 or (self._is_foreign() and response.status_code < 500)
            self._expect(good, method, "its owner", f"{response.status_code}, not 405")
        elif kind is Kind.SHUT:
            self._expect(response.status_code in (403, 404, 405), method, "ada", f"{response.status_code}, not shut")
        else:
            good = 200 <= response.status_code < 400 and not self._is_turned_away(response)
            good = good or response.status_code in self.door.owner_gets
            self._expect(good, method, "its owner", f"{response.status_code} {response.get('Location', '')}")
        return True

    def _is_foreign(self) -> bool:
        """Whether Django or django-allauth answers: their pages take a method they do not need."""
        return self.name.startswith(("admin", "account_", "mfa_", "usersessions_"))

    def _is_turned_away(self, response: HttpResponse) -> bool:
        away = [
            reverse(one)
            for one in (
                "account_login", "account_reauthenticate", "mfa_reauthenticate", "admin:login", "privacy:yourdata_start"
            )
        ]  # fmt: skip
        place = response.get("Location", "")
        return any(place.startswith(f"{one}?next") for one in away) and self.door.kind is not Kind.PUBLIC

    # ---- the others ----
    def _refuses_strangers(self, method: str) -> None:
        for who, user in self._strangers(method):
            for args, body in self._tries(method):
                response, changes = self._visit(method, user, args, body, stranger=True)
                if response is None:
                    continue
                label = f"{who} ({body})" if self.door.forge else who
                self._expect(not changes, method, label, "; ".join(changes))
                sent = f"{urlencode(args)} {json.dumps(body, default=str)}"
                text = getattr(response, "content", b"").decode("utf-8", "replace")
                if self.name not in NAME_THE_COMPANY:
                    leaks = [word for word in needles(self.world, sent) if word in text]
                    self._expect(not leaks, method, label, f"{response.status_code} and reads {leaks}")
                self._judge(method, label, who, response, offered=self._body(method) is not None)

    def _judge(self, method: str, label: str, who: str, response: HttpResponse, *, offered: bool) -> None:
        """The status that this kind of door owes this stranger."""
        status, kind = response.status_code, self.door.kind
        doors = (reverse("account_login"), reverse("privacy:yourdata_start"))  # where one shows who one is
        to_login = status == 302 and response.get("Location", "").startswith(doors)
        asks_who = (reverse("account_login"), reverse("privacy:yourdata_start"))  # the second: by a code to an address
        to_login = status == 302 and response.get("Location", "").startswith(asks_who)
        own = {Kind.OWN: ("carol",), Kind.PERSON: ("carol", "eve", "nik", "pia")}  # who gets a page of their own there
        if kind is Kind.PUBLIC or who in own.get(kind, ()):
            good = status < 500
        elif kind is Kind.SECRET:
            good = status in self.door.refused or (not offered and status == 405)
        elif kind in STAFF_DOORS:
            good = self._lands_outside(who, response)
        elif kind is Kind.DEVELOPMENT:
            good = status == 404 or (not offered and status == 405)
        else:
            asked = who == "anonymous" and (to_login or status == 401)  # a page leads to the log-in, the API says it
            good = status == 404 or asked or (not offered and status == 405)
        self._expect(good, method, label, f"{status} {response.get('Location', response.request['PATH_INFO'])}")

    def _lands_outside(self, who: str, response: HttpResponse) -> bool:
        """At the log-in page, or nowhere."""
        place = response.request["PATH_INFO"]  # type: ignore[attr-defined]  # of the test client
        if who == "anonymous":
            return place == reverse("account_login")
        return response.status_code in (404, 405)

    def _strangers(self, method: str) -> list[tuple[str, Any]]:
        world, kind = self.world, self.door.kind
        people = [("carol", world.carol), ("anonymous", None)]
        if kind in (Kind.THING, Kind.OWN, Kind.PERSON):
            people += [
                ("eve", world.eve),
                ("nik", world.nik),
                ("pia", world.pia),
            ]  # a role of our staff opens no account
            if not self._operators_may(method):
                people.append(("bob", world.bob))
        if kind is Kind.STAFF:
            people += [
                ("alice", world.alice),
                ("sam", world.sam),
                ("nik", world.nik),
                ("pia", world.pia),
                ("eve", world.eve),
            ]
        if kind is Kind.AGENT:
            people += [
                ("alice", world.alice),
                ("sam", world.sam),
                ("ada", world.ada),
                ("pia", world.pia),
                ("eve", world.eve),
            ]
        if kind is Kind.OFFICER:
            people += [
                ("alice", world.alice),
                ("sam", world.sam),
                ("ada", world.ada),
                ("nik", world.nik),
                ("eve", world.eve),
            ]
        return people

    def _operators_may(self, method: str) -> bool:
        """Whether the role of an operator opens the door; doors that ask no role are open to their person."""
        try:
            view = resolve(path_of(self.name, self.door.args(self.world) if self.door.args else {})).func
        except Resolver404:
            return True
        rights = getattr(getattr(view, "cls", None), "rights", None)
        asked = rights.get(method) if isinstance(rights, dict) else rights
        action = getattr(view, "member_action", asked)
        return action is None or Membership.Role.OPERATOR in ACTIONS[action]

    def _tries(self, method: str) -> list[tuple[dict[str, Any], dict[str, Any] | None]]:
        body = self._body(method)
        if self.door.forge is not None:
            return [(args, {} if method == "GET" else forged) for args, forged in self.door.forge(self.world)]
        return [(self.door.args(self.world) if self.door.args else {}, body)]

    # ---- one visit ----
    def _body(self, method: str) -> dict[str, Any] | None:
        if method == "GET":
            return self.door.get
        sends: Arguments | None = getattr(self.door, method.lower())
        return sends(self.world) if sends else None

    def _visit(
        self, method: str, user: Any, args: dict[str, Any], body: dict[str, Any] | None, *, stranger: bool = False
    ) -> tuple[Any, list[str]]:
        """The answer, and what changed in alice's rows; nothing of it stays."""
        cache.clear()  # each visit counts as the first
        options: dict[str, Any] = {}
        if method == "POST" and self.door.content_type:
            options["content_type"] = self.door.content_type
        sent: Any = body or {}
        if method in RARE:  # Django's client sends no form with these by itself
            options["content_type"] = MULTIPART_CONTENT
            sent = encode_multipart(BOUNDARY, sent)
        if self.door.headers and not stranger:
            options["headers"] = dict(self.door.headers)
        if stranger and self.door.kind in STAFF_DOORS:
            options["follow"] = True
        is_production = stranger and self.door.kind is Kind.DEVELOPMENT
        with override_settings(DEV=False) if is_production else contextlib.nullcontext(), nothing_stays():
            browser, writes = self.world.browser_of(user), Writes()
            try:
                with connection.execute_wrapper(writes):
                    response = getattr(browser, method.lower())(path_of(self.name, args), sent, **options)
            except Exception as problem:  # noqa: BLE001  a view that raises is a fault to report
                self.faults.append(f"{self.name} {method} by {user}: raised {problem!r}")
                return None, []
            changed = stranger and writes.seen
            changes = difference(self.before, self.world.dump(), self.door.adds) if changed else []
        return response, changes

    def _expect(self, good: bool, method: str, who: str, said: str) -> None:
        if not good:
            self.faults.append(f"{self.name} {method} by {who}: {said}")
