"""Writes of the outbox: rows are put in with the change that causes them, and delivered by a worker afterwards."""

import hashlib
import json
import logging
import os
import socket
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.utils import timezone

from core.faults import fault_point
from core.mail import AddressRefused, MailDoor, PurposeError, TryLater, UnsafeMail, write_mail
from core.outbound import (
    Disclosed,
    EffectKind,
    Letter,
    MailKind,
    RecipientStopped,
    check_recipient,
    disclose,
    registry,
)
from outbox.events import address_bounced
from outbox.models import Delivery
from outbox.outbound import MAIL_SENDER, is_carried_by_others
from outbox.queries import has_due

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=10)  # after that a claimed row is taken back: its worker died
LAST_TRY = 8  # after that many tries a row is parked
PAUSES = [30, 120, 600, 1800, 3600, 7200, 14400]  # seconds after try 1, 2, ...
INSERT_AT_ONCE = 500
REST_SECONDS = 10.0  # after a failure the broker is left alone that long, so that pages do not wait for it
_sleep_until = 0.0


@dataclass(frozen=True)
class NewDelivery:
    """One row to put in; `recipient` is a word such as "user:12", never an address."""

    kind: str
    key: str
    recipient: str
    payload: dict[str, Any] = field(default_factory=dict)
    account_ref: int | None = None
    due_at: datetime | None = None
    expires_at: datetime | None = None


def enqueue(
    *,
    kind: str,
    key: str,
    recipient: str,
    payload: dict[str, Any] | None = None,
    account_ref: int | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
) -> bool:
    """Puts one effect in, inside the caller's transaction; False when (kind, key, recipient) was there already.

    It leaves after the commit, at `due_at` (now when None) and not after `expires_at`. Raises KeyError for a kind
    that nobody declares.
    """
    row = NewDelivery(kind, key, recipient, payload or {}, account_ref, due_at, expires_at)
    return enqueue_many([row]) == 1


@transaction.atomic
def enqueue_many(rows: Sequence[NewDelivery]) -> int:
    """Puts many effects in with one insert; answers how many are new. Raises KeyError for an undeclared kind."""
    if not rows:
        return 0
    unknown = {row.kind for row in rows} - set(registry.kinds())
    if unknown:
        raise KeyError(f"no outbound.py declares {', '.join(sorted(unknown))}")
    now = timezone.now()
    added = sum(_insert(rows[start : start + INSERT_AT_ONCE], now) for start in range(0, len(rows), INSERT_AT_ONCE))
    if added and not any(entry[1] is wake for entry in connection.run_on_commit):
        transaction.on_commit(wake, robust=True)
    return added


def _insert(rows: Sequence[NewDelivery], now: datetime) -> int:
    """One INSERT that leaves out what is there, and says how many it put in (the ORM's bulk_create does not)."""
    as_time = connection.ops.adapt_datetimefield_value
    values: list[Any] = []
    for row in rows:
        payload = json.dumps(row.payload, cls=DjangoJSONEncoder)
        values += [row.kind, row.key, row.recipient, payload, row.account_ref, as_time(now)]
        values += [as_time(row.due_at or now), as_time(row.expires_at), False]
    marks = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s, %s, 'waiting', 0, '', '', '')"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outbox_delivery (kind, key, recipient, payload, account_ref, created_at, due_at, expires_at,"  # noqa: S608  marks only
            f" in_ledger, state, attempts, claimed_by, reason, message_id) VALUES {marks} ON CONFLICT DO NOTHING",
            values,
        )
        return int(cursor.rowcount)


def wake() -> None:
    """Asks a worker to deliver now. A broker that is gone costs nothing but time: the slow poll finds the rows."""
    global _sleep_until
    from outbox.tasks import deliver

    if time.monotonic() < _sleep_until:
        return
    try:
        deliver.delay()
    except Exception as error:  # any broker, any failure: the rows are committed already
        _sleep_until = time.monotonic() + REST_SECONDS
        log.warning("the worker was not woken: %s", type(error).__name__)


