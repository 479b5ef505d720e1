"""A worker that is killed (SIGKILL) between the mail server's yes and its own mark."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from outbox.testing import smtp_sink

SCRIPT = """
import sys, django
django.setup()
import time_machine
from datetime import timedelta
from django.utils import timezone
from outbox import actions
from outbox.models import Delivery
from outbox.testing import mail_kind
with mail_kind():
    if sys.argv[1] == "put":
        actions.enqueue_many([actions.NewDelivery("test.note", "k", f"user:{n}") for n in range(100)])
    else:
        with time_machine.travel(timezone.now() + timedelta(minutes=11 * int(sys.argv[1])), tick=True):
            actions.deliver_all()
print(Delivery.objects.filter(state="done").count())
"""
ROOT = Path(__file__).parent.parent.parent


@pytest.mark.long
@pytest.mark.timeout(180)
def test_a_hundred_recipients_get_one_mail_each_and_at_most_one_a_double(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        environment = {
            **{name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")},
            "DJANGO_SETTINGS_MODULE": "livechat.settings",
            "LIVECHAT_DEV": "1",
            "VAR": str(tmp_path),
            "PYTHONPATH": str(ROOT),
            "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
        }

        def run(*arguments: str, fault: str = "") -> subprocess.CompletedProcess[str]:
            command = [sys.executable, *arguments]
            return subprocess.run(
                command, env={**environment, "LIVECHAT_FAULT": fault}, capture_output=True, text=True, check=False
            )

        assert run(str(ROOT / "manage.py"), "migrate").returncode == 0
        assert run("-c", SCRIPT, "put").returncode == 0
        killed = run("-c", SCRIPT, "0", fault="outbox.after_send:37")
        assert killed.returncode == -9
        assert len(sink.mails) == 37
        rest = run("-c", SCRIPT, "1")
        assert rest.stdout.split()[-1] == "100", rest.stderr
        again = run("-c", SCRIPT, "2")
        assert again.returncode == 0
    copies = Counter(mail["To"] for mail in sink.mails)
    assert len(copies) == 100
    assert sorted(copies.values())[-2:] == [1, 2]
    assert len(Counter(mail["Message-ID"] for mail in sink.mails)) == 100
