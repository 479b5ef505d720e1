"""The doctor says what is wrong and what to do."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from livechat import doctor
from outbox.testing import smtp_sink

pytestmark = pytest.mark.django_db


def test_it_exits_1_and_advises_when_something_is_wrong(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("PORT", "9")  # nobody listens there
    settings.VAR = tmp_path
    out = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=out)
    assert ended.value.code == 1
    assert "BAD  sockets:   no site answers on port 9" in out.getvalue()
    assert "make run" in out.getvalue()
    assert f"ok   database:  {connection.vendor}, migrated" in out.getvalue()
    assert "ok   clock:" in out.getvalue()


def test_a_mail_server_is_greeted_and_no_mail_is_sent(settings: Any) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1"
    with smtp_sink() as sink:
        assert doctor.look_at_mail().ok
    assert sink.connections == 1
    assert sink.mails == []
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    seen = doctor.look_at_mail()
    assert (seen.ok, seen.figure) == (False, "no mail server: ConnectionRefusedError")
    assert "EMAIL_URL" in seen.advice


def test_a_site_without_a_mail_server_is_well_only_in_development(settings: Any) -> None:
    settings.EMAIL_URL = ""
    settings.DEV = False
    assert not doctor.look_at_mail().ok


def test_a_full_or_unwritable_disk_is_said(settings: Any, tmp_path: Path, monkeypatch: Any) -> None:
    settings.VAR = tmp_path / "missing"
    assert not doctor.look_at_disk().ok
    settings.VAR = tmp_path
    assert doctor.look_at_disk().ok
    monkeypatch.setattr(doctor, "ENOUGH_DISK", 1 << 60)
    assert "GiB free" in doctor.look_at_disk().figure
    assert not doctor.look_at_disk().ok
