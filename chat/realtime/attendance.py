"""Which operators have a console open, in every web process; memory only (goal G7: no statement for being here)."""

import time
from collections import Counter
from typing import Any

from core.bus import own_name
from core.realtime import hub

GONE_SECONDS = 60  # without any console for so long, an operator is not here
FORGET_SECONDS = 75  # the word of another process is good for so long; it is repeated every 25 s

_own: Counter[int] = Counter()  # operator -> consoles in this process
_elsewhere: dict[int, dict[str, float]] = {}  # operator -> other process -> when it said that they are there


def arrive(operator_pk: int) -> None:
    """A console was opened in this process."""
    _own[operator_pk] += 1
    _tell(operator_pk)


def depart(operator_pk: int) -> bool:
    """A console was closed in this process; True when it was the operator's last one here."""
    _own[operator_pk] -= 1
    if _own[operator_pk] > 0:
        return False
    del _own[operator_pk]
    _tell(operator_pk)
    return True


def is_here(operator_pk: int) -> bool:
    """Whether an operator has a console open in this process or, as far as it was told, in another."""
    if _own.get(operator_pk):
        return True
    told = _elsewhere.get(operator_pk)
    if not told:
        return False
    fresh = time.monotonic() - FORGET_SECONDS
    return any(said > fresh for said in list(told.values()))


def tell_again() -> None:
    """Repeats the word to the other processes, and forgets old words of theirs."""
    old = time.monotonic() - FORGET_SECONDS
    for operator_pk, told in list(_elsewhere.items()):
        fresh = {process: said for process, said in told.items() if said > old}
        if fresh:
            _elsewhere[operator_pk] = fresh
        else:
            del _elsewhere[operator_pk]
    for operator_pk in list(_own):
        _tell(operator_pk)


def forget() -> None:
    """Nobody is here: the process begins anew."""
    _own.clear()
    _elsewhere.clear()


def _tell(operator_pk: int) -> None:
    if hub.bus is not None:
        ids = {"process": own_name(), "operator": operator_pk, "here": _own[operator_pk] > 0}
        hub.bus.send({"control": "attends", "ids": ids})


def _hear(ids: dict[str, Any]) -> None:
    told = _elsewhere.setdefault(ids["operator"], {})
    if ids["here"]:
        told[ids["process"]] = time.monotonic()
    else:
        told.pop(ids["process"], None)


hub.on_control("attends", _hear)
