from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Membership
from core import faults
from core.errors import Refused
from notifications.models import Preference
from notifications.testing import switch_on
from outbox.models import Delivery
from reports.actions import plan_day, plan_summaries
from reports.models import SummaryDay
from reports.tasks import plan_summaries as plan_task
from reports.testing import make_companies

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=60)
ZONES = ["UTC", "Europe/Warsaw", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia", "Pacific/Pago_Pago"]


def planned() -> list[tuple[str, str]]:
    return sorted(Delivery.objects.values_list("key", "recipient"))


def next_noon() -> datetime:
    """A time of day at which yesterday is due for accounts in UTC, after whatever the test did just now."""
    return (timezone.now() + timedelta(days=1)).replace(hour=12)


def at(hour: int, minute: int = 0, day: int = 23) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_a_thousand_accounts_in_six_time_zones_take_few_statements_and_a_second_run_adds_none() -> None:
    accounts = make_companies(1000, zones=ZONES, switched_at=LONG_AGO)
    with CaptureQueriesContext(connection) as statements:
        assert plan_summaries(NOON) == 1000
    assert len(statements) <= 5 + 8 * (1000 / 500), [query["sql"][:120] for query in statements.captured_queries]
    assert SummaryDay.objects.count() == Delivery.objects.count() == 1000
    assert {row.key.split(":")[0] for row in Delivery.objects.all()} == {str(account.pk) for account in accounts}
    assert plan_summaries(NOON) == 0
    assert Delivery.objects.count() == 1000


def test_an_idle_tick_takes_two_statements() -> None:
    make_companies(20, zones=ZONES, switched_at=LONG_AGO)
    plan_summaries(NOON)
    with CaptureQueriesContext(connection) as statements:
        assert plan_summaries(NOON + timedelta(minutes=1)) == 0
    assert len(statements) <= 2


def test_a_site_where_nobody_wants_it_takes_one_statement() -> None:
    with CaptureQueriesContext(connection) as statements:
        assert plan_summaries(NOON) == 0
    assert len(statements) == 1


def test_each_zone_gets_the_day_before_at_its_own_seven_o_clock() -> None:
    (warsaw,) = make_companies(1, zones=["Europe/Warsaw"], switched_at=LONG_AGO, name="Warsaw")
    (kathmandu,) = make_companies(1, zones=["Asia/Kathmandu"], switched_at=LONG_AGO, name="Kathmandu")
    plan_summaries(at(1, 14))  # 06:59 in Kathmandu
    first = set(SummaryDay.objects.values_list("account_id", "day"))
    assert (kathmandu.pk, date(2026, 11, 22)) not in first
    plan_summaries(at(1, 15))
    assert (kathmandu.pk, date(2026, 11, 22)) in set(SummaryDay.objects.values_list("account_id", "day"))
    plan_summaries(at(5, 59))
    assert (warsaw.pk, date(2026, 11, 22)) not in set(SummaryDay.objects.values_list("account_id", "day"))
    plan_summaries(at(6, 0))
    assert (warsaw.pk, date(2026, 11, 22)) in set(SummaryDay.objects.values_list("account_id", "day"))


def test_a_day_that_was_missed_is_sent_within_a_day_and_not_later() -> None:
    make_companies(1, switched_at=LONG_AGO)
    plan_summaries(at(6, 59, day=24))
    assert [row.day for row in SummaryDay.objects.all()] == [date(2026, 11, 22)]
    plan_summaries(at(7, 0, day=26))
    assert [row.day for row in SummaryDay.objects.order_by("day")] == [date(2026, 11, 22), date(2026, 11, 25)]


def test_the_mail_of_a_day_expires_a_day_after_it_was_due() -> None:
    make_companies(1, switched_at=LONG_AGO)
    plan_summaries(at(20))
    assert Delivery.objects.get().expires_at == at(7, day=24)


@pytest.mark.parametrize(
    ("zone", "turn"),
    [
        ("Europe/Warsaw", date(2026, 3, 29)),
        ("Europe/Warsaw", date(2026, 10, 25)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("America/St_Johns", date(2026, 11, 1)),
    ],
)
def test_around_a_change_of_clocks_each_local_date_is_planned_once(zone: str, turn: date) -> None:
    start = datetime(turn.year, turn.month, turn.day, 12, tzinfo=UTC) - timedelta(days=4)
    make_companies(1, zones=[zone], switched_at=start - timedelta(days=9))
    for hour in range(8 * 24):
        plan_summaries(start + timedelta(hours=hour))
    days = list(SummaryDay.objects.order_by("day").values_list("day", flat=True))
    assert days == [days[0] + timedelta(days=n) for n in range(len(days))]
    assert turn in days and len(days) >= 8
    assert Delivery.objects.count() == len(days)


def test_the_day_before_yesterday_is_not_for_somebody_who_switched_on_after_midnight(alice_member: Membership) -> None:
    Preference.objects.filter(pk=switch_on(alice_member).pk).update(changed_at=at(0, 30))
    assert plan_summaries(at(3)) == 0
    assert plan_summaries(at(7)) == 1


def test_everybody_of_an_account_who_wants_it_gets_one(alice_member: Membership, bob_member: Membership) -> None:
    switch_on(alice_member)
    switch_on(bob_member)
    plan_summaries(next_noon())
    assert {recipient for _, recipient in planned()} == {f"user:{alice_member.user_id}", f"user:{bob_member.user_id}"}
    assert SummaryDay.objects.get().mails == 2


def test_who_did_not_choose_it_or_chose_it_away_gets_none(alice_member: Membership, bob_member: Membership) -> None:
    switch_on(alice_member)
    Preference.objects.update(is_on=False)
    assert plan_summaries(next_noon()) == 0
    assert planned() == []


def test_who_left_the_account_gets_none(alice_member: Membership, bob_member: Membership) -> None:
    from accounts.actions import remove_member

    switch_on(bob_member)
    remove_member(membership=bob_member, by=alice_member)
    assert plan_summaries(next_noon()) == 0


def test_an_account_whose_trial_ended_before_the_day_gets_none_and_is_not_asked_again() -> None:
    make_companies(1, switched_at=LONG_AGO, trial_ends_at=NOON - timedelta(days=10))
    assert plan_summaries(NOON) == 0
    assert SummaryDay.objects.get().mails == 0


@pytest.mark.parametrize("point", ["reports.after_claim", "reports.after_batch"])
def test_ended_in_the_middle_the_next_run_plans_the_rest_once(point: str, monkeypatch: Any) -> None:
    from reports import actions

    monkeypatch.setattr(actions, "ACCOUNTS_AT_ONCE", 10)
    make_companies(35, zones=ZONES, switched_at=LONG_AGO)
    passed = Counter[str]()

    def fault() -> None:
        passed[point] += 1
        if passed[point] == 2:
            raise SystemExit("the worker ends here")

    monkeypatch.setitem(faults.points, point, fault)
    with pytest.raises(SystemExit):
        plan_summaries(NOON)
    left = Delivery.objects.count()
    assert left == SummaryDay.objects.count() == (10 if point == "reports.after_claim" else 20)
    monkeypatch.delitem(faults.points, point)
    assert plan_summaries(NOON) == 35 - left
    assert Counter(recipient for _, recipient in planned()).most_common(1)[0][1] == 1
    assert len(planned()) == 35


def test_the_task_run_twice_plans_once(alice_member: Membership) -> None:
    switch_on(alice_member)
    with time_machine.travel(next_noon(), tick=False):
        assert plan_task() + plan_task() == 1


def test_a_claim_without_its_outbox_rows_cannot_be(acme: Account, alice_member: Membership, monkeypatch: Any) -> None:
    switch_on(alice_member)

    def fault() -> None:
        raise SystemExit("the worker ends here")

    monkeypatch.setitem(faults.points, "reports.after_claim", fault)
    with pytest.raises(SystemExit):
        plan_summaries(next_noon())
    assert not SummaryDay.objects.exists() and not Delivery.objects.exists()


def test_a_day_planned_by_hand_is_planned_once_and_only_when_it_is_over(
    acme: Account, alice_member: Membership
) -> None:
    switch_on(alice_member)
    day = date(2026, 3, 2)
    assert plan_day(account=acme, day=day) == 1
    with pytest.raises(Refused, match="taken"):
        plan_day(account=acme, day=day)
    with pytest.raises(Refused, match="not_over"):
        plan_day(account=acme, day=datetime.now(UTC).date())
    assert len(planned()) == 1
