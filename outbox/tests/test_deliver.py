"""What leaves, how often, and what happens when the mail server misbehaves."""

import threading
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from audit.models import Entry
from core import outbound
from core.outbound import EffectKind, Letter, MailKind, registry
from core.personal_data import Purpose
from outbox import actions
from outbox.events import address_bounced
from outbox.models import Delivery
from outbox.testing import Sink, letter_of, load_all, mail_kind, make_delivery

pytestmark = pytest.mark.django_db


def later(**amount: int) -> Any:
    return time_machine.travel(timezone.now() + timedelta(**amount), tick=True)


def test_a_row_becomes_one_mail_and_is_done(kind: MailKind, sink: Sink) -> None:
    row = make_delivery(payload={"heading": "Hello & welcome", "text": "Tom & Ada"})
    assert actions.deliver_due() == 1
    row.refresh_from_db()
    assert (row.state, row.reason) == (Delivery.State.DONE, "")
    [mail] = sink.mails
    assert mail["Subject"] == "Hello & welcome"
    assert "Tom & Ada" in mail.get_body(("plain",)).get_content()
    assert "Tom &amp; Ada" in mail.get_body(("html",)).get_content()
    assert mail["Message-ID"] == row.message_id
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "List-Unsubscribe" not in mail
    assert actions.deliver_due() == 0
    assert len(sink.mails) == 1


def test_the_same_effect_is_put_in_once(kind: MailKind) -> None:
    assert actions.enqueue(kind=kind.key, key="k", recipient="user:1")
    assert not actions.enqueue(kind=kind.key, key="k", recipient="user:1", payload={"other": 1})
    new = actions.NewDelivery
    rows = [new(kind.key, "k", "user:1"), new(kind.key, "k", "user:2"), new(kind.key, "k", "user:3")]
    assert actions.enqueue_many(rows) == 2
    assert Delivery.objects.count() == 3


def test_many_rows_take_one_insert(kind: MailKind) -> None:
    with CaptureQueriesContext(connection) as seen:
        actions.enqueue_many([actions.NewDelivery(kind.key, "k", f"user:{n}") for n in range(400)])
    assert len([query for query in seen if query["sql"].startswith("INSERT")]) == 1


def test_an_undeclared_kind_is_refused() -> None:
    with pytest.raises(KeyError, match="nobody.knows"):
        actions.enqueue(kind="nobody.knows", key="k", recipient="user:1")


def test_a_rollback_leaves_no_row(kind: MailKind) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        make_delivery()
        raise ZeroDivisionError
    assert Delivery.objects.count() == 0


def test_many_rows_of_one_transaction_wake_the_worker_once(
    kind: MailKind, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks() as calls, transaction.atomic():
        make_delivery(key="1")
        make_delivery(key="2")
    assert len([call for call in calls if call is actions.wake]) == 1


def test_a_mail_that_is_refused_for_now_waits_and_then_leaves_once(kind: MailKind, sink: Sink) -> None:
    row = make_delivery()
    sink.mode = "451"
    actions.deliver_due()
    row.refresh_from_db()
    assert (row.state, row.attempts, sink.mails) == (Delivery.State.WAITING, 1, [])
    assert actions.deliver_due() == 0
    sink.mode = "ok"
    with later(seconds=31):
        assert actions.deliver_due() == 1
        assert actions.deliver_due() == 0
    assert len(sink.mails) == 1


def test_a_mail_is_given_up_after_eight_tries_and_the_others_go_on(kind: MailKind, sink: Sink) -> None:
    sick = make_delivery(key="sick", payload={"email": "sick@example.org"})
    sink.mode, sink.only = "451", "sick@"
    for hours in range(8):
        with later(hours=10 * hours):
            make_delivery(key=f"well {hours}")
            actions.deliver_due()
    sick.refresh_from_db()
    assert (sick.state, sick.attempts) == (Delivery.State.PARKED, 8)
    assert "451" in sick.reason
    assert len(sink.mails) == 8
    with later(hours=100):
        assert actions.deliver_due() == 0


def test_a_row_that_ends_the_worker_at_each_try_is_parked(kind: MailKind, sink: Sink) -> None:
    row = make_delivery()
    for minutes in range(8):
        with later(minutes=11 * minutes):
            assert len(actions.claim_due(limit=10)) == 1  # and the worker dies
    with later(minutes=11 * 8):
        actions.deliver_due()
    row.refresh_from_db()
    assert row.state == Delivery.State.PARKED
    assert sink.mails == []


def test_a_dead_workers_row_is_taken_back_after_ten_minutes(kind: MailKind, sink: Sink) -> None:
    make_delivery()
    assert len(actions.claim_due(limit=10)) == 1
    with later(minutes=9):
        assert actions.deliver_due() == 0
    with later(minutes=11):
        assert actions.deliver_due() == 1
    assert len(sink.mails) == 1


def test_a_worker_that_was_too_slow_changes_nothing(kind: MailKind) -> None:
    row = make_delivery()
    slow = actions.Batch(actions.claim_due(limit=1))
    with later(minutes=11):
        [again] = actions.claim_due(limit=1)
    slow._finish(slow.rows, Delivery.State.DROPPED, "late")
    row.refresh_from_db()
    assert (row.state, row.claimed_by) == (Delivery.State.CLAIMED, again.claimed_by)


def test_a_connection_dropped_after_data_gives_one_double_with_the_same_message_id(kind: MailKind, sink: Sink) -> None:
    make_delivery()
    sink.mode = "drop after data"
    actions.deliver_due()
    sink.mode = "ok"
    with later(seconds=31):
        actions.deliver_due()
    assert len(sink.mails) == 2
    assert len({mail["Message-ID"] for mail in sink.mails}) == 1
    assert Delivery.objects.get().state == Delivery.State.DONE


def test_a_server_that_hangs_costs_two_tries_and_the_rest_keeps_its_own(
    kind: MailKind, sink: Sink, settings: Any
) -> None:
    settings.EMAIL_TIMEOUT = 0.2
    for number in range(10):
        make_delivery(key=str(number))
    sink.mode = "hang"
    actions.deliver_due()
    assert Counter(Delivery.objects.values_list("attempts", flat=True)) == {1: 2, 0: 8}
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.WAITING}
    sink.mode = "ok"
    with later(seconds=31):
        assert actions.deliver_due() == 10
    assert Counter(mail["Message-ID"] for mail in sink.mails).most_common(1)[0][1] == 1
    assert len(sink.mails) == 10


