"""Who is on the site during a soak: visitors who chat, end and come back, operators who answer, and a reader of pages."""

import asyncio
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from bench.people import Person, ask
from bench.stand import Stand

OPERATORS_AN_ACCOUNT = 5
MOST_CHATS = 40  # that one operator takes
PAUSE = 1.0  # between two looks of an operator at the queue

CAST = """
import json, uuid
from django.conf import settings
from django.test import Client
from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.models import Board, Widget
from operators.models import Operator
from accounts.testing import make_texts
make_texts()
PASSWORD = "Soak-operator-1"  # of the first operator of each account; hashing fifty takes its time
answer = []
for a in range(%d):
    account = Account.objects.create(
        slug=f"soak-{a}", company=f"Soak {a}", address="1 Street", website="https://soak.example")
    with account_scope(account):
        widget = Widget.objects.create(account=account, name="w", allowed_origins=["https://soak.example"])
        Board.objects.get_or_create(account=account)
    operators = []
    for n in range(%d):
        user = User.objects.create_user(f"op{a}-{n}@soak.example", PASSWORD if n == 0 else None, name="Op", surname=f"{a}-{n}")
        member = Membership.objects.create(user=user, account=account, role="owner" if n == 0 else "operator")
        with account_scope(account):
            Operator.objects.create(account=account, membership=member, user=user, display_name=f"Op {n}", chat_limit=50)
        browser = Client()
        browser.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        operators.append(browser.cookies[settings.SESSION_COOKIE_NAME].value)
    answer.append({"key": widget.key, "operators": operators})
print(json.dumps(answer))
"""


@dataclass
class Stage:
    """What the actors share: the site, what they wrote and when, and every status that a page answered with."""

    stand: Stand
    rng: random.Random
    visitor_pause: float = 4.0  # seconds between two messages of one visitor, on the average
    operator_pause: float = 4.0  # and of an operator in one chat
    life: tuple[float, float] = (80.0, 200.0)  # seconds that a chat lasts
    is_over: bool = False
    written: dict[str, float] = field(default_factory=dict)  # message id -> when; of those that somebody waits for
    texts: dict[str, str] = field(default_factory=dict)  # message id -> what its sender meant it to say
    statuses: Counter[str] = field(default_factory=Counter)
    without_retry: int = 0  # answers 503 that did not say when to come back
    chats_begun: int = 0
    reloads: int = 0
    edits: int = 0

    async def request(self, method: str, path: str, **options: Any) -> tuple[int, bytes]:
        """One request through the proxy, counted by its status. Raises OSError or TimeoutError."""
        try:
            status, headers, body = await ask(self.stand.port, method, path, **options)
        except (OSError, TimeoutError, ValueError, IndexError):
            self.statuses["no answer"] += 1
            raise ConnectionResetError(path) from None
        self.statuses[str(status)] += 1
        self.without_retry += status == 503 and "retry-after" not in headers
        return status, body

    async def rest(self, mean: float) -> None:
        """About `mean` seconds, never much longer."""
        await asyncio.sleep(min(3 * mean, self.rng.expovariate(1 / mean)))


class Shopper:
    """A visitor of a website: starts a chat, writes, reloads the page at times, ends the chat and starts another."""

    def __init__(self, stage: Stage, number: int, key: str) -> None:
        self.stage, self.number, self.key = stage, number, key
        self.secret: str | None = None
        self.address = f"10.{number // 250}.0.{number % 250 + 1}"
        self.count = 0
        self.person = Person(
            f"visitor {number}", f"{stage.stand.sockets}/ws/widget/", stage.stand.origin, self.hello
        )  # fmt: skip

    async def hello(self) -> dict[str, Any]:
        status, body = await self.stage.request(
            "POST",
            "/widget/open/",
            body={"key": self.key, "secret": self.secret, "page": {"url": "https://soak.example/"}},
            headers={"Origin": self.stage.stand.origin, "X-Forwarded-For": self.address},
        )
        if status != 200:
            raise ConnectionResetError(status)
        answer = json.loads(body)
        self.secret = answer["secret"]
        return {"ticket": answer["ticket"]}

    def _text(self) -> str:
        self.count += 1
        return f"visitor {self.number} writes line {self.count} " + "o" * self.stage.rng.randint(1, 200)

    async def live(self) -> None:
        stage, person = self.stage, self.person
        await asyncio.sleep(stage.rng.uniform(0, min(15.0, stage.life[0] / 4)))
        person.begin()
        while not stage.is_over:
            await person.is_ready.wait()
            until = time.monotonic() + stage.rng.uniform(*stage.life)
            await self._start()
            while not stage.is_over and time.monotonic() < until:
                await stage.rest(stage.visitor_pause)
                if stage.is_over or self._has_ended():
                    break
                await self._say_something()
            if stage.is_over or not await self._end():
                return

    async def _start(self) -> None:
        text = self._text()
        ident = await self.person.must({"t": "start", "name": f"Visitor {self.number}", "text": text})
        self.stage.texts[ident] = text
        while ident in self.person.outbox:
            await asyncio.sleep(0.1)
        self.stage.chats_begun += ident in self.person.acked

    async def _say_something(self) -> None:
        stage, person, dice = self.stage, self.person, self.stage.rng.random()
        assert person.chat is not None
        if dice < 0.02:  # the page is loaded anew: what was sent and not acknowledged is remembered
            stage.reloads += 1
            if person.chat["id"] in person.views:
                person.views[person.chat["id"]].forget()
            person.drop()
            return
        text = self._text()
        await person.say({"t": "typing", "text": text[:40]})
        is_held = person.chat.get("operator") is not None
        at = time.monotonic()
        ident = await person.must({"t": "msg", "text": text})
        stage.texts[ident] = text
        if is_held:
            stage.written[ident] = at
        if dice < 0.05:
            await self._edit(ident, text)

    async def _edit(self, ident: str, text: str) -> None:
        person = self.person
        for _ in range(50):
            if ident in person.acked:
                break
            await asyncio.sleep(0.1)
        if ident in person.acked and not self.stage.is_over:
            self.stage.texts[ident] = changed = text + " (edited)"
            self.stage.edits += 1
            await person.must({"t": "edit", "seq": person.acked[ident][1], "text": changed})

    def _has_ended(self) -> bool:
        person = self.person
        return bool(person.chat and person.chat["state"] == "closed")

    async def _end(self) -> bool:
        """Ends the chat and waits until this side has all of it. False when the soak is over first."""
        person = self.person
        assert person.chat is not None
        asked = 0.0
        while not self.stage.is_over:
            view = person.views.get(person.chat["id"])
            if not person.outbox and (view is None or view.is_closed):
                return True
            if not self._has_ended() and time.monotonic() - asked > 3 and not person.outbox:
                asked = time.monotonic()
                await person.say({"t": "end"})
            await asyncio.sleep(0.2)
        return False


