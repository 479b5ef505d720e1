"""The embedded broker loses no task, whenever a process is killed."""

import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection, Queue
from kombu.transport import TRANSPORT_ALIASES

from livechat.broker import process_mark

TRANSPORT_ALIASES["files"] = "livechat.broker:Transport"
TASKS = 300
CONSUMER = """
import os, sys, time
from celery import Celery
from kombu.transport import TRANSPORT_ALIASES
TRANSPORT_ALIASES["files"] = "livechat.broker:Transport"
app = Celery("consumer")
app.conf.update(
    broker_url="files://localhost", broker_transport_options={"folder": sys.argv[1]}, task_ignore_result=True,
    task_acks_late=True, task_reject_on_worker_lost=True, worker_prefetch_multiplier=4, accept_content=["json"],
    worker_enable_remote_control=False, broker_connection_retry_on_startup=True,
)
@app.task(name="note")
def note(word):
    time.sleep(0.003)
    with open(os.path.join(sys.argv[2], word), "a") as file:
        file.write("x")
if __name__ == "__main__":
    from celery.apps.worker import Worker
    Worker(app=app, pool_cls="solo", concurrency=1, without_gossip=True, without_mingle=True, without_heartbeat=True,
           quiet=True, loglevel="ERROR").start()
"""


def connect(folder: Path) -> Connection:
    return Connection("files://localhost", transport_options={"folder": str(folder)})


def put(folder: Path, *words: str) -> None:
    with connect(folder) as connection, connection.SimpleQueue("work") as queue:
        for word in words:
            queue.put({"word": word})


def take_all(folder: Path) -> list[str]:
    with connect(folder) as connection, connection.SimpleQueue("work") as queue:
        words = []
        while True:
            try:
                message = queue.get(block=False)
            except Empty:
                return words
            words.append(message.payload["word"])
            message.ack()


def files(folder: Path, part: str) -> list[str]:
    return sorted(os.listdir(folder / part))


def test_tasks_come_in_their_order_and_leave_nothing_behind(tmp_path: Path) -> None:
    put(tmp_path, "a", "b", "c")
    assert take_all(tmp_path) == ["a", "b", "c"]
    assert files(tmp_path, "q") == files(tmp_path, "claims") == []


def test_a_task_that_is_not_acknowledged_comes_back_when_the_consumer_leaves(tmp_path: Path) -> None:
    put(tmp_path, "a")
    with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        queue.get(block=False)
        assert len(files(tmp_path, "claims")) == 1
    assert take_all(tmp_path) == ["a"]


def test_a_rejected_task_is_given_out_again_or_dropped(tmp_path: Path) -> None:
    put(tmp_path, "a")
    with connect(tmp_path) as connection, connection.SimpleQueue("work") as queue:
        queue.get(block=False).requeue()
        queue.get(block=False).reject()
    assert take_all(tmp_path) == []
    assert files(tmp_path, "claims") == []


def test_the_claims_of_a_dead_process_are_taken_back_and_those_of_a_living_one_are_not(tmp_path: Path) -> None:
    put(tmp_path, "theirs", "ours")
    theirs, ours = files(tmp_path, "q")
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    dead = process_mark(other.pid)
    os.rename(tmp_path / "q" / theirs, tmp_path / "claims" / f"{dead}~{theirs}")
    assert take_all(tmp_path) == ["ours"]
    other.kill()
    other.wait()
    (tmp_path / "claims" / f"{dead}~new~0_half.work.msg").write_text("half")
    assert take_all(tmp_path) == ["theirs"]
    assert files(tmp_path, "claims") == []


def test_a_number_that_is_used_again_is_not_mistaken_for_the_old_process(tmp_path: Path) -> None:
    put(tmp_path, "a")
    [name] = files(tmp_path, "q")
    os.rename(tmp_path / "q" / name, tmp_path / "claims" / f"{os.getpid()}-1~{name}")
    assert take_all(tmp_path) == ["a"]


def test_an_unreadable_task_is_set_aside_and_the_others_go_on(tmp_path: Path) -> None:
    put(tmp_path, "a")
    (tmp_path / "q" / f"0_{uuid.uuid4().hex}.work.msg").write_bytes(b"")
    assert take_all(tmp_path) == ["a"]
    assert len(files(tmp_path, "broken")) == 1


def test_a_consumer_that_never_acknowledges_leaves_no_claims(tmp_path: Path) -> None:
    put(tmp_path, "a")
    seen: list[Any] = []
    with connect(tmp_path) as connection, connection.channel() as channel:
        queue = Queue("work", channel=channel)
        with connection.Consumer([queue], callbacks=[lambda body, message: seen.append(body)], no_ack=True):
            connection.drain_events(timeout=2)
        assert files(tmp_path, "claims") == []
    assert seen == [{"word": "a"}]


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="kills by /proc")
def test_nothing_is_lost_when_the_worker_is_killed_again_and_again(tmp_path: Path) -> None:
    folder, done = tmp_path / "broker", tmp_path / "done"
    done.mkdir()
    script = tmp_path / "consumer.py"
    script.write_text(CONSUMER)
    root = Path(__file__).parent.parent.parent
    words = [f"task-{n}" for n in range(TASKS)]
    from celery import Celery

    app = Celery("publisher")
    app.conf.update(broker_url="files://localhost", broker_transport_options={"folder": str(folder)})

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, str(script), str(folder), str(done)]
        environment = {**os.environ, "PYTHONPATH": str(root)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    for word in words:
        app.send_task("note", [word], queue="celery")
    worker = start()
    in_flight = 0
    try:
        for share in (0.2, 0.4, 0.6, 0.8):
            until = time.monotonic() + 40
            while len(os.listdir(done)) < TASKS * share:
                assert time.monotonic() < until, "the worker does nothing"
                time.sleep(0.002)
            while not os.listdir(folder / "claims") and time.monotonic() < until:
                pass  # killed with a task in hand, as near as another process can tell
            os.kill(worker.pid, signal.SIGKILL)
            worker.wait()
            in_flight += bool(os.listdir(folder / "claims"))
            worker = start()
        until = time.monotonic() + 40
        while (len(os.listdir(done)) < TASKS or os.listdir(folder / "claims")) and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        worker.kill()
        worker.wait()
    assert in_flight >= 1
    assert sorted(os.listdir(done)) == sorted(words)
    runs = [(done / word).stat().st_size for word in words]
    assert max(runs) <= 2 and sum(runs) <= TASKS + 4 * 5  # what was in hand at a kill ran again, nothing else
    assert files(folder, "q") == []
