"""What `manage.py doctor` looks at: database, mail, mailbox, sockets, clock and disk."""

import http.client
import os
import shutil
import smtplib
import socket
import tempfile
import time
import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import get_connection
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from core.egress import EgressRefused
from core.health import Health, registry
from core.mailbox import MailboxFailed, count_unread, read_place

ENOUGH_DISK = 1 << 30
CLOCK_SECONDS = 5.0


def port() -> int:
    return int(os.environ.get("PORT", "8000"))


def site_answers() -> bool:
    """Whether a site of this project serves on this computer's PORT."""
    link = http.client.HTTPConnection("127.0.0.1", port(), timeout=2)
    try:
        link.request("GET", "/healthz", headers={"Host": settings.PUBLIC_HOST})
        answer = link.getresponse()
        return answer.status == 200 and answer.read() == b"ok\n"
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def look_at_tables() -> Health:
    """The database answers, is migrated, and takes a write."""
    try:
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        with connection.cursor() as cursor:
            cursor.execute("CREATE TEMPORARY TABLE doctor_was_here (n integer)")
            cursor.execute("DROP TABLE doctor_was_here")
    except DatabaseError as error:
        return Health(False, type(error).__name__, "Look at DATABASE_URL, and whether the database server runs.")
    if plan:
        return Health(False, f"{len(plan)} migrations are missing", "Run: manage.py migrate")
    return Health(True, f"{connection.vendor}, migrated")


def look_at_mail() -> Health:
    """The mail server lets us in. No mail is sent."""
    if not settings.EMAIL_URL:
        advice = "Set EMAIL_URL=smtp://user:password@host:587?tls=1"
        return Health(settings.DEV, "mails go to /dev/mail/" if settings.DEV else "there is no mail server", advice)
    server = get_connection()
    try:
        server.open()
        link: Any = server.connection  # type: ignore[attr-defined]  # the SMTP backend has it
        link.ehlo_or_helo_if_needed()
        code = link.noop()[0]
    except smtplib.SMTPAuthenticationError:
        return Health(False, "the mail server refuses the password", "Look at user and password in EMAIL_URL.")
    except (smtplib.SMTPException, OSError) as error:
        advice = "Look at host, port and tls in EMAIL_URL, and whether a firewall stands between."
        return Health(False, f"no mail server: {type(error).__name__}", advice)
    finally:
        server.close()
    return Health(code == 250, f"the mail server answers {code}", "Ask those who run the mail server.")


def look_at_mailbox() -> Health:
    """The mailbox where answers arrive lets us in. No mail is fetched."""
    if not settings.IMAP_URL:
        how = f"a pipe brings mail to {settings.INBOUND_ADDRESS}" if settings.INBOUND_ADDRESS else "no mail is taken"
        return Health(True, f"no mailbox: {how}")
    try:
        waiting = count_unread(read_place(settings.IMAP_URL, settings.IMAP_PASSWORD))
    except (MailboxFailed, EgressRefused, ValueError) as error:
        advice = "Look at INBOUND_IMAP_URL, its password, and whether this computer trusts the host's certificate."
        return Health(False, f"the mailbox cannot be read: {error}", advice)
    return Health(True, f"the mailbox answers, {waiting} unread")


def _handshake(path: str, origin: str) -> int:
    """The status with which a WebSocket handshake is answered."""
    lines = [
        f"GET {path} HTTP/1.1", f"Host: {settings.PUBLIC_HOST}", "Connection: Upgrade", "Upgrade: websocket",
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: ZG9jdG9yLXdhcy1oZXJlIQ==", f"Origin: {origin}", "", "",
    ]  # fmt: skip
    with socket.create_connection(("127.0.0.1", port()), timeout=3) as link:
        link.sendall("\r\n".join(lines).encode())
        return int(link.recv(4096).split(b" ", 2)[1])


def look_at_sockets() -> Health:
    """A socket opens for this site's own origin, and for no other."""
    if not site_answers():
        return Health(False, f"no site answers on port {port()}", "Start it (make run), then ask the doctor again.")
    try:
        ours, foreign = (
            _handshake("/ws/widget/", settings.PUBLIC_ORIGIN),
            _handshake("/ws/widget/", "https://a.invalid"),
        )
    except (OSError, ValueError, IndexError) as error:
        return Health(False, type(error).__name__, "Does a proxy in front pass Upgrade and Connection on?")
    if ours != 101:
        return Health(False, f"the handshake is answered {ours}", "Does PUBLIC_ORIGIN name what browsers show?")
    return Health(foreign == 403, f"own origin {ours}, foreign origin {foreign}", "Report this: foreign pages get in.")


def look_at_clock() -> Health:
    """The clocks of this computer, its disk and its database agree, and time zones are known."""
    advice = "Switch time synchronisation on (timedatectl set-ntp true), here and on the database server."
    now = time.time()
    with tempfile.NamedTemporaryFile(dir=settings.VAR if Path(settings.VAR).is_dir() else None) as file:
        off = abs(os.fstat(file.fileno()).st_mtime - now)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        else:
            cursor.execute("SELECT (julianday('now') - 2440587.5) * 86400.0")
        off = max(off, abs(float(cursor.fetchone()[0]) - time.time()))
    if off > CLOCK_SECONDS or datetime.now(UTC).year < 2026:
        return Health(False, f"clocks differ by {off:.0f} s", advice)
    try:
        zoneinfo.ZoneInfo("Europe/Warsaw")
    except zoneinfo.ZoneInfoNotFoundError:
        return Health(False, "no time zones on this computer", "Install tzdata: pip install tzdata")
    return Health(True, f"clocks agree within {off:.1f} s")


def look_at_disk() -> Health:
    """VAR can be written and has room."""
    var = Path(settings.VAR)
    advice = f"Give the site's user the folder {var}, with at least 1 GiB free, on a local disk."
    try:
        with tempfile.TemporaryFile(dir=var) as file:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        return Health(False, f"cannot write: {os.strerror(error.errno or 0)}", advice)
    free = shutil.disk_usage(var).free
    return Health(free >= ENOUGH_DISK, f"{free / (1 << 30):.1f} GiB free", advice)


EXAMINATIONS: dict[str, Callable[[], Health]] = {
    "database": look_at_tables,
    "mail": look_at_mail,
    "mailbox": look_at_mailbox,
    "sockets": look_at_sockets,
    "clock": look_at_clock,
    "disk": look_at_disk,
}


def examine() -> dict[str, Health]:
    """Everything the doctor looks at, and the checks of `/readyz` that make sense outside the web process."""
    found = {}
    for key, look in EXAMINATIONS.items():
        try:
            found[key] = look()
        except (OSError, DatabaseError) as error:
            found[key] = Health(False, type(error).__name__, "The other lines may say why.")
    others = registry.look()
    return found | {key: health for key, health in others.items() if key in ("broker", "outbox", "retention")}
