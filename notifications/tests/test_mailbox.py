"""The mailbox is read from a real IMAP server, over TLS that is checked."""

import contextlib
import datetime
import imaplib
import ipaddress
import os
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from audit.models import RecipientRecord
from core.egress import EgressRefused
from core.mailbox import MAILBOX, MailboxFailed, Place, Verdict, fetch_all, read_place
from core.outbound import RecipientStopped, check_recipient
from livechat import doctor
from notifications.models import ReceivedMail
from notifications.tasks import fetch_mail
from notifications.tests.mails import mail, to_thread
from notifications.tests.test_receive_mail import numbered, taking

pytestmark = pytest.mark.django_db


def write_certificate(folder: Path) -> None:
    """A key and a certificate of its own for localhost."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )


@dataclass
class Server:
    """A real IMAP server as a process of its own, on loopback."""

    port: int
    folder: Path

    @property
    def url(self) -> str:
        return f"imap://demouser:demopass@localhost:{self.port}/INBOX"

    @contextlib.contextmanager
    def link(self) -> Iterator[imaplib.IMAP4]:
        link = imaplib.IMAP4("localhost", self.port, timeout=10)
        link.starttls(ssl.create_default_context(cafile=str(self.folder / "cert.pem")))
        link.login("demouser", "demopass")
        link.select("INBOX")
        try:
            yield link
        finally:
            link.logout()

    def put(self, *mails: bytes) -> None:
        with self.link() as link:
            for raw in mails:
                assert link.append("INBOX", "", None, raw.replace(b"\n", b"\r\n"))[0] == "OK"

    def count(self, *what: str) -> int:
        with self.link() as link:
            return len(link.search(None, *(what or ("ALL",)))[1][0].split())


@pytest.fixture
def server(tmp_path: Path, settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    write_certificate(tmp_path)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-c", "from pymap.main import main; main()", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--cert", str(tmp_path / "cert.pem"), "--key", str(tmp_path / "key.pem"), "--no-service", "managesieve"]
    process = subprocess.Popen([*command, "dict"], stdout=subprocess.DEVNULL, stderr=(tmp_path / "log").open("wb"))
    try:
        wait_for(port, process, tmp_path / "log")
        made = Server(port, tmp_path)
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
        settings.IMAP_URL = made.url
        yield made
    finally:
        process.terminate()
        process.wait(timeout=10)


def wait_for(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    raise AssertionError("the IMAP server did not start")


def test_what_lies_in_the_mailbox_is_taken_and_deleted_there(server: Server):
    server.put(mail("One", To=to_thread()), numbered(2))
    with taking() as given:
        assert fetch_mail() == 2
        assert fetch_mail() == 0
    assert [(one.text, one.token is not None) for one in given] == [("One", True), ("Mail 2", False)]
    assert server.count() == 0


def test_a_mailbox_whose_review_is_overdue_keeps_no_letters(server: Server):
    yesterday = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=1)
    assert RecipientRecord.objects.filter(key=MAILBOX).update(review_on=yesterday) == 1
    with pytest.raises(RecipientStopped):
        check_recipient(MAILBOX)
    server.put(numbered(1))
    with taking():
        assert fetch_mail() == 1
    assert server.count() == 0


def test_what_is_kept_there_is_read(server: Server, settings):
    settings.IMAP_KEEP = True
    server.put(numbered(1))
    with taking() as given:
        assert fetch_mail() == 1 and fetch_mail() == 0
    assert len(given) == 1 and server.count("SEEN") == 1


def test_what_cannot_be_read_is_flagged_for_a_person_and_stops_nobody(server: Server):
    server.put(b"To: x\n\nnobody wrote this", numbered(1))
    with taking() as given:
        assert fetch_mail() == 1
        assert fetch_mail() == 0
    assert len(given) == 1 and server.count("FLAGGED") == server.count() == 1


def test_a_fault_of_ours_leaves_the_mail_where_it_is(server: Server, monkeypatch: pytest.MonkeyPatch):
    server.put(numbered(1), numbered(2))
    with taking() as given:

        def fails_once(mail: object) -> bool:
            given.append(mail)
            if len(given) == 1:
                raise ZeroDivisionError
            return True

        from notifications import inbound

        inbound._handlers["test"] = fails_once
        assert fetch_mail() == 1
        assert server.count("UNSEEN") == 1
        assert fetch_mail() == 1
    assert server.count() == 0 and ReceivedMail.objects.count() == 2


def test_a_process_that_dies_after_taking_takes_nothing_twice(server: Server):
    from notifications.actions import receive_mail

    server.put(numbered(1))
    with taking() as given:
        receive_mail(raw=numbered(1))  # and was killed before it could tell the mailbox
        assert fetch_mail() == 1
    assert len(given) == 1 and server.count() == 0


def test_a_certificate_that_nobody_vouches_for_ends_it(server: Server, monkeypatch: pytest.MonkeyPatch):
    server.put(numbered(1))
    monkeypatch.delenv("SSL_CERT_FILE")
    with taking() as given:
        assert fetch_mail() == 0
    assert not given
    with pytest.raises(MailboxFailed, match="SSLCertVerificationError"):
        fetch_all(read_place(server.url), lambda raw: Verdict.DONE, largest=1000, keep=False)


def test_a_wrong_password_and_a_gone_server_only_wait(server: Server, settings, caplog: pytest.LogCaptureFixture):
    settings.IMAP_PASSWORD = "another"
    assert fetch_mail() == 0
    settings.IMAP_URL = "imaps://demouser:demopass@localhost:1/INBOX"
    assert fetch_mail() == 0
    assert "demopass" not in caplog.text and "another" not in caplog.text


def test_too_large_a_mail_is_not_even_fetched(server: Server):
    server.put(numbered(1))
    place = read_place(server.url)

    def never(raw: bytes) -> Verdict:
        raise AssertionError("fetched")

    assert fetch_all(place, never, largest=10, keep=False) == 0
    assert server.count("FLAGGED") == 1


def test_no_host_but_the_declared_one_is_asked(settings):
    settings.IMAP_URL = "imaps://a:b@mail.example.org/INBOX"
    other = Place("other.example.org", 993, "a", "b", "INBOX", True)
    with pytest.raises(EgressRefused):
        fetch_all(other, lambda raw: Verdict.DONE, largest=10, keep=False)
    for url in ("http://a@b/", "imaps://b/INBOX", "imap://", "mail.example.org"):
        with pytest.raises(EgressRefused):
            read_place(url)
    assert "b" not in repr(read_place("imaps://user:b@mail.example/Support%20mail")).split("password")[-1][:3]
    assert read_place("imaps://user:p%40ss@mail.example/Support%20mail").folder == "Support mail"


def test_the_doctor_looks_into_the_mailbox_and_takes_nothing(server: Server, settings):
    server.put(numbered(1))
    assert (doctor.look_at_mailbox().ok, doctor.look_at_mailbox().figure) == (True, "the mailbox answers, 1 unread")
    assert server.count("UNSEEN") == 1
    settings.IMAP_PASSWORD = "another"
    seen = doctor.look_at_mailbox()
    assert not seen.ok and "INBOUND_IMAP_URL" in str(seen.advice)


def test_without_a_mailbox_nothing_is_asked(settings):
    settings.IMAP_URL = ""
    assert fetch_mail() == 0
    assert os.environ.get("INBOUND_IMAP_URL") is None
