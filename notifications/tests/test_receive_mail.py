"""Mail that arrives: taken once, handed to who takes it, answered to no machine."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.core.management import call_command
from django.db import OperationalError
from django.utils import timezone

from core.limits import TooMany
from notifications import inbound
from notifications.actions import PERSON_AN_HOUR, SENDER_AN_HOUR, receive_mail
from notifications.inbound import InboundMail, NotYet, register_inbound
from notifications.management.commands import receive_mail as command
from notifications.models import ReceivedMail, UnclaimedMail
from notifications.tests.mails import mail, to_thread
from outbox.actions import deliver_all
from outbox.testing import Sink, smtp_sink
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db
Outcome = ReceivedMail.Outcome


@contextmanager
def taking(takes: bool = True) -> Iterator[list[InboundMail]]:
    """The only handler, which keeps what it is given."""
    given: list[InboundMail] = []
    before = dict(inbound._handlers)
    inbound._handlers.clear()

    def take(mail: InboundMail) -> bool:
        given.append(mail)
        return takes

    register_inbound("test", take)
    try:
        yield given
    finally:
        inbound._handlers.clear()
        inbound._handlers.update(before)


def numbered(number: int, **headers: str) -> bytes:
    return mail(f"Mail {number}", Message_ID=f"<{number}@example.org>", **headers)


def test_a_mail_is_taken_once_however_often_it_comes():
    with taking() as given:
        rows = [receive_mail(raw=numbered(1)) for _ in range(3)]
    assert len(given) == 1 and {row.pk for row in rows} == {ReceivedMail.objects.get().pk}
    assert rows[0].outcome == Outcome.TAKEN


def test_a_handler_that_breaks_leaves_nothing_and_is_asked_again():
    with taking() as given:

        def breaks(mail: InboundMail) -> bool:
            raise OperationalError("gone")

        register_inbound("a_first", breaks)
        with pytest.raises(OperationalError):
            receive_mail(raw=numbered(1))
        assert not ReceivedMail.objects.exists()
        del inbound._handlers["a_first"]
        assert receive_mail(raw=numbered(1)).outcome == Outcome.TAKEN
    assert len(given) == 1


def test_two_processes_do_not_take_a_mail_at_once_and_a_killed_one_is_followed():
    with taking() as given:
        row = receive_mail(raw=numbered(1))
        ReceivedMail.objects.update(outcome=Outcome.CLAIMED)  # as when the process was killed while it was at it
        with pytest.raises(NotYet):
            receive_mail(raw=numbered(1))
        with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=False):
            assert receive_mail(raw=numbered(1)).outcome == Outcome.TAKEN
    assert len(given) == 2 and given[0].key == given[1].key == row.digest


def test_nothing_of_a_mail_is_kept_but_hashes():
    with taking():
        receive_mail(raw=mail("Secret words", To=to_thread(), Subject="Secret subject"))
    row = ReceivedMail.objects.values().get()
    assert not any(word in str(row) for word in ("ada", "example.org", "Secret", "request"))


def test_our_own_mail_that_comes_back_reaches_no_handler(settings):
    with taking() as given:
        row = receive_mail(raw=numbered(1, From=f"us <{settings.SUPPORT_EMAIL}>"))
    assert not given and row.outcome == Outcome.OWN


def test_what_comes_faster_than_people_write_gets_no_answer():
    with taking() as given:
        for number in range(PERSON_AN_HOUR + 1):
            receive_mail(raw=numbered(number, To=to_thread()))
        receive_mail(raw=numbered(99, From="bob@example.org", To=to_thread()))
        receive_mail(raw=numbered(100))
    assert [mail.is_automatic for mail in given] == [False] * PERSON_AN_HOUR + [True, False, False]


def test_more_than_a_person_writes_in_an_hour_waits_and_is_not_lost():
    with taking() as given:
        for number in range(SENDER_AN_HOUR):
            receive_mail(raw=numbered(number))
        with pytest.raises(TooMany):
            receive_mail(raw=numbered(1000))
        assert receive_mail(raw=numbered(1001, Auto_Submitted="auto-replied")).outcome == Outcome.TAKEN
        with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
            assert receive_mail(raw=numbered(1000)).outcome == Outcome.TAKEN
    assert len(given) == SENDER_AN_HOUR + 2


@pytest.fixture
def sink() -> Iterator[Sink]:
    with smtp_sink() as server:
        yield server


def test_whose_mail_reaches_nobody_hears_it_once(sink: Sink, settings):
    with taking(False):
        assert receive_mail(raw=numbered(1)).outcome == Outcome.UNCLAIMED
        receive_mail(raw=numbered(2, From="Ada <ADA+x@example.org>"))
        receive_mail(raw=numbered(3, From="bob@example.org", Precedence="bulk"))
        deliver_all()
    assert [sent["To"] for sent in sink.mails] == ["ada@example.org"]
    sent = sink.mails[0]
    assert sent["Auto-Submitted"] == "auto-replied" and sent["X-Auto-Response-Suppress"] == "All"
    assert sent["In-Reply-To"] == sent["References"] == "<1@example.org>"
    assert settings.SUPPORT_EMAIL in sent.get_body(("plain",)).get_content()


def test_the_answer_is_a_machines_mail_so_that_two_sites_do_not_answer_each_other(sink: Sink):
    with taking(False):
        receive_mail(raw=numbered(1))
        deliver_all()
        back = receive_mail(raw=sink.mails[0].as_bytes())
        assert back.outcome == Outcome.OWN
        other_site = sink.mails[0].as_bytes().replace(b"livechat.example", b"other.example").replace(b"127.0.0.1", b"o")
        assert receive_mail(raw=other_site).outcome == Outcome.DROPPED
        deliver_all()
    assert len(sink.mails) == 1


def test_nothing_in_a_mail_makes_a_header_of_ours(sink: Sink):
    evil = "<a\r\n Bcc:x@y.example@example.org>"
    with taking(False):
        receive_mail(raw=mail("x", Message_ID=evil, From="=?utf-8?q?A=0D=0ABcc=3A_v?= <ada@example.org>"))
        deliver_all()
    assert sink.mails[0]["Bcc"] is None and sink.mails[0]["In-Reply-To"] is None
    assert sink.mails[0]["To"] == "ada@example.org"


def test_retention_forgets_both_tables():
    with taking(False):
        receive_mail(raw=numbered(1))
    assert UnclaimedMail.objects.count() == 1
    apply_retention(now=timezone.now() + timedelta(days=UnclaimedMail.KEEP_DAYS, hours=1))
    assert UnclaimedMail.objects.count() == 0 and ReceivedMail.objects.count() == 1
    apply_retention(now=timezone.now() + timedelta(days=ReceivedMail.KEEP_DAYS, hours=1))
    assert ReceivedMail.objects.count() == 0


# ---- the pipe ---------------------------------------------------------------------------------------------
def pipe(monkeypatch: pytest.MonkeyPatch, raw: bytes, *args: str) -> int:
    """The exit status of `manage.py receive_mail`."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    try:
        call_command("receive_mail", *args, stdout=io.StringIO(), stderr=io.StringIO())
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def test_the_pipe_says_how_it_went(monkeypatch: pytest.MonkeyPatch):
    with taking() as given:
        assert pipe(monkeypatch, numbered(1), "--to", to_thread()) == 0
        assert pipe(monkeypatch, numbered(1)) == 0
        assert pipe(monkeypatch, b"garbage") == os.EX_DATAERR
        assert pipe(monkeypatch, b"") == os.EX_DATAERR
    assert len(given) == 1 and given[0].token is not None


def test_the_pipe_asks_for_the_mail_again_when_the_database_is_away(monkeypatch: pytest.MonkeyPatch):
    def away(**kwargs: object) -> None:
        raise OperationalError("the database is away")

    monkeypatch.setattr(command, "receive_mail", away)  # the outer end of a database that cannot be stopped here
    assert pipe(monkeypatch, numbered(1)) == os.EX_TEMPFAIL


def test_a_real_process_without_its_tables_asks_for_the_mail_again(tmp_path):
    import subprocess

    env = {
        **os.environ,
        "VAR": str(tmp_path),
        "LIVECHAT_DEV": "1",
        "DATABASE_URL": f"sqlite:///{tmp_path}/none.sqlite3",
    }
    done = subprocess.run(
        [sys.executable, "manage.py", "receive_mail"], input=numbered(1), env=env, capture_output=True, timeout=60
    )
    assert done.returncode == os.EX_TEMPFAIL, done.stderr
    assert b"ada@example.org" not in done.stdout + done.stderr
