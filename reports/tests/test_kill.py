"""Workers of their own that are killed with SIGKILL, on a database of their own."""

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from outbox.testing import smtp_sink

PEOPLE = 40
NOON = "now = (timezone.now() + timedelta(days=1)).replace(hour=12)\n"
START = "import django\ndjango.setup()\nfrom datetime import timedelta\nfrom django.utils import timezone\n" + NOON
FILL = "from reports.testing import make_companies\n" + (
    f"make_companies({PEOPLE}, zones=['UTC', 'Europe/Warsaw'], switched_at=now - timedelta(days=60))"
)
PLAN = "from reports.actions import plan_summaries\nplan_summaries(now)"
SEND = "from outbox.actions import deliver_all\ndeliver_all()"
LEASE_OVER = (
    "from outbox.models import Delivery\nDelivery.objects.filter(state='claimed').update(due_at=timezone.now())"
)


def run(folder: Path, code: str, port: int, fault: str = "") -> int:
    """Runs code in a process of its own, on the database in `folder`; answers how it ended."""
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "livechat.settings",
        "LIVECHAT_DEV": "1",
        "VAR": str(folder),
        "DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "REDIS_URL": "",
        "EMAIL_URL": f"smtp://127.0.0.1:{port}",
        "LIVECHAT_FAULT": fault,
        "LOG_LEVEL": "ERROR",
    }
    return subprocess.run([sys.executable, "-c", START + code], cwd=settings.BASE_DIR, env=env, check=False).returncode


@pytest.mark.long
@pytest.mark.once
def test_planner_and_worker_killed_in_the_middle_send_everybody_one_summary(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        migrate = "from django.core.management import call_command\ncall_command('migrate', verbosity=0)\n"
        assert run(tmp_path, migrate + FILL, sink.port) == 0
        assert run(tmp_path, PLAN, sink.port, "reports.after_claim:1") == -signal.SIGKILL
        assert run(tmp_path, SEND, sink.port) == 0 and sink.mails == []  # no claim without its mails, no mail without
        assert run(tmp_path, PLAN, sink.port, "reports.after_batch:1") == -signal.SIGKILL
        assert run(tmp_path, SEND, sink.port, "outbox.after_send:13") == -signal.SIGKILL
        assert len(sink.mails) == 13
        assert run(tmp_path, "\n".join([PLAN, LEASE_OVER, SEND]), sink.port) == 0
    by_person = {str(mail["To"]): set() for mail in sink.mails}
    for mail in sink.mails:
        by_person[str(mail["To"])].add(str(mail["Message-ID"]))
    assert len(by_person) == PEOPLE
    assert all(len(idents) == 1 for idents in by_person.values())  # a double has the Message-ID of the first
    assert sorted(Counter(str(mail["To"]) for mail in sink.mails).values()) == [1] * (PEOPLE - 1) + [2]
