"""Runs work on untrusted bytes in a child process with limits of time and memory (SAFETY 0.1, 0.2).

One warm helper process, started on first use, forks a child for each job: a cold Python costs more than most jobs. The
helper knows no secret: it gets an almost empty environment, no database and no open file of the site. A job is a
function `module:name` that takes bytes and keyword options and answers what JSON can hold.
"""

import contextlib
import importlib
import json
import os
import resource
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
IDLE_SECONDS = 600  # without work for so long the helper ends; the next job starts another
GRACE_SECONDS = 0.5  # the child ends itself; the asker waits so much longer before it gives up
SPARE = 16 * 1024 * 1024  # what a child that hit its limit may use to say so
HEAD = struct.Struct("!II")  # length of the JSON part, length of the bytes
LONGEST_ANSWER = 32 * 1024 * 1024


@dataclass(frozen=True)
class Limits:
    """Of one job: seconds of wall clock and of CPU, and megabytes resident in memory."""

    seconds: float = 4.0  # SAFETY allows 5; what surrounds the child needs some
    megabytes: int = 200


class SandboxFailure(Exception):
    """A job gave no answer. `kind` is `time`, `memory`, `crash`, or `error` for an exception, named in `detail`."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(f"{kind} {detail}".strip())
        self.kind = kind
        self.detail = detail


def run(job: str, data: bytes = b"", *, limits: Limits = Limits(), **options: Any) -> Any:  # noqa: B008  frozen
    """The answer of `module:name(data, **options)`, worked out in a child of its own. Raises SandboxFailure."""
    return run_measured(job, data, limits=limits, **options)[0]


def run_measured(job: str, data: bytes = b"", *, limits: Limits = Limits(), **options: Any) -> tuple[Any, int]:  # noqa: B008  frozen
    """`run`, and how many megabytes the child had resident at its peak."""
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            _helper.give(theirs)
        head = {"job": job, "options": options, "seconds": limits.seconds, "megabytes": limits.megabytes}
        began = time.monotonic()
        ours.settimeout(limits.seconds + GRACE_SECONDS)
        try:
            _send(ours, head, data)
            answer = _receive(ours)
        except TimeoutError:
            raise SandboxFailure("time") from None
        except (OSError, EOFError, ValueError):
            late = time.monotonic() - began >= limits.seconds * 0.9
            raise SandboxFailure("time" if late else "crash") from None
    said = answer[0]
    if "failure" in said:
        raise SandboxFailure(str(said["failure"]), str(said.get("detail", "")))
    return said["answer"], int(said["peak"])


def warm(module: str) -> None:
    """Starts the helper, and has it import the module, before somebody waits for it."""
    run("core.sandbox:import_module", name=module)


# ---- The asking side: one helper per process ---------------------------------------------------------------
class _Helper:
    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = 0

    def give(self, end: socket.socket) -> None:
        """Hands one end of a job's socket to the helper, which forks a child for it."""
        with self._lock:
            for is_last in (False, True):
                control = self._running()
                try:
                    socket.send_fds(control, [b"j"], [end.fileno()])
                    return
                except OSError:  # it ended: idle for long, or killed
                    self._forget()
                    if is_last:
                        raise SandboxFailure("crash", "no helper") from None

    def _running(self) -> socket.socket:
        if self._control is not None and self._owner == os.getpid():
            if self._process is not None and self._process.poll() is None:
                return self._control
            self._forget()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603  our own Python and module
                [sys.executable, "-E", "-s", "-W", "ignore", "-m", "core.sandbox", str(theirs.fileno())],
                pass_fds=(theirs.fileno(),),
                cwd=ROOT,
                env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for the site; the helper ends when our socket closes
            )
        self._control, self._owner = ours, os.getpid()
        return ours

    def _forget(self) -> None:
        """Lets go of a helper that ended; one that a forked parent owns is left to it."""
        if self._control is not None:
            self._control.close()
        if self._process is not None and self._owner == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(1)
        self._control = self._process = None

    def stop(self) -> None:
        """Ends the helper of this process; the next job starts another."""
        with self._lock:
            self._forget()

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process is not None and self._owner == os.getpid() else None


_helper = _Helper()
stop = _helper.stop


def helper_pid() -> int | None:
    """The process id of this process's helper, None before the first job."""
    return _helper.pid