def test_a_mail_server_that_is_away_for_two_hours_loses_and_doubles_nothing(
    kind: MailKind, sink: Sink, settings: Any
) -> None:
    for number in range(5):
        make_delivery(key=str(number))
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 9  # nobody listens there
    start = timezone.now()
    for minutes in range(0, 120, 5):
        with time_machine.travel(start + timedelta(minutes=minutes), tick=True):
            actions.deliver_due()
    settings.EMAIL_PORT = port
    for hours in range(2, 12):
        with time_machine.travel(start + timedelta(hours=hours), tick=True):
            actions.deliver_due()
    assert len(sink.mails) == 5
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.DONE}


def test_a_dead_address_is_dropped_and_told(
    kind: MailKind, sink: Sink, django_capture_on_commit_callbacks: Any
) -> None:
    told: list[dict[str, Any]] = []

    def hear(sender: Any, **facts: Any) -> None:
        told.append(facts)

    address_bounced.connect(hear)
    row = make_delivery(payload={"email": "gone@example.org"})
    sink.mode = "550 5.1.1"
    with django_capture_on_commit_callbacks(execute=True):
        actions.deliver_due()
    row.refresh_from_db()
    assert row.state == Delivery.State.DROPPED
    assert [(fact["address"].email, fact["recipient"]) for fact in told] == [("gone@example.org", "user:1")]


@pytest.mark.parametrize("answer", ["554 5.7.1", "552 5.2.2"])
def test_a_server_that_refuses_us_does_not_condemn_the_address(kind: MailKind, sink: Sink, answer: str) -> None:
    row = make_delivery()
    sink.mode = answer
    actions.deliver_due()
    row.refresh_from_db()
    assert row.state == Delivery.State.WAITING


def test_an_address_given_for_something_else_is_never_used(sink: Sink) -> None:
    with mail_kind(purpose=Purpose.MARKETING):
        row = make_delivery()
        actions.deliver_due()
    row.refresh_from_db()
    assert row.state == Delivery.State.DROPPED
    assert sink.mails == []


@pytest.mark.parametrize(
    "payload",
    [
        {"name": "Eve\r\nBcc: everybody@example.org"},
        {"name": "Eve<NUL>"},
        {"email": "eve@example.org\nBcc: x@example.org"},
        {"email": "not an address"},
        {"heading": "Hi\r\nBcc: x@example.org"},
    ],
)
def test_a_line_break_in_a_header_is_refused(kind: MailKind, sink: Sink, payload: dict[str, str]) -> None:
    row = make_delivery(payload=payload)
    actions.deliver_due()
    row.refresh_from_db()
    assert row.state == Delivery.State.DROPPED
    assert sink.mails == []


def test_a_name_that_looks_like_an_address_is_quoted(kind: MailKind, sink: Sink) -> None:
    make_delivery(payload={"name": "boss@bank.example", "email": "eve@example.org"})
    actions.deliver_due()
    [mail] = sink.mails
    assert [address.addr_spec for address in mail["To"].addresses] == ["eve@example.org"]
    assert str(mail["To"]) == '"boss@bank.example" <eve@example.org>'


def test_an_optional_mail_carries_one_click_unsubscribe(
    sink: Sink, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "gates", [])  # nobody's preferences stand in the way
    with mail_kind(optional=True):
        make_delivery()
        actions.deliver_due()
    [mail] = sink.mails
    assert mail["List-Unsubscribe"] == f"<{settings.PUBLIC_ORIGIN}/unsubscribe/token/>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_an_optional_mail_without_a_way_out_is_not_sent(sink: Sink) -> None:
    def load(rows: Any) -> dict[int, Letter]:
        return {row.pk: Letter(to=letter_of(row).to, context={"heading": "x"}) for row in rows}

    with mail_kind(optional=True, load=load):
        make_delivery()
        actions.deliver_due()
    assert sink.mails == []
    assert Delivery.objects.get().state == Delivery.State.DROPPED


