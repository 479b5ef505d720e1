"""Opening hours: several spans a day, midnight, holidays, both changes of the clock."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from operators.hours import DAYS, find_span, is_open_at, make_hours, next_opening, read_spans, say_spans

OFFICE = {day: [["09:00", "12:00"], ["13:00", "17:00"]] for day in DAYS[:5]}


def warsaw(week: dict[str, list[list[str]]], *holidays: str):  # type: ignore[no-untyped-def]
    return make_hours("Europe/Warsaw", week, [{"date": day, "name": ""} for day in holidays])


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_a_day_with_a_pause_is_closed_at_noon():
    hours = warsaw(OFFICE)
    monday = "2026-11-23"  # 09:00 in Warsaw is 08:00 UTC
    for clock, is_open in {
        "07:59": False,
        "08:00": True,
        "10:59": True,
        "11:00": False,
        "12:00": True,
        "16:00": False,
    }.items():
        assert is_open_at(hours, utc(f"{monday} {clock}")) is is_open, clock
    assert next_opening(hours, utc(f"{monday} 11:30")) == utc(f"{monday} 12:00")
    assert next_opening(hours, utc(f"{monday} 12:30")) is None  # it is open


def test_after_friday_it_opens_on_monday_and_after_a_holiday_on_the_day_after():
    assert next_opening(warsaw(OFFICE), utc("2026-11-27 16:30")) == utc("2026-11-30 08:00")
    assert next_opening(warsaw(OFFICE, "2026-11-30"), utc("2026-11-27 16:30")) == utc("2026-12-01 08:00")


def test_a_night_ends_on_the_next_day_and_a_holiday_cuts_it_at_midnight():
    night = {"fri": [["22:00", "02:00"]]}
    assert is_open_at(warsaw(night), utc("2026-11-28 00:30"))  # Saturday, 01:30
    assert not is_open_at(warsaw(night), utc("2026-11-28 01:00"))
    assert not is_open_at(warsaw(night, "2026-11-28"), utc("2026-11-27 23:00"))  # Saturday, 00:00
    assert not is_open_at(warsaw(night, "2026-11-27"), utc("2026-11-27 22:00"))


def test_days_that_meet_at_midnight_are_one_stretch():
    always = warsaw({day: [["00:00", "24:00"]] for day in DAYS})
    span = find_span(always, utc("2026-11-25 10:00"))
    assert span is not None and span.end - span.start > timedelta(days=14)
    assert next_opening(always, utc("2026-11-25 10:00")) is None


def test_who_never_opens_has_no_next_opening():
    assert next_opening(warsaw({}), utc("2026-11-25 10:00")) is None


def test_an_hour_that_the_clock_jumps_over_opens_at_the_jump():
    sunday = warsaw({"sun": [["02:30", "05:00"]]})  # 2026-03-29: 02:00 becomes 03:00, at 01:00 UTC
    assert next_opening(sunday, utc("2026-03-29 00:30")) == utc("2026-03-29 01:00")
    assert find_span(sunday, utc("2026-03-29 02:00")).end == utc("2026-03-29 03:00")  # type: ignore[union-attr]
    gap = warsaw({"sun": [["02:10", "02:50"]]})
    assert next_opening(gap, utc("2026-03-28 12:00")) == utc("2026-04-05 00:10")


def test_an_hour_that_exists_twice_is_open_both_times():
    sunday = warsaw({"sun": [["02:15", "02:45"]]})  # 2026-10-25: 03:00 becomes 02:00, at 01:00 UTC
    span = find_span(sunday, utc("2026-10-25 00:30"))
    assert span is not None and (span.start, span.end) == (utc("2026-10-25 00:15"), utc("2026-10-25 01:45"))


@pytest.mark.parametrize("zone", ["Europe/Warsaw", "Australia/Lord_Howe", "America/St_Johns", "Asia/Kathmandu"])
def test_a_whole_year_of_nine_to_five_opens_once_a_working_day(zone: str):
    hours = make_hours(zone, {day: [["09:00", "17:00"]] for day in DAYS[:5]}, [])
    at, openings = utc("2026-01-03 12:00"), []  # a Saturday everywhere
    while (opens := next_opening(hours, at)) is not None and opens < utc("2027-01-01 00:00"):
        openings.append(opens.astimezone(hours.zone))
        span = find_span(hours, opens)
        assert span is not None and span.end - span.start == timedelta(hours=8)
        at = span.end
    working = sum((date(2026, 1, 3) + timedelta(days=n)).weekday() < 5 for n in range(363))
    assert abs(len(openings) - working) <= 1
    assert {(one.hour, one.minute) for one in openings} == {(9, 0)}


@settings(max_examples=150, deadline=None)
@given(
    minutes=st.lists(st.tuples(st.integers(0, 1439), st.integers(1, 1440)), max_size=3),
    day=st.sampled_from(DAYS),
    at=st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)
def test_just_before_the_next_opening_it_is_closed_and_then_it_is_open(
    minutes: list[tuple[int, int]], day: str, at: datetime
):
    text = ", ".join(f"{a // 60:02d}:{a % 60:02d}-{b // 60:02d}:{b % 60:02d}" for a, b in minutes)
    try:
        spans = read_spans(text)
    except ValueError:
        return
    assert read_spans(say_spans(spans)) == spans
    hours, moment = warsaw({day: spans}), at.replace(tzinfo=UTC)
    opens = next_opening(hours, moment)
    if opens is not None:
        assert opens > moment and is_open_at(hours, opens)
        assert not is_open_at(hours, opens - timedelta(seconds=1))
    else:
        assert is_open_at(hours, moment) or not spans


def test_hours_are_read_as_people_write_them():
    assert read_spans("9-12, 13:00 to 17.30") == [["09:00", "12:00"], ["13:00", "17:30"]]
    assert read_spans(" ") == []
    assert read_spans("22:00–02:00") == [["22:00", "02:00"]]
    for wrong in ("nine to five", "25:00-26:00", "09:00", "9:75-10", "9-9"):
        with pytest.raises(ValueError, match=".+"):
            read_spans(wrong)
    with pytest.raises(ValueError, match="^$"):
        read_spans("09:00-12:00, 11:00-13:00")