# ---- Delivery ---------------------------------------------------------------------------------------
def deliver_all(*, seconds: float = 60, limit: int = 100) -> tuple[int, bool]:
    """Delivers batch after batch over one mail connection; answers how many rows, and whether more may be due."""
    until, total = time.monotonic() + seconds, 0
    with MailDoor() as door:
        while time.monotonic() < until:
            done = deliver_due(limit=limit, door=door)
            total += done
            if done < limit:
                return total, False
    return total, True


def deliver_due(limit: int = 100, *, door: MailDoor | None = None) -> int:
    """Claims at most `limit` due rows, acts, and marks each; answers how many were claimed.

    A row is claimed by one worker only. A crash between act and mark gives a second act: for a mail at most one
    double per crash, with the same Message-ID.
    """
    if not has_due():
        return 0
    batch = Batch(claim_due(limit=limit))
    if door is not None:
        batch.deliver(door)
    else:
        with MailDoor() as own:
            batch.deliver(own)
    return len(batch.rows)


@transaction.atomic
def claim_due(*, limit: int) -> list[Delivery]:
    """Takes due rows for this worker, and rows whose worker died, in one statement on either database."""
    now = timezone.now()
    as_time = connection.ops.adapt_datetimefield_value
    columns = ", ".join(str(column.column) for column in Delivery._meta.concrete_fields)
    lock = " FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    rows = Delivery.objects.raw(
        "UPDATE outbox_delivery SET state = 'claimed', claimed_at = %s, claimed_by = %s, due_at = %s,"  # noqa: S608  ours
        " attempts = attempts + 1 WHERE id IN (SELECT id FROM outbox_delivery WHERE state IN ('waiting', 'claimed')"
        f" AND finished_at IS NULL AND due_at <= %s ORDER BY due_at, id LIMIT %s{lock}) RETURNING {columns}",
        [
            as_time(now),
            f"{socket.gethostname()[:20]}:{os.getpid()}:{uuid.uuid4().hex[:12]}",
            as_time(now + LEASE),
            as_time(now),
            limit,
        ],
    )
    return sorted(rows, key=lambda row: row.pk)


def message_id_of(row: Delivery) -> str:
    """The Message-ID of a row's mail: the same at every try, so that a double can be recognised."""
    words = f"{row.pk}:{row.kind}:{row.key}:{row.recipient}:{row.created_at.isoformat()}"
    return f"<{row.pk}.{hashlib.sha256(words.encode()).hexdigest()[:24]}@{settings.PUBLIC_HOST}>"


