"""The few fixed ticks of the clock; who is due in which time zone is a question to the database, never a schedule."""

import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from celery import current_app
from celery.beat import Scheduler
from celery.schedules import crontab, schedule
from django.conf import settings

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tick:
    """One task that the clock asks for, in UTC; `seconds` is about how often."""

    task: str
    when: crontab | schedule
    seconds: int


TICKS = (
    Tick("reports.tasks.plan_summaries", crontab(), 60),
    Tick("notifications.tasks.fetch_mail", crontab(), 60),
    Tick("chat.tasks.plan_missed_answers", crontab(minute="*/10"), 600),
    Tick("chat.tasks.look_after_queues", schedule(timedelta(seconds=30)), 30),
    Tick("accounts.tasks.finish_photo_removals", schedule(timedelta(seconds=30)), 30),
    Tick("chat.tasks.return_left_chats", crontab(minute="*/3"), 180),
    Tick("support.tasks.warn_due", crontab(minute="*/5"), 300),
    Tick("support.tasks.close_old", crontab(minute="37"), 3600),
    Tick("accounts.tasks.tell_of_versions", crontab(minute="*/5"), 300),
    Tick("accounts.tasks.send_trial_reminders", crontab(minute="7"), 3600),
    Tick("operators.tasks.expire_invitations", crontab(minute="11"), 3600),
    Tick("operators.tasks.forget_imports", crontab(minute="*/10"), 600),
    Tick("chat.tasks.forget_held_files", crontab(minute="*/10"), 600),
    Tick("privacy.tasks.forget_copies", crontab(minute="29"), 3600),
    Tick("chat.tasks.sweep_files", crontab(minute="23"), 3600),
    Tick("accounts.tasks.remove_unverified_accounts", crontab(minute="15", hour="2"), 86400),
    Tick("chat.tasks.close_silent_chats", crontab(minute="20", hour="3"), 86400),
    Tick("accounts.tasks.erase_what_is_due", crontab(minute="0", hour="4"), 86400),
    Tick("facts.tasks.check_a_day", crontab(minute="40", hour="2"), 86400),
    Tick("privacy.tasks.watch_cases", crontab(minute="17"), 3600),
    Tick("privacy.tasks.apply_retention", crontab(minute="30", hour="3"), 86400),
    Tick("chat.tasks.compact_search_index", crontab(minute="50", hour="3"), 86400),
    Tick("forum.tasks.compact_search_index", crontab(minute="51", hour="3"), 86400),
    Tick("support.tasks.compact_search_index", crontab(minute="52", hour="3"), 86400),
    Tick("privacy.tasks.run_erasures", crontab(minute="*/10"), 600),
    Tick("privacy.tasks.run_probes", crontab(minute="*/15"), 900),
)


def known_ticks() -> list[Tick]:
    """The ticks whose app has a tasks room."""
    return [tick for tick in TICKS if find_spec(tick.task.rpartition(".")[0]) is not None]


def beat_schedule() -> dict[str, dict[str, Any]]:
    """Celery's form of the table. A tick that waits longer than its own period is worthless: the next one is there."""
    return {
        tick.task: {"task": tick.task, "schedule": tick.when, "options": {"expires": tick.seconds}}
        for tick in known_ticks()
    }


class KeptScheduler(Scheduler):
    """Celery's scheduler that remembers in VAR/ticks.json when each tick last ran, so that a restart skips none."""

    @property
    def file(self) -> Path:
        return Path(settings.VAR) / "ticks.json"

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)
        try:
            kept = json.loads(self.file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            kept = {}
        for name, entry in self.schedule.items():
            # what has never run here is due at once: a new site has its first results within a minute
            entry.last_run_at = datetime.fromisoformat(kept.get(name, "2000-01-01T00:00:00+00:00"))

    def sync(self) -> None:
        kept = {name: entry.last_run_at.isoformat() for name, entry in self.schedule.items() if entry.last_run_at}
        aside = self.file.with_suffix(".new")
        aside.write_text(json.dumps(kept), encoding="utf-8")
        os.replace(aside, self.file)


class DeadMansSwitch:
    """Runs the ticks itself when the broker has brought none for two and a half periods."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self.now = now
        self.last = {tick.task: now() for tick in known_ticks()}

    def saw(self, task: str) -> None:
        """A task has run, whoever asked for it."""
        if task in self.last:
            self.last[task] = self.now()

    def run_overdue(self) -> list[str]:
        """Runs what is overdue here and now, and answers the names. Every tick is harmless when run twice."""
        overdue = [
            tick for tick in TICKS if tick.task in self.last and self.now() - self.last[tick.task] > 2.5 * tick.seconds
        ]
        for tick in overdue:
            log.warning("the broker brings no ticks; running %s", tick.task)
            self.saw(tick.task)
            current_app.tasks[tick.task].run()
        return [tick.task for tick in overdue]
