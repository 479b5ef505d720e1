"""The group-commit writer: one thread that puts what waits into one transaction (PERFORMANCE.md, batch).

What arrives while a transaction commits goes into the next one; nothing is told to anybody before its commit. A
message travels as a NewMessage and is written in bulk; everything else is a call of one of our actions.
"""

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _

from accounts.scoping import scopes_disabled
from chat.actions.messages import NewMessage, post_messages
from core.errors import Refused
from core.faults import fault_point

log = structlog.get_logger(__name__)

MAX_WAITING = 10_000
MAX_BATCH = 500
Done = Callable[[Any, Exception | None], None]


@dataclass(slots=True)
class Call:
    """An action to run in a savepoint of its own."""

    act: Callable[[], Any]


@dataclass(slots=True)
class _Waiting:
    work: "NewMessage | Call"
    done: Done
    result: Any = None
    error: Exception | None = None


class Writer:
    """One thread with a bounded queue. `settle(list of (done, result, error))` is called after each commit."""

    def __init__(self, settle: Callable[[list[tuple[Done, Any, Exception | None]]], None]) -> None:
        self._settle = settle
        self._queue: deque[_Waiting] = deque()
        self._wake = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None
        self.batches = 0
        self.written = 0
        self.on_batch: Callable[[float], None] | None = None

    def start(self) -> None:
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="chat-writer", daemon=True)
        self._thread.start()

    def stop(self, seconds: float = 10) -> None:
        """Writes what waits, then ends the thread."""
        self._stopping = True
        self._wake.set()
        if self._thread is not None:
            self._thread.join(seconds)

    @property
    def is_stopping(self) -> bool:
        return self._stopping

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def submit(self, work: "NewMessage | Call", done: Done) -> bool:
        """Queues work; `done(result, error)` comes after the commit. False when the queue is full."""
        if len(self._queue) >= MAX_WAITING or self._stopping:
            return False
        self._queue.append(_Waiting(work, done))
        self._wake.set()
        return True

    def _run(self) -> None:
        while True:
            if not self._queue:
                if self._stopping:
                    break
                self._wake.wait()
                self._wake.clear()
                continue
            batch = [self._queue.popleft() for _ in range(min(len(self._queue), MAX_BATCH))]
            self._write(batch)
            self.batches += 1
            self.written += len(batch)
            if self.on_batch is not None:
                self.on_batch(len(batch))
            fault_point("after_commit_before_publish")
            self._settle([(item.done, item.result, item.error) for item in batch])
        connection.close()

    def _write(self, batch: list[_Waiting]) -> None:
        behind: set[int] = set()  # chats of which a message could not be saved
        for part in _parts(batch):
            if behind:
                self._write_alone(part, behind)
                continue
            try:
                self._write_together(part)
            except Exception as problem:  # noqa: BLE001  an outgoing door to the database: nothing of it was committed
                if isinstance(problem, OperationalError | InterfaceError):
                    connection.close()  # it may be one of a server that has ended
                elif not isinstance(problem, DatabaseError):
                    log.exception("writer.batch_failed", size=len(part))
                self._write_alone(part, behind)

    def _write_together(self, batch: list[_Waiting]) -> None:
        # every row carries the account of the chat it belongs to, and calls open the scope of their own account
        with scopes_disabled(), transaction.atomic():
            run: list[_Waiting] = []
            for item in batch:
                item.result, item.error = None, None
                if isinstance(item.work, NewMessage):
                    run.append(item)
                    continue
                _post(run)
                run = []
                _call(item)
            _post(run)

    def _write_alone(self, batch: list[_Waiting], behind: set[int]) -> None:
        """After a batch failed as a whole (deadlock, connection lost): each on its own, once.

        Where one message could not be saved, the later ones of its chat wait with it: none may overtake it.
        """
        for item in batch:
            chat_pk = item.work.chat_pk if isinstance(item.work, NewMessage) else 0
            try:
                if chat_pk in behind:
                    raise OperationalError
                self._write_together([item])
            except DatabaseError:
                log.warning("writer.failed", kind=type(item.work).__name__)
                connection.close()
                item.result = None  # what the transaction answered before it failed is not true
                item.error = Refused("busy", _("We could not save this now. We keep trying."), status=503)
                if chat_pk:
                    behind.add(chat_pk)
            except Exception as problem:  # noqa: BLE001  one broken call must not stop the writer
                log.exception("writer.call_failed")
                item.result, item.error = None, problem


def _parts(batch: list[_Waiting]) -> list[list[_Waiting]]:
    """What is written in one transaction each, in order.

    On SQLite all of it: its one writer waits for nobody. Where rows are locked one by one, only messages, whose chats
    are locked in the order of their keys, go together: two processes whose calls lock the same rows in another order
    would wait for each other in a circle, for a second, until the database ends one of them.
    """
    if not connection.features.has_select_for_update:
        return [batch]
    groups = groupby(batch, key=lambda item: isinstance(item.work, NewMessage))
    return [
        part for are_messages, items in groups for part in ([list(items)] if are_messages else [[i] for i in items])
    ]


def _post(run: list[_Waiting]) -> None:
    if not run:
        return
    for item, outcome in zip(run, post_messages([item.work for item in run]), strict=True):  # type: ignore[misc]  # only messages
        if isinstance(outcome, Refused):
            item.error = outcome
        else:
            item.result = outcome


def _call(item: _Waiting) -> None:
    assert isinstance(item.work, Call)
    try:
        with transaction.atomic():
            item.result = item.work.act()
    except Refused as refusal:
        item.error = refusal
    except (OperationalError, InterfaceError):  # a deadlock, the database is away: the batch is tried again
        raise
    except Exception as problem:  # noqa: BLE001  one broken call must not undo what others wrote with it
        log.exception("writer.call_failed")
        item.error = problem
