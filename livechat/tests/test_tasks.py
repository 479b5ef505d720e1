"""Every task may run twice, and at once, with the effect of one run."""

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from celery import current_app
from django.apps import apps
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Account
from accounts.testing import make_owner
from livechat.celery import LONGEST_TASK, app, broker_options
from livechat.ticks import TICKS, DeadMansSwitch, KeptScheduler
from outbox.testing import Sink, mail_kind, make_delivery, smtp_sink

ROOT = Path(__file__).parent.parent.parent
current_app.loader.import_default_modules()
OUR_TASKS = sorted(name for name in current_app.tasks if not name.startswith("celery."))


def arguments(name: str) -> list[int]:
    """What a task is given: the key of the account for those that work for one."""
    return [Account.objects.get().pk] if name.endswith("_account") else []


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table, but for the probes' results, which say when they were last seen."""
    found = {}
    with scopes_disabled():
        for model in apps.get_models(include_auto_created=True):
            if model._meta.label == "policies.ProbeRun":
                continue
            rows = model._base_manager.order_by("pk").values()
            found[model._meta.label] = [{key: str(value) for key, value in row.items()} for row in rows]
    return found


@pytest.fixture
def busy_site(transactional_db: None, tmp_path: Any, settings: Any) -> Any:
    """A site on which each task has something to do, and its mail server."""
    from chat.testing import make_chat

    account = make_owner(company="Acme Bikes").memberships.get().account
    make_chat(account, text="An old chat")
    with mail_kind(), smtp_sink() as sink:
        make_delivery()
        with time_machine.travel(timezone.now() + timedelta(days=29, minutes=5), tick=True):
            yield sink


@pytest.mark.parametrize("name", OUR_TASKS)
def test_a_task_that_runs_twice_has_one_effect(busy_site: Sink, name: str) -> None:
    task = current_app.tasks[name]
    task.run(*arguments(name))
    after, mails = everything(), len(busy_site.mails)
    task.run(*arguments(name))
    assert everything() == after
    assert len(busy_site.mails) == mails


@pytest.mark.parametrize("name", OUR_TASKS)
def test_a_task_that_runs_three_times_at_once_has_one_effect(busy_site: Sink, name: str) -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            current_app.tasks[name].run(*arguments(name))
        except BaseException as error:
            errors.append(error)
        finally:
            connections.close_all()

    at_once([work] * 3)
    assert errors == []
    counts = {label: len(rows) for label, rows in everything().items()}
    mails = [mail["Message-ID"] for mail in busy_site.mails]
    assert len(mails) == len(set(mails))
    work()
    assert {label: len(rows) for label, rows in everything().items()} == counts
    assert len(busy_site.mails) == len(mails)


def at_once(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)


def test_every_tick_is_a_task_and_json_is_all_that_is_read() -> None:
    assert {tick.task for tick in TICKS} <= set(OUR_TASKS)
    assert set(app.conf.beat_schedule) == {tick.task for tick in TICKS}
    assert app.conf.accept_content == ["json"]
    assert app.conf.task_acks_late and app.conf.task_reject_on_worker_lost


def test_redis_gives_no_task_out_twice_while_it_runs(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:6379/0"
    options = broker_options()
    assert options["visibility_timeout"] > LONGEST_TASK == app.conf.task_time_limit
    assert options["unacked_restore_throttle"] == 1


def test_the_clock_remembers_over_a_restart(settings: Any, tmp_path: Any) -> None:
    settings.VAR = tmp_path
    first = KeptScheduler(app=app)
    entry = first.schedule["privacy.tasks.apply_retention"]
    entry.last_run_at = timezone.now() - timedelta(days=2)
    first.sync()
    again = KeptScheduler(app=app).schedule["privacy.tasks.apply_retention"]
    assert again.last_run_at == entry.last_run_at
    assert again.is_due().is_due
    (tmp_path / "ticks.json").write_text("half a fi")
    assert "privacy.tasks.apply_retention" in KeptScheduler(app=app).schedule


@pytest.mark.django_db(transaction=True)
def test_ticks_run_without_any_broker() -> None:
    now = 1000.0
    switch = DeadMansSwitch(now=lambda: now)
    assert switch.run_overdue() == []
    now += 151
    twice_a_minute = ["chat.tasks.look_after_queues", "accounts.tasks.finish_photo_removals"]
    assert switch.run_overdue() == ["reports.tasks.plan_summaries", *twice_a_minute]
    assert switch.run_overdue() == []
    now += 100
    switch.saw("reports.tasks.plan_summaries")
    now += 100
    assert switch.run_overdue() == twice_a_minute


@pytest.mark.django_db(transaction=True)
def test_the_slow_poll_delivers_when_nobody_wakes_the_worker() -> None:
    from livechat.worker import SlowPoll

    with mail_kind(), smtp_sink() as sink:
        make_delivery()
        SlowPoll(DeadMansSwitch()).look()
    assert len(sink.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_an_idle_minute_of_the_worker_takes_six_statements_at_most() -> None:
    from livechat.worker import SlowPoll

    make_owner()
    poll = SlowPoll(DeadMansSwitch())
    poll.look()
    with CaptureQueriesContext(connection) as seen:
        for tick in TICKS:
            for _ in range(60 // tick.seconds):
                current_app.tasks[tick.task].run()
        for _ in range(60 // 30):
            poll.look()
    assert len(seen) <= 6  # G7


def test_a_broker_that_is_gone_holds_nobody_up() -> None:
    script = (
        "import django, time; django.setup(); from outbox.actions import wake; began = time.monotonic();"
        "wake(); wake(); print(time.monotonic() - began)"
    )
    environment = {**os.environ, "LIVECHAT_DEV": "1", "REDIS_URL": "redis://127.0.0.1:9/0"}
    command = [sys.executable, "-c", script]
    ended = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    assert float(ended.stdout.split()[-1]) < 1.5