# ---- What travels -------------------------------------------------------------------------------------------
def _send(end: socket.socket, head: dict[str, Any], data: bytes = b"") -> None:
    words = json.dumps(head).encode()
    end.sendall(HEAD.pack(len(words), len(data)) + words)
    if data:  # even nothing cannot be sent to a side that has its message and is done
        end.sendall(data)


def _receive(end: socket.socket) -> tuple[dict[str, Any], bytes]:
    """One message. Raises EOFError when the other side ended before it was whole."""
    length, size = HEAD.unpack(_read(end, HEAD.size))
    if length > LONGEST_ANSWER:
        raise ValueError("the answer is too long")
    return json.loads(_read(end, length)), _read(end, size)


def _read(end: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = end.recv(min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError
        parts += part
    return bytes(parts)


# ---- The helper ---------------------------------------------------------------------------------------------
def import_module(data: bytes, *, name: str) -> bool:
    """The job behind `warm`: what it imports in a child is lost, so the helper imports job modules itself."""
    importlib.import_module(name)
    return True


def serve(control: socket.socket) -> None:
    """The helper's loop: takes job sockets and forks, until the site's end is closed or nothing comes for long."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are reaped by the kernel
    while True:
        ready, _, _ = select.select([control], [], [], IDLE_SECONDS)
        if not ready:
            return
        word, fds, _, _ = socket.recv_fds(control, 1, 1)
        if not word:
            return
        for fd in fds:
            end = socket.socket(fileno=fd)
            _import_for(end)
            if os.fork() == 0:
                control.close()
                _work(end)
            end.close()


def _import_for(end: socket.socket) -> None:
    """Imports the job's module here, so that the child and all later ones have it; looks at the head only."""
    end.settimeout(2)
    with contextlib.suppress(Exception):  # the child meets the same trouble and says so
        start = _peek(end, HEAD.size)
        length, _ = HEAD.unpack(start)
        head = json.loads(_peek(end, HEAD.size + length)[HEAD.size :])
        module = head["options"]["name"] if head["job"] == "core.sandbox:import_module" else head["job"].split(":")[0]
        if module not in sys.modules:
            importlib.import_module(module)


def _peek(end: socket.socket, size: int) -> bytes:
    seen = b""
    for _ in range(200):
        seen = end.recv(size, socket.MSG_PEEK)
        if len(seen) == size or not seen:
            break
        time.sleep(0.005)
    return seen


def _work(end: socket.socket) -> None:
    """The child: limits first, then the job, then the answer; it never returns."""
    try:
        end.settimeout(None)
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.setitimer(signal.ITIMER_REAL, 60)  # until the job's own limit is known
        head, data = _receive(end)
        _limit(float(head["seconds"]), int(head["megabytes"]))
        _send(end, _answer(head, data))
    except BaseException:  # noqa: S110  the asker sees an end without an answer
        pass
    finally:
        os._exit(0)


def _answer(head: dict[str, Any], data: bytes) -> dict[str, Any]:
    module, _, name = head["job"].partition(":")
    try:
        answer = getattr(importlib.import_module(module), name)(data, **head["options"])
        json.dumps(answer)
    except MemoryError:
        _free_memory()
        return {"failure": "memory"}
    except Exception as error:
        if _is_memory(error):
            return {"failure": "memory"}
        return {"failure": "error", "detail": type(error).__name__}
    return {"answer": answer, "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def _is_memory(error: BaseException) -> bool:
    """Whether what the job died of is, below other exceptions, the limit of memory."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError) or "out of memory" in str(seen).lower():
            _free_memory()
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _limit(seconds: float, megabytes: int) -> None:
    """No more than this: clock, CPU, memory, no file written, no core, and few descriptors."""
    signal.setitimer(signal.ITIMER_REAL, seconds)  # the default of SIGALRM ends the process
    whole = max(1, int(seconds + 0.999))
    resource.setrlimit(resource.RLIMIT_CPU, (whole, whole + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    virtual, resident = _memory_now()
    room = max(megabytes * 1024 * 1024 - resident, SPARE)  # what is resident already counts
    with contextlib.suppress(ValueError, OSError):  # not every system limits the address space
        resource.setrlimit(resource.RLIMIT_AS, (virtual + room - SPARE, virtual + room))


def _free_memory() -> None:
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (hard, hard))


def _memory_now() -> tuple[int, int]:
    """Bytes of this process: address space and resident."""
    page = resource.getpagesize()
    try:
        virtual, resident = Path("/proc/self/statm").read_text(encoding="ascii").split()[:2]
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return peak, peak
    return int(virtual) * page, int(resident) * page


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as site:
        serve(site)
