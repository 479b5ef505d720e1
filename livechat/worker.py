"""The worker process: Celery's consumer, the clock, and the slow poll that needs neither."""

import logging
import os
import socket
import threading
import warnings
from typing import Any

from celery import signals
from celery.apps.worker import Worker
from celery.beat import Service
from celery.platforms import SecurityWarning
from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from core import apart
from livechat.celery import app
from livechat.ticks import DeadMansSwitch
from outbox.actions import deliver_all

log = logging.getLogger(__name__)


class SlowPoll(threading.Thread):
    """Looks for due rows every OUTBOX_POLL_SECONDS: one statement when there are none."""

    def __init__(self, switch: DeadMansSwitch) -> None:
        super().__init__(name="slow-poll", daemon=True)
        self.switch = switch
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(settings.OUTBOX_POLL_SECONDS):
            self.look()
        connections.close_all()

    def look(self) -> None:
        """One look; whatever goes wrong is said and tried again at the next."""
        try:
            close_old_connections()
            deliver_all()
            self.switch.run_overdue()
        except DatabaseError as error:
            log.warning("the slow poll has no database: %s", type(error).__name__)
            connections.close_all()
        except Exception:
            log.exception("the slow poll failed")


def start_clock() -> Service:
    """Starts Celery beat in a thread of this process."""
    clock = Service(app, max_interval=app.conf.beat_max_loop_interval, scheduler_cls=app.conf.beat_scheduler)
    threading.Thread(target=clock.start, name="clock", daemon=True).start()
    return clock


def run_worker(name: str = "worker") -> int:
    """Runs until SIGTERM (the task in hand is finished) and answers the exit code."""
    os.environ["CELERY_SKIP_CHECKS"] = "1"  # the command that starts us has run them
    apart.forks = True
    warnings.simplefilter("ignore", SecurityWarning)  # only json is accepted, so root is no more dangerous than usual
    for chatty in ("celery", "kombu"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    app.loader.import_default_modules()
    switch = DeadMansSwitch()
    poll = SlowPoll(switch)

    def note_task(sender: Any = None, **kwargs: Any) -> None:
        switch.saw(getattr(sender, "name", ""))

    signals.task_postrun.connect(note_task, weak=False)
    worker = Worker(
        app=app,
        hostname=f"{name}@{socket.gethostname()}",
        pool_cls="solo",
        concurrency=1,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        loglevel="WARNING",
    )
    clock = start_clock()
    poll.start()
    try:
        worker.start()
    finally:
        poll.over.set()
        clock.sync()
    return int(worker.exitcode or 0)
