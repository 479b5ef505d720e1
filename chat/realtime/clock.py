"""The clock of the queues in a web process: what is due is kept in memory, so that an idle server asks no database.

Every change of a queue says the control word "queue" (actions/telling.py): `places` has the waiting visitors told their
place, at most once a second; `work` has the queue looked after. The worker says the same word every half minute for
accounts in which something may be overdue, in case a process that knew of it has ended.
"""

import asyncio
import random
import time
from datetime import datetime
from typing import Any

import structlog
from django.utils import timezone

from accounts.models import Account
from accounts.scoping import account_scope
from chat.actions.queue import look_after, release_unanswered
from chat.queue.line import Place, estimate_wait, list_places
from chat.realtime import attendance
from chat.realtime.live import live
from core.errors import Refused
from core.realtime import encode, hub
from operators.models import Operator

log = structlog.get_logger(__name__)

PLACES_GAP = 1.0  # seconds between two words about places to the visitors of one account
AGAIN_SECONDS = 5.0  # after the database was away, or when a moment that was due is still due
LONGEST = 3600.0  # a timer is set anew at the latest after this


class Clock:
    """One per web process; it begins anew with each loop."""

    def __init__(self) -> None:
        self._timers: dict[int, asyncio.TimerHandle] = {}  # account -> when its queue is looked after
        self._told: dict[int, dict[str, int]] = {}  # account -> chat -> the place that its visitor knows
        self._told_at: dict[int, float] = {}
        self._telling: dict[int, bool] = {}  # account -> whether each process tells its own visitors
        self._working: set[int] = set()
        self._again: set[int] = set()
        self._expected: set[int] = set()  # operators who may come back within a minute

    def begin(self) -> None:
        """Forgets an earlier loop: its timers never fire."""
        for memory in (self._timers, self._told, self._told_at, self._telling, self._working, self._again,
                       self._expected):  # fmt: skip
            memory.clear()
        attendance.forget()

    # ---- places ----
    def tell_places(self, account_pk: int, everywhere: bool) -> None:
        """Has the waiting visitors of an account told their places, at most once a second."""
        if account_pk in self._telling:
            self._telling[account_pk] |= everywhere
            return
        self._telling[account_pk] = everywhere
        wait = max(0.05, self._told_at.get(account_pk, 0.0) + PLACES_GAP - time.monotonic())
        _later(wait, self._tell, account_pk)

    async def _tell(self, account_pk: int) -> None:
        everywhere = self._telling.pop(account_pk, False)
        self._told_at[account_pk] = time.monotonic()
        try:
            places, wait = await live.read(None, lambda: _read_places(account_pk))
        except Refused:  # the database is away
            return self.tell_places(account_pk, everywhere)
        before = self._told.pop(account_pk, {})
        send = hub.deliver if everywhere else hub.publish  # from outside every process was asked
        for place in places:
            if before.get(place.chat) != place.position:
                frame = {"t": "queue", "chat": place.chat, "position": place.position, "wait": wait}
                send([f"visitor:{place.visitor_pk}"], encode(frame))
        if places:
            self._told[account_pk] = {place.chat: place.position for place in places}
        return None

    # ---- work ----
    def work(self, account_pk: int) -> None:
        """Has the queue of an account looked after now; asked again meanwhile, once more afterwards."""
        if account_pk in self._working:
            self._again.add(account_pk)
            return
        self._working.add(account_pk)
        hub.spawn(self._work(account_pk))

    def is_resting(self, account_pk: int) -> bool:
        """Whether nothing is being done in the queue of an account, and a timer says when it is looked after next."""
        return account_pk not in self._working and account_pk in self._timers

    async def _work(self, account_pk: int) -> None:
        due: datetime | None = None
        try:
            account = await live.read(None, lambda: Account.objects.filter(pk=account_pk).first())
            if account is not None:
                due = await live.act(account, lambda: look_after(account=account))
        except Refused:  # the database is away, or there is too much to do
            self._again.discard(account_pk)
            self._set(account_pk, AGAIN_SECONDS)
            return
        finally:
            self._working.discard(account_pk)
        if account_pk in self._again:
            self._again.discard(account_pk)
            self.work(account_pk)
        else:
            wait = None if due is None else (due - timezone.now()).total_seconds()
            self._set(account_pk, AGAIN_SECONDS if wait is not None and wait <= 0 else wait)

    def _set(self, account_pk: int, wait: float | None) -> None:
        known = self._timers.pop(account_pk, None)
        if known is not None:
            known.cancel()
        if wait is not None and hub.loop is not None:
            self._timers[account_pk] = hub.loop.call_later(min(wait, LONGEST) + 0.05, self.work, account_pk)

    # ---- operators who are gone ----
    def expect(self, operator_pk: int) -> None:
        """Gives an operator without a console a minute to come back; then unanswered chats go to others (S22)."""
        if operator_pk in self._expected or attendance.is_here(operator_pk):
            return
        self._expected.add(operator_pk)
        _later(attendance.GONE_SECONDS, self._release, operator_pk)

    async def _release(self, operator_pk: int) -> None:
        self._expected.discard(operator_pk)
        if attendance.is_here(operator_pk):
            return
        try:
            operator = await live.read(None, lambda: _find_operator(operator_pk))
            if operator is not None:
                await live.act(operator.account, lambda: release_unanswered(operator=operator))
        except Refused:  # the database is away
            self.expect(operator_pk)


def _later(seconds: float, work: Any, *args: Any) -> None:
    if hub.loop is not None:
        hub.loop.call_later(seconds, lambda: hub.spawn(work(*args)))


def _read_places(account_pk: int) -> tuple[list[Place], int | None]:
    account = Account.objects.filter(pk=account_pk).first()
    if account is None:
        return [], None
    with account_scope(account):
        places = list_places(account)
        return places, estimate_wait(account) if places else None


def _find_operator(pk: int) -> Operator | None:
    every = Operator.objects.with_scopes_disabled()  # the key came from this operator's own console or chat
    found: Operator | None = every.select_related("account").filter(pk=pk).first()
    return found


clock = Clock()


def _hear(ids: dict[str, Any]) -> None:
    outside = bool(ids.get("outside"))
    if ids.get("places"):
        clock.tell_places(ids["account"], outside)
    if ids.get("work"):
        if outside:  # every process heard it: the first does the work, the others find it done
            hub.spawn(_work_soon(ids["account"]))
        else:
            clock.work(ids["account"])


async def _work_soon(account_pk: int) -> None:
    await asyncio.sleep(random.random() / 2)  # noqa: S311  jitter
    clock.work(account_pk)


def _hear_state(ids: dict[str, Any]) -> None:
    changes = {name: ids[name] for name in ("state", "chat", "hidden", "listed") if name in ids}
    live.change_presence(ids["visitor"], **changes)


hub.on_control("queue", _hear)
hub.on_control("visitor_state", _hear_state)
live.at_start.append(clock.begin)
live.at_sweep.append(attendance.tell_again)
