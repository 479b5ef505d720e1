"""A worker that is killed (SIGKILL) at the 37th of 100 invitations, and started again."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings

from operators.testing import tokens_in
from outbox.testing import smtp_sink

START = "import django\ndjango.setup()\nfrom datetime import timedelta\nfrom django.utils import timezone\n"
FILL = """
from django.core.management import call_command
call_command('migrate', verbosity=0)
from accounts.testing import make_owner
from accounts.models import Membership
from operators.actions import invite_operators
from operators.testing import invites_of
by = Membership.objects.select_related('account', 'user').get(user=make_owner())
outcomes = invite_operators(account=by.account, rows=invites_of(100), by=by)
assert {one.code for one in outcomes} == {'created'}
outcomes = invite_operators(account=by.account, rows=invites_of(100), by=by)
assert {one.code for one in outcomes} == {'already_invited'}
"""
WORK = "from outbox.tasks import deliver\ndeliver.run()\n"
LEASE_OVER = (
    "from outbox.models import Delivery\nDelivery.objects.filter(state='claimed').update(due_at=timezone.now())\n"
)
INVITE_AGAIN = """
from accounts.models import Membership
from operators.actions import invite_operators
from operators.testing import invites_of
by = Membership.objects.select_related('account', 'user').get()
invite_operators(account=by.account, rows=invites_of(100), by=by)
"""
COUNT = (
    "from outbox.models import Delivery\nprint(Delivery.objects.filter(kind='operator_invite', state='done').count())"
)


def run(folder: Path, code: str, port: int, fault: str = "") -> "subprocess.CompletedProcess[str]":
    """Runs code in a process of its own, on the database in `folder`."""
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
    command = [sys.executable, "-W", "ignore", "-c", START + code]
    return subprocess.run(command, cwd=settings.BASE_DIR, env=env, capture_output=True, text=True, check=False)


@pytest.mark.once
@pytest.mark.timeout(240)
@pytest.mark.promise("invitations_survive_kills")
def test_a_worker_killed_at_the_37th_of_100_invitations_sends_everybody_one(tmp_path: Path) -> None:
    with smtp_sink() as sink:
        filled = run(tmp_path, FILL, sink.port)
        assert filled.returncode == 0, filled.stderr
        killed = run(tmp_path, WORK, sink.port, fault="outbox.after_send:37")
        assert killed.returncode == -9, killed.stderr
        assert len(sink.mails) == 37
        again = run(tmp_path, INVITE_AGAIN + LEASE_OVER + WORK + WORK + COUNT, sink.port)
        assert again.stdout.split()[-1] == "100", again.stderr
    copies = Counter(str(mail["To"]) for mail in sink.mails)
    assert len(copies) == 100
    assert sorted(copies.values()) == [1] * 99 + [2]
    assert len({str(mail["Message-ID"]) for mail in sink.mails}) == 100
    for address in copies:  # the double holds the link of the first, so both work
        bodies = [mail.get_body(("plain",)).get_content() for mail in sink.mails if str(mail["To"]) == address]
        assert len({token for body in bodies for token in tokens_in(body)}) == 1
