"""Celery: wakes the work that rows in the database describe; no promise hangs on a broker."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livechat.settings")

from celery import Celery
from celery.signals import setup_logging
from django.conf import settings
from kombu.transport import TRANSPORT_ALIASES

from livechat import ticks

TRANSPORT_ALIASES["files"] = "livechat.broker:Transport"
LONGEST_TASK = 300  # seconds; tasks are short, and a task that is thought lost is given out again only later


def broker_options() -> dict[str, Any]:
    """The transport's options: a folder for the embedded broker, or how Redis gives lost tasks out again."""
    if not settings.REDIS_URL:
        return {"folder": str(settings.VAR / "broker")}
    return {
        "visibility_timeout": LONGEST_TASK * 3,
        "unacked_restore_interval": 10,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 30,
        "socket_connect_timeout": 2,
        "max_retries": 1,  # of a sender: a page does not wait for a broker that is gone
        "interval_start": 0,
        "interval_step": 0.1,
        "interval_max": 0.1,
        "socket_keepalive": True,
    }


app = Celery("livechat", set_as_current=True)
app.conf.update(
    broker_url=settings.REDIS_URL or "files://localhost",
    broker_transport_options=broker_options(),
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_connection_timeout=2,
    accept_content=["json"],
    task_serializer="json",
    result_serializer="json",
    result_backend=None,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_publish_retry=False,
    task_time_limit=LONGEST_TASK,
    task_send_sent_event=False,
    worker_send_task_events=False,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    worker_prefetch_multiplier=1,
    timezone="UTC",
    enable_utc=True,
    beat_schedule=ticks.beat_schedule(),
    beat_scheduler="livechat.ticks:KeptScheduler",
    beat_max_loop_interval=30,
)
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logs(**kwargs: Any) -> None:
    """Django has set the logs up; with this receiver Celery leaves them alone."""
