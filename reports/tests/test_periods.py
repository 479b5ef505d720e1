from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.periods import due_at, find_due_day, list_due_days, period_of

ZONES = [
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
    "America/St_Johns",
    "Pacific/Apia",
    "Europe/Warsaw",
    "America/Sao_Paulo",
]
FIRST = date(2026, 1, 1)
DAYS = 730


@pytest.mark.parametrize("name", ZONES)
def test_two_years_of_days_follow_each_other_without_hole_or_overlap(name: str) -> None:
    zone = ZoneInfo(name)
    for n in range(DAYS):
        today, tomorrow = (period_of(FIRST + timedelta(days=n + k), zone) for k in (0, 1))
        assert today.start < today.end == tomorrow.start
        assert today.end - today.start in {timedelta(hours=h) for h in (23, 23.5, 24, 24.5, 25)}


@pytest.mark.parametrize("name", ZONES)
@given(moment=st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 30)))
@settings(max_examples=60, deadline=None)
def test_each_moment_lies_in_the_period_of_its_local_date_and_in_no_other(name: str, moment: datetime) -> None:
    zone, moment = ZoneInfo(name), moment.replace(tzinfo=UTC)
    day = moment.astimezone(zone).date()
    holders = [n for n in (-1, 0, 1) if (p := period_of(day + timedelta(days=n), zone)).start <= moment < p.end]
    assert holders == [0]


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 5, 14), 24)])
def test_warsaw_days_have_the_hours_that_clocks_show(day: date, hours: int) -> None:
    period = period_of(day, ZoneInfo("Europe/Warsaw"))
    assert period.end - period.start == timedelta(hours=hours)


def test_lord_howe_turns_its_clocks_by_half_an_hour() -> None:
    lengths = {(p.end - p.start) for n in range(365) if (p := period_of(FIRST + timedelta(days=n), ZoneInfo(ZONES[0])))}
    assert lengths == {timedelta(hours=23.5), timedelta(hours=24), timedelta(hours=24.5)}


def test_a_day_that_begins_with_a_jump_begins_with_the_jump() -> None:
    period = period_of(date(2026, 4, 24), ZoneInfo("Africa/Cairo"))  # 00:00 becomes 01:00
    assert period.start == datetime(2026, 4, 23, 22, tzinfo=UTC)
    assert period.end - period.start == timedelta(hours=23)


def test_a_day_that_never_was_is_empty_and_hides_nothing() -> None:
    apia = ZoneInfo("Pacific/Apia")  # 30 December 2011 was left out
    left_out = period_of(date(2011, 12, 30), apia)
    assert left_out.start == left_out.end == period_of(date(2011, 12, 31), apia).start


@pytest.mark.parametrize("name", ZONES)
def test_seven_in_the_morning_is_when_a_day_becomes_due(name: str) -> None:
    zone = ZoneInfo(name)
    for n in range(0, DAYS, 7):
        day = FIRST + timedelta(days=n)
        moment = due_at(day, zone)
        assert moment.astimezone(zone).strftime("%H:%M") == "07:00"
        before, now = find_due_day(moment - timedelta(seconds=1), zone), find_due_day(moment, zone)
        assert before is None or before.day == day - timedelta(days=1)
        assert now is not None and now.day == day


@pytest.mark.parametrize("name", ZONES)
def test_looked_at_each_hour_every_day_becomes_due_and_none_comes_back(name: str) -> None:
    zone, seen = ZoneInfo(name), []
    moment = datetime(2026, 1, 2, 12, tzinfo=UTC)
    while moment < datetime(2028, 1, 1, tzinfo=UTC):
        due = find_due_day(moment, zone)
        if due and due.day not in seen[-2:]:
            seen.append(due.day)
        moment += timedelta(hours=1)
    assert seen == [seen[0] + timedelta(days=n) for n in range(len(seen))]
    assert len(seen) >= DAYS - 3


def test_a_zone_that_this_machine_does_not_know_is_read_as_utc() -> None:
    noon = datetime(2026, 5, 14, 12, tzinfo=UTC)
    assert list_due_days(noon, ["Mars/Olympus"])["Mars/Olympus"].day == date(2026, 5, 13)