def test_a_late_row_and_a_row_without_a_letter_are_dropped(sink: Sink) -> None:
    with mail_kind(load=lambda rows: {}):
        make_delivery(key="nobody")
        make_delivery(key="late", expires_at=timezone.now() - timedelta(seconds=1))
        actions.deliver_due()
    reasons = dict(Delivery.objects.values_list("key", "reason"))
    assert reasons == {"nobody": "nothing to send any more", "late": "too late"}
    assert sink.mails == []


def test_a_gate_stops_a_mail_and_the_ledger_does_not_name_it(
    kind: MailKind, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = make_delivery(recipient="user:1")
    make_delivery(recipient="user:2")
    monkeypatch.setattr(registry, "gates", [lambda kind, rows, letters: {stopped.pk: "switched off"}])
    actions.deliver_due()
    stopped.refresh_from_db()
    assert (stopped.state, stopped.reason) == (Delivery.State.DROPPED, "switched off")
    assert len(sink.mails) == 1
    assert Entry.objects.filter(kind=Entry.Kind.DISCLOSURE).count() == 1


def test_the_ledger_names_a_mail_once_however_often_it_is_tried(kind: MailKind, sink: Sink) -> None:
    make_delivery()
    sink.mode = "451"
    actions.deliver_due()
    sink.mode = "ok"
    with later(hours=1):
        actions.deliver_due()
    assert len(sink.mails) == 1
    [entry] = Entry.objects.filter(kind=Entry.Kind.DISCLOSURE)
    assert entry.action == "disclosed.mail"
    assert entry.facts["recipient"] == "mail"
    assert entry.facts["purpose"] == "account"


def test_without_a_ledger_nothing_leaves(kind: MailKind, sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbound, "_writer", None)
    row = make_delivery()
    actions.deliver_due()
    row.refresh_from_db()
    assert (row.state, sink.mails) == (Delivery.State.WAITING, [])


def test_one_bad_row_does_not_stop_its_batch(sink: Sink) -> None:
    def load(rows: Any) -> dict[int, Letter]:
        if any(row.key == "bad" for row in rows):
            raise LookupError
        return load_all(rows)

    with mail_kind(load=load):
        for key in ("a", "bad", "b"):
            make_delivery(key=key)
        actions.deliver_due()
    assert dict(Delivery.objects.values_list("key", "state")) == {"a": "done", "bad": "waiting", "b": "done"}


def test_a_hundred_mails_take_one_connection_and_two_statements_each_at_most(sink: Sink) -> None:
    loads = []

    def load(rows: Any) -> dict[int, Letter]:
        loads.append(len(rows))
        return load_all(rows)

    with mail_kind(load=load):
        actions.enqueue_many([actions.NewDelivery("test.note", "k", f"user:{n}") for n in range(100)])
        with CaptureQueriesContext(connection) as seen:
            assert actions.deliver_due(limit=100) == 100
    assert len(sink.mails) == 100
    assert sink.connections == 1
    assert loads == [100]
    assert len(seen) <= 125


def test_nothing_due_is_one_statement() -> None:
    with CaptureQueriesContext(connection) as seen:
        assert actions.deliver_all() == (0, False)
    assert len(seen) == 1


def test_an_effect_runs_and_is_tried_again_when_it_fails() -> None:
    runs: list[str] = []

    def run(row: Delivery) -> None:
        runs.append(row.key)
        if len(runs) == 1:
            raise OSError

    registry.register(EffectKind(key="test.effect", run=run))
    try:
        row = make_delivery(kind="test.effect")
        actions.deliver_due()
        with later(seconds=31):
            actions.deliver_due()
            actions.deliver_due()
    finally:
        del registry.effects["test.effect"]
    row.refresh_from_db()
    assert (runs, row.state) == (["1", "1"], Delivery.State.DONE)


def test_a_parked_row_is_tried_again_by_hand(kind: MailKind, sink: Sink) -> None:
    row = make_delivery()
    assert actions.park_waiting(reason="restored") == 1
    assert actions.deliver_due() == 0
    assert actions.try_again(deliveries=[row]) == 1
    assert actions.try_again(deliveries=[row]) == 0
    actions.deliver_due()
    assert len(sink.mails) == 1


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_each_mail_once(kind: MailKind, sink: Sink) -> None:
    actions.enqueue_many([actions.NewDelivery(kind.key, "k", f"user:{n}") for n in range(120)])

    def work() -> None:
        try:
            while actions.deliver_due(limit=7):
                pass
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert Counter(mail["To"] for mail in sink.mails).most_common(1)[0][1] == 1
    assert len(sink.mails) == 120
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.DONE}
