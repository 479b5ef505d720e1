"""The embedded broker: a kombu transport on files that loses no task when a process is killed.

A task is a file in `q/`. A worker claims it by renaming it into `claims/`, and deletes it only at the ack. What a
dead process claimed goes back into `q/` when the next process opens the broker. Files are written aside, synced and
renamed, so a reader never sees half a task. Names begin with the wall clock, so the order outlives a restart.
"""

import logging
import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual
from kombu.utils.encoding import bytes_to_str, str_to_bytes
from kombu.utils.json import dumps, loads

log = logging.getLogger(__name__)


def process_mark(pid: int) -> str:
    """The process number and its start, which together are not used twice until the machine restarts; "" when dead."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else f"{pid}-{fields[19]}"
    except FileNotFoundError:
        if Path("/proc/self/stat").exists():
            return ""
    try:  # no /proc on this system: the number alone must do
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except PermissionError:
        pass
    return f"{pid}-0"


class Channel(virtual.Channel):
    """One queue folder and one claims folder below the transport option `folder`."""

    supports_fanout = False
    do_restore = False  # what was claimed and not acked goes back by its file, never by a second copy

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.folder = Path(self.connection.client.transport_options["folder"])
        self.waiting, self.claims, self.broken = (self.folder / part for part in ("q", "claims", "broken"))
        self._claimed: dict[str, Path] = {}  # delivery tag -> claim
        self._unacknowledged: set[str] = set()  # queues whose consumers never ack
        for folder in (self.waiting, self.claims, self.broken):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.take_back()

    def take_back(self) -> None:
        """Puts the claims of dead processes back, and removes what they were still writing."""
        for claim in self.claims.iterdir():
            mark, _, name = claim.name.partition("~")
            pid = mark.partition("-")[0]
            if not pid.isdigit() or process_mark(int(pid)) == mark:
                continue
            try:
                if name.startswith("new~"):
                    claim.unlink()
                else:
                    claim.rename(self.waiting / name)
            except FileNotFoundError:  # another process took it back
                continue

    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:
        name = f"{time.time_ns() // 1000:017d}_{uuid.uuid4().hex}.{queue}.msg"
        aside = self.claims / f"{process_mark(os.getpid())}~new~{name}"
        with open(aside, "xb") as file:
            file.write(str_to_bytes(dumps(message)))
            file.flush()
            os.fsync(file.fileno())
        os.rename(aside, self.waiting / name)

    def _names(self, queue: str) -> list[str]:
        ending = f".{queue}.msg"
        return sorted(name for name in os.listdir(self.waiting) if name.endswith(ending))

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        for name in self._names(queue):
            claim = self.claims / f"{process_mark(os.getpid())}~{name}"
            try:
                os.rename(self.waiting / name, claim)
            except FileNotFoundError:  # another worker was first
                continue
            try:
                message = loads(bytes_to_str(claim.read_bytes()))
                tag = message["properties"]["delivery_tag"]
            except (ValueError, KeyError, TypeError):
                log.error("a task file cannot be read; it lies in %s now", self.broken)
                os.rename(claim, self.broken / name)
                continue
            if queue in self._unacknowledged:
                claim.unlink()
            else:
                self._claimed[tag] = claim
            return message
        raise Empty

    def basic_consume(self, queue: str, no_ack: bool, *args: Any, **kwargs: Any) -> None:
        if no_ack:
            self._unacknowledged.add(queue)
        super().basic_consume(queue, no_ack, *args, **kwargs)

    def basic_get(self, queue: str, no_ack: bool = False, **kwargs: Any) -> Any:
        message = super().basic_get(queue, no_ack=no_ack, **kwargs)
        if message is not None and no_ack:
            self._forget(message.delivery_tag)
        return message

    def basic_ack(self, delivery_tag: str, multiple: bool = False) -> None:
        super().basic_ack(delivery_tag, multiple=multiple)
        self._forget(delivery_tag)

    def basic_reject(self, delivery_tag: str, requeue: bool = False) -> None:
        super().basic_reject(delivery_tag, requeue=requeue)  # a requeue calls _restore and moves the claim
        self._forget(delivery_tag)

    def close(self) -> None:
        super().close()
        for tag in list(self._claimed):
            self._give_back(tag)

    def _forget(self, tag: str) -> None:
        claim = self._claimed.pop(tag, None)
        if claim is not None:
            claim.unlink(missing_ok=True)

    def _give_back(self, tag: str) -> None:
        claim = self._claimed.pop(tag, None)
        if claim is not None and claim.exists():
            os.rename(claim, self.waiting / claim.name.partition("~")[2])

    def _restore(self, message: Any) -> None:
        self._give_back(message.delivery_tag)

    def _size(self, queue: str) -> int:
        return len(self._names(queue))

    def _purge(self, queue: str) -> int:
        names = self._names(queue)
        for name in names:
            (self.waiting / name).unlink(missing_ok=True)
        return len(names)

    def _has_queue(self, queue: str, **kwargs: Any) -> bool:
        return True


class Transport(virtual.Transport):
    """The transport behind the URL `files://`."""

    Channel = Channel
    global_state = virtual.BrokerState()
    implements = virtual.Transport.implements.extend(asynchronous=False, exchange_type=frozenset(["direct"]))
    driver_type = "files"
    driver_name = "files"
    default_port = 0
    polling_interval = 0.1

    def __init__(self, client: Any, **kwargs: Any) -> None:
        super().__init__(client, **kwargs)
        self.state = self.global_state

    def driver_version(self) -> str:
        return "1"


def count_waiting(folder: Path) -> int:
    """How many tasks wait in the broker's folder; 0 where it was never used."""
    try:
        return len(os.listdir(folder / "q"))
    except FileNotFoundError:
        return 0
