"""Runs the parts of the site as child processes: starts them again when they die, and ends them all together.

When all parts are up, the supervisor turns into this file alone (`exec`: the same process, the same children), because
what it loaded to start them would lie about in memory (G19). It turns back when a part must be started.
"""

import contextlib
import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

END_SECONDS = 10.0  # after SIGTERM; then SIGKILL
SOON = 5.0  # a part that dies sooner than that is started again after a pause, so that it does not spin
PR_SET_PDEATHSIG = 1
ENDINGS = (signal.SIGINT, signal.SIGTERM)
RESUME = "LIVECHAT_RESUME"  # in the environment of a supervisor that turned back: its parts and sockets


@dataclass
class Part:
    """One child process: its name, and what it runs (which answers the exit code).

    With `wakes_on` it is started only when somebody connects to that socket.
    """

    name: str
    run: Callable[[], int]
    pid: int = 0
    started: float = 0.0
    start_after: float = field(default=0.0)
    wakes_on: socket.socket | None = None

    def is_wanted(self) -> bool:
        """Whether it may start now."""
        if time.monotonic() < self.start_after:
            return False
        return self.wakes_on is None or bool(select.select([self.wakes_on], [], [], 0)[0])


def die_with_parent(parent: int) -> None:
    """Asks the kernel for SIGTERM when the parent dies, however it dies (Linux; elsewhere nothing)."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def fork_and_run(run: Callable[[], int]) -> int:
    """Runs `run` in a child with its own process group; answers the child's number."""
    from django.db import connections

    parent = os.getpid()
    connections.close_all()  # a connection must not be shared across a fork
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        os.setpgid(0, 0)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        die_with_parent(parent)
        code = run()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except KeyboardInterrupt:
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def run_once(run: Callable[[], int]) -> int:
    """Runs `run` in a child and waits; what it imported and allocated ends with it. Answers its exit code."""
    _, status = os.waitpid(fork_and_run(run), 0)
    return os.waitstatus_to_exitcode(status)


class Supervisor:
    """Keeps `parts` running until SIGINT or SIGTERM."""

    def __init__(self, parts: list[Part], say: Callable[[str], None]) -> None:
        self.parts = parts
        self.say = say
        self.ending = False

    def run(self, tick: Callable[[], bool], sockets: dict[str, socket.socket | None]) -> None:
        """Starts everything and calls `tick` a few times a second; returns when all has ended.

        Once `tick` is true and every part has run for a while, it turns into `watch`, and `sockets` stay open.
        """
        self._listen_to_signals()
        gc.collect()
        gc.freeze()  # the collector of a child does not write into pages that it shares with us
        try:
            while not self.ending:
                self._reap()
                self._start_missing()
                if tick() and not self.ending and self._is_calm():
                    self._turn_light(sockets)
                time.sleep(0.2)
        finally:
            self._end_all()

    def watch(self) -> bool:
        """Waits until a part must be started (true), or until all has ended."""
        self._listen_to_signals()
        while not self.ending:
            self._reap()
            if any(not part.pid and part.is_wanted() for part in self.parts):
                return True
            time.sleep(0.2)
        self._end_all()
        return False

    def _listen_to_signals(self) -> None:
        for number in ENDINGS:
            signal.signal(number, self._end)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDINGS)  # what came while we turned is heard now

    def _is_calm(self) -> bool:
        ages = [time.monotonic() - part.started for part in self.parts if part.pid]
        return bool(ages) and min(ages) > SOON

    def _turn_light(self, sockets: dict[str, socket.socket | None]) -> None:
        state = {
            "command": [sys.executable, *sys.orig_argv[1:]],
            "sockets": {name: one.fileno() for name, one in sockets.items() if one is not None},
            "parts": [
                {"name": part.name, "pid": part.pid, "started": part.started,
                 "wakes_on": part.wakes_on.fileno() if part.wakes_on else None}
                for part in self.parts
            ],
        }  # fmt: skip
        sys.stdout.flush()
        turn_into([sys.executable, "-I", "-S", __file__, json.dumps(state)], state)

    def _end(self, number: int, frame: object) -> None:
        self.ending = True

    def _start_missing(self) -> None:
        for part in self.parts:
            if not part.pid and not self.ending and part.is_wanted():
                part.started = time.monotonic()
                part.pid = fork_and_run(part.run)

    def _reap(self) -> None:
        for part in self.parts:
            if not part.pid:
                continue
            pid, status = os.waitpid(part.pid, os.WNOHANG)
            if pid:
                part.pid = 0
                pause = 2.0 if time.monotonic() - part.started < SOON else 0.0
                part.start_after = time.monotonic() + pause
                if not self.ending:
                    code = os.waitstatus_to_exitcode(status)
                    self.say(f"The {part.name} process ended ({_words(code)}). Starting it again.")

    def _end_all(self) -> None:
        left = [part for part in self.parts if part.pid]
        for part in left:
            _signal(part.pid, signal.SIGTERM)
        until = time.monotonic() + END_SECONDS
        while left and time.monotonic() < until:
            left = [part for part in left if os.waitpid(part.pid, os.WNOHANG)[0] == 0]
            time.sleep(0.05)
        for part in left:
            self.say(f"The {part.name} process did not end in {END_SECONDS:.0f} s and is stopped now.")
            _signal(-part.pid, signal.SIGKILL)
            os.waitpid(part.pid, 0)


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


def _words(code: int) -> str:
    return f"code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


# ---- turning into the light one and back ----
def turn_into(command: list[str], state: dict[str, Any]) -> None:
    """Replaces this process by `command`, which keeps its children and the sockets of `state`."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDINGS)
    for number in state["sockets"].values():
        os.set_inheritable(number, True)
    os.execv(command[0], command)  # noqa: S606  our own file, or the command that began this


def taken_over() -> dict[str, Any] | None:
    """The state that the light supervisor left, once; None for a new start."""
    said = os.environ.pop(RESUME, "")
    return json.loads(said) if said else None


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def keep_watch(state: dict[str, Any]) -> None:
    """The light supervisor's life."""
    sockets = {number: socket.socket(fileno=number) for number in state["sockets"].values()}
    parts = [
        Part(one["name"], int, one["pid"], one["started"], wakes_on=sockets.get(one["wakes_on"]))
        for one in state["parts"]
    ]
    if not Supervisor(parts, say).watch():
        say("Stopped.")
        return
    for one, part in zip(state["parts"], parts, strict=True):
        one["pid"], one["start_after"] = part.pid, part.start_after
    os.environ[RESUME] = json.dumps(state)
    turn_into(state["command"], state)


if __name__ == "__main__":
    keep_watch(json.loads(sys.argv[1]))