class Agent:
    """An operator: takes who waits, answers in every chat, and looks at pages as people do."""

    def __init__(self, stage: Stage, name: str, session: str) -> None:
        self.stage, self.name = stage, name
        csrf = "c" * 32
        self.headers = {"Cookie": f"session={session}; csrf={csrf}", "X-CSRFToken": csrf, "Origin": stage.stand.origin}
        self.person = Person(name, f"{stage.stand.sockets}/ws/console/", stage.stand.origin, self.hello)
        self.person.on_frame = self._hear
        self.waiting: set[str] = set()
        self.mine: set[str] = set()
        self.me = self.cursor = self.count = 0
        self._works: set[asyncio.Task[Any]] = set()

    async def hello(self) -> dict[str, Any]:
        status, body = await self.stage.request("POST", "/app/ticket/", body=b"", headers=self.headers)
        if status != 200:
            raise ConnectionResetError(status)
        return {"ticket": json.loads(body)["ticket"]}

    def _spawn(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    def _hear(self, frame: dict[str, Any]) -> None:
        if frame["t"] == "ready":
            self.me, self.cursor = frame["me"]["id"], frame["cursor"]
            self.waiting.clear()
            self.mine.clear()  # the board that follows has every live chat
        elif frame["t"] == "board":
            self.cursor = max(self.cursor, frame["cursor"])
            for card in frame["cards"]:
                self._see(card)
        elif frame["t"] == "took":
            self._see(frame["card"])
        elif frame["t"] == "beat" and frame["cursor"] > self.cursor:
            self._spawn(self.person.say({"t": "board", "cursor": self.cursor}))
        elif frame["t"] == "err" and frame.get("chat") in self.waiting:
            self.waiting.discard(frame["chat"])

    def _see(self, card: dict[str, Any]) -> None:
        chat = card["id"]
        (self.waiting.add if card["state"] == "waiting" else self.waiting.discard)(chat)
        has_it = card["state"] == "open" and (card["operator"] or {}).get("id") == self.me
        (self.mine.add if has_it else self.mine.discard)(chat)
        if has_it and chat not in self.person.views:
            self._spawn(self.person.open(chat))

    async def live(self) -> None:
        self.person.begin()
        await asyncio.gather(self._take(), self._answer())

    async def _take(self) -> None:
        while not self.stage.is_over:
            await asyncio.sleep(PAUSE * self.stage.rng.uniform(0.5, 1.5))
            if self.waiting and len(self.mine) < MOST_CHATS:
                await self.person.say({"t": "accept", "chat": self.stage.rng.choice(sorted(self.waiting))})

    async def _answer(self) -> None:
        stage, person = self.stage, self.person
        while not stage.is_over:
            chats = sorted(self.mine)
            await stage.rest(stage.operator_pause / max(1, len(chats)))
            if not chats or stage.is_over:
                continue
            chat = stage.rng.choice(chats)
            if chat not in person.views:
                continue
            self.count += 1
            text = f"{self.name} answers with line {self.count} " + "a" * stage.rng.randint(1, 200)
            if stage.rng.random() < 0.3:
                await person.say({"t": "typing", "chat": chat, "on": True})
            at = time.monotonic()
            ident = await person.post(text, chat)
            stage.texts[ident], stage.written[ident] = text, at


async def read_pages(stage: Stage, key: str, headers: dict[str, str]) -> None:
    """Somebody opens the pages of the site, one after the other, as long as the soak lasts."""
    paths = ("/app/chats/", f"/widget/frame/{key}/", "/app/visitors/", "/", "/app/archive/")
    while not stage.is_over:
        for path in paths:
            await asyncio.sleep(1.0)
            try:
                await stage.request("GET", path, headers=headers)
            except OSError:
                continue