class Batch:
    """Rows that this worker claimed, on their way: each ends done, dropped, parked or waiting again."""

    def __init__(self, rows: list[Delivery]) -> None:
        self.rows = rows
        self.started = time.monotonic()

    def deliver(self, door: MailDoor) -> None:
        """Acts on every row, kind by kind."""
        now = timezone.now()
        self._finish(
            [row for row in self.rows if row.expires_at and row.expires_at <= now], Delivery.State.DROPPED, "too late"
        )
        lost = [row for row in self.rows if row.state == Delivery.State.CLAIMED and row.attempts > LAST_TRY]
        self._finish(lost, Delivery.State.PARKED, "the worker ended at each try")
        left = [row for row in self.rows if row.state == Delivery.State.CLAIMED]
        for key in dict.fromkeys(row.kind for row in left):
            rows = [row for row in left if row.kind == key]
            if key in registry.mail_kinds:
                self._post(registry.mail_kinds[key], rows, door)
            elif key in registry.effects:
                for row in rows:
                    self._run(registry.effects[key], row)
            else:
                self._finish(rows, Delivery.State.PARKED, "no app declares this kind")

    # ---- mails
    def _post(self, kind: MailKind, rows: list[Delivery], door: MailDoor) -> None:
        letters = self._load(kind, rows)
        rows = [row for row in rows if row.state == Delivery.State.CLAIMED]
        self._finish([row for row in rows if row.pk not in letters], Delivery.State.DROPPED, "nothing to send any more")
        rows = [row for row in rows if row.pk in letters]
        for gate in registry.gates:
            shut = gate(kind, rows, letters) if rows else {}
            for reason in dict.fromkeys(shut.values()):
                self._finish([row for row in rows if shut.get(row.pk) == reason], Delivery.State.DROPPED, reason)
            rows = [row for row in rows if row.pk not in shut]
        if rows and not self._may_leave():
            self._put_back(rows)  # they wait until somebody reviewed who carries our mail, or until they expire
            return
        try:
            self._disclose(kind, rows, letters)
        except Exception as error:  # nothing leaves that the ledger does not know of
            log.exception("the ledger failed")
            for row in rows:
                self._try_again(row, f"ledger: {type(error).__name__}")
            return
        faults = 0
        for place, row in enumerate(rows):
            if faults >= 2 or time.monotonic() - self.started > LEASE.total_seconds() / 2:
                self._put_back(rows[place:])  # the server is gone or slow: the rest keeps its tries
                return
            faults = faults + 1 if self._send(kind, row, letters[row.pk], door) else 0

    def _may_leave(self) -> bool:
        """Whether the company that carries our mail may receive data today (S58)."""
        if is_carried_by_others():
            try:
                check_recipient(MAIL_SENDER)
            except RecipientStopped as stopped:
                log.error("no mail leaves: %s", stopped)
                return False
        return True

    def _load(self, kind: MailKind, rows: list[Delivery]) -> dict[int, Letter]:
        """The letters of many rows at once; when that fails, row by row, so that one bad row stops nobody."""
        try:
            return dict(kind.load(rows))
        except Exception:
            log.exception("the loader of %s failed for %s rows", kind.key, len(rows))
        letters: dict[int, Letter] = {}
        for row in rows:
            try:
                letters.update(kind.load([row]))
            except Exception as error:
                self._try_again(row, f"loader: {type(error).__name__}")
        return letters

    @transaction.atomic
    def _disclose(self, kind: MailKind, rows: list[Delivery], letters: dict[int, Letter]) -> None:
        """The ledger knows of each mail before it leaves, once however often it is tried (P3)."""
        new = [row for row in rows if not row.in_ledger]
        disclose(
            [
                Disclosed(
                    recipient=MAIL_SENDER,
                    categories=("identity", "contact", "content"),
                    subject=letters[row.pk].to.subject or row.recipient,
                    purpose=kind.purpose,
                    channel="mail",
                    account_ref=row.account_ref,
                    reference=f"{kind.key}:{row.pk}",
                )
                for row in new
            ]
        )
        if new:
            Delivery.objects.filter(pk__in=[row.pk for row in new]).update(in_ledger=True)

    def _send(self, kind: MailKind, row: Delivery, letter: Letter, door: MailDoor) -> bool:
        """Sends and marks one mail; True when the server is gone."""
        message_id = message_id_of(row)
        try:
            mail = write_mail(kind=kind, letter=letter, message_id=message_id)
        except (PurposeError, UnsafeMail) as error:
            log.error("mail %s refused: %s", row.pk, error)
            self._finish([row], Delivery.State.DROPPED, str(error))
            return False
        except Exception as error:
            log.exception("the templates of %s failed", kind.key)
            self._try_again(row, f"template: {type(error).__name__}")
            return False
        try:
            door.send(mail)
        except AddressRefused as error:
            self._bounce(kind, row, letter, str(error))
            return False
        except TryLater as error:
            self._try_again(row, str(error))
            return error.server_gone
        fault_point("outbox.after_send")
        self._mark_sent(row, message_id)
        return False

    @transaction.atomic
    def _bounce(self, kind: MailKind, row: Delivery, letter: Letter, code: str) -> None:
        self._finish([row], Delivery.State.DROPPED, f"the address does not exist ({code})")
        facts = {"kind": kind.key, "recipient": row.recipient, "account_ref": row.account_ref, "address": letter.to}
        transaction.on_commit(lambda: address_bounced.send_robust(sender=Delivery, **facts), robust=True)

    # ---- other effects
    def _run(self, effect: EffectKind, row: Delivery) -> None:
        try:
            effect.run(row)
        except Exception as error:
            log.exception("effect %s failed", effect.key)
            self._try_again(row, f"effect: {type(error).__name__}")
            return
        fault_point("outbox.after_effect")
        self._finish([row], Delivery.State.DONE, "")

    # ---- marks: only rows that are still ours, so that a worker that was too slow changes nothing
    def _ours(self, rows: list[Delivery]) -> Any:
        return Delivery.objects.filter(
            pk__in=[row.pk for row in rows], state=Delivery.State.CLAIMED, claimed_by=rows[0].claimed_by
        )

    def _finish(self, rows: list[Delivery], state: Delivery.State, reason: str, message_id: str = "") -> None:
        if not rows:
            return
        now = timezone.now()
        self._ours(rows).update(state=state, finished_at=now, reason=reason[:200], message_id=message_id)
        for row in rows:
            row.state = state

    def _mark_sent(self, row: Delivery, message_id: str) -> None:
        """One mail is done. Plain SQL: it is the one statement of each mail, and the ORM takes four times as long."""
        now = connection.ops.adapt_datetimefield_value(timezone.now())
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE outbox_delivery SET state = 'done', finished_at = %s, reason = '', message_id = %s"
                " WHERE id = %s AND state = 'claimed' AND claimed_by = %s",
                [now, message_id, row.pk, row.claimed_by],
            )
        row.state = Delivery.State.DONE

    def _try_again(self, row: Delivery, reason: str) -> None:
        if row.attempts >= LAST_TRY:
            self._finish([row], Delivery.State.PARKED, reason)
            return
        pause = timedelta(seconds=PAUSES[row.attempts - 1])
        self._ours([row]).update(state=Delivery.State.WAITING, due_at=timezone.now() + pause, reason=reason[:200])
        row.state = Delivery.State.WAITING

    def _put_back(self, rows: list[Delivery]) -> None:
        """Gives up the claim on rows that were not tried."""
        due_at = timezone.now() + timedelta(seconds=PAUSES[0])
        self._ours(rows).update(state=Delivery.State.WAITING, due_at=due_at, attempts=models.F("attempts") - 1)
        for row in rows:
            row.state = Delivery.State.WAITING


# ---- By hand and by the clock -----------------------------------------------------------------------
@transaction.atomic
def try_again(*, deliveries: Sequence[Delivery]) -> int:
    """Puts parked and dropped rows back to the start, due now; answers how many. Expired ones are left alone."""
    now = timezone.now()
    stopped = Delivery.objects.filter(
        pk__in=[row.pk for row in deliveries], state__in=[Delivery.State.PARKED, Delivery.State.DROPPED]
    ).exclude(expires_at__lte=now)
    count = stopped.update(state=Delivery.State.WAITING, due_at=now, attempts=0, finished_at=None, reason="")
    if count:
        transaction.on_commit(wake, robust=True)
    return count


@transaction.atomic
def park_waiting(*, reason: str, recipients: Sequence[str] | None = None) -> int:
    """Parks every row that has not left yet, or those to `recipients`; after a restore they may have left since."""
    unfinished = Delivery.objects.filter(state__in=[Delivery.State.WAITING, Delivery.State.CLAIMED])
    if recipients is not None:
        unfinished = unfinished.filter(recipient__in=recipients)
    return unfinished.update(state=Delivery.State.PARKED, finished_at=timezone.now(), reason=reason[:200])
