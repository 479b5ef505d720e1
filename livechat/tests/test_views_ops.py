"""Doors for those who run the site."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.mail import EmailMultiAlternatives, get_connection
from django.test import Client
from django.utils import timezone

from core.health import Health, HealthCheck, registry
from livechat import devmail
from outbox.testing import mail_kind, make_delivery

pytestmark = pytest.mark.django_db


def test_the_site_is_alive(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_readiness_names_each_part(client: Client) -> None:
    answer = client.get("/readyz").json()
    assert {"database", "broker", "outbox"} <= answer["checks"].keys()
    assert answer["checks"]["database"]["ok"]


def test_a_late_outbox_is_shown_and_does_not_close_the_site(client: Client) -> None:
    with mail_kind():
        make_delivery(due_at=timezone.now() - timedelta(minutes=11))
    seen = client.get("/readyz").json()["checks"]["outbox"]
    assert not seen["ok"]
    assert "660 s" in seen["figure"] or "661 s" in seen["figure"]


def test_a_vital_part_that_fails_makes_503(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> Health:
        raise ConnectionError("secret words")

    monkeypatch.setitem(registry._checks, "database", HealthCheck("database", fail, vital=True))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) > 0
    assert answer.json()["checks"]["database"] == {"ok": False, "figure": "ConnectionError"}
    assert b"secret words" not in answer.content


def test_numbers_need_the_token(client: Client, settings: Any) -> None:
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    answer = client.get("/metrics", headers={"Authorization": "Bearer right"})
    assert answer.status_code == 200
    for name in (b"livechat_outbox_age_seconds", b"livechat_outbox_parked", b"livechat_request_seconds_count"):
        assert name in answer.content


@pytest.fixture
def mail_folder(settings: Any, tmp_path: Path) -> Iterator[Path]:
    settings.DEV = True
    settings.MAIL_FILE_DIR = tmp_path / "mail"
    yield tmp_path / "mail"
    shutil.rmtree(tmp_path / "mail", ignore_errors=True)


def write(subject: str, html: str) -> None:
    mail = EmailMultiAlternatives(subject, "Read http://127.0.0.1:8000/app/ now", "us@example.org", ["ada@example.org"])
    mail.attach_alternative(html, "text/html")
    get_connection("livechat.devmail.FileBackend").send_messages([mail])


def test_mails_are_listed_and_read(client: Client, mail_folder: Path) -> None:
    write("First & foremost", "<html><head></head><body><a href='http://127.0.0.1:8000/app/'>Go</a></body></html>")
    write("Second", "<html><head></head><body>2</body></html>")
    page = client.get("/dev/mail/").content.decode()
    assert page.index("Second") < page.index("First &amp; foremost")
    name = devmail.list_mails()[1].name
    page = client.get(f"/dev/mail/{name}/").content.decode()
    assert 'href="http://127.0.0.1:8000/app/"' in page
    assert f'src="/dev/mail/{name}/html/"' in page
    framed = client.get(f"/dev/mail/{name}/html/")
    assert framed["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in framed["Content-Security-Policy"]
    assert "sandbox" in framed["Content-Security-Policy"]
    assert "script" not in framed["Content-Security-Policy"]
    assert '<base target="_top">' in framed.content.decode()


@pytest.mark.parametrize("name", ["..%2f..%2fsecret_key", "20260101-000000-000000-1-1", "x"])
def test_nothing_else_is_read(client: Client, mail_folder: Path, name: str) -> None:
    assert client.get(f"/dev/mail/{name}/").status_code == 404
    assert client.get(f"/dev/mail/{name}/html/").status_code == 404


def test_outside_development_there_are_no_mails(client: Client, settings: Any, mail_folder: Path) -> None:
    write("First", "<p>1</p>")
    name = devmail.list_mails()[0].name
    settings.DEV = False
    for path in ("/dev/mail/", f"/dev/mail/{name}/", f"/dev/mail/{name}/html/"):
        assert client.get(path).status_code == 404
