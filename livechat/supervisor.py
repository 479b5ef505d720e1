"""Runs the parts of the site as child processes: starts them again when they die, and ends them all together."""

import contextlib
import ctypes
import gc
import os
import select
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from django.db import connections

END_SECONDS = 10.0  # after SIGTERM; then SIGKILL
SOON = 5.0  # a part that dies sooner than that is started again after a pause, so that it does not spin
PR_SET_PDEATHSIG = 1


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

    def run(self, tick: Callable[[], None]) -> None:
        """Starts everything, calls `tick` a few times a second, and returns when all has ended."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        gc.collect()
        gc.freeze()  # the collector of a child does not write into pages that it shares with us
        try:
            while not self.ending:
                self._reap()
                self._start_missing()
                tick()
                time.sleep(0.2)
        finally:
            self._end_all()

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
