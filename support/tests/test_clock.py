"""Due times in opening hours, warnings before and alarms after, and what closes by itself."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from operators.hours import make_hours
from outbox.models import Delivery
from support.actions import clock, desk, settings
from support.deadlines import add_open_time, open_time_between
from support.models import SupportRequest
from support.testing import make_answer, make_reply, make_request

WEEK = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
HOUR = timedelta(hours=1)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def test_open_time_jumps_over_nights_weekends_and_holidays():
    hours = make_hours("UTC", WEEK, [{"date": "2026-11-24", "name": ""}])
    assert add_open_time(hours, at("2026-11-23T10:00"), 2 * HOUR) == at("2026-11-23T12:00")
    assert add_open_time(hours, at("2026-11-23T16:00"), 2 * HOUR) == at("2026-11-25T10:00")
    assert add_open_time(hours, at("2026-11-28T12:00"), HOUR) == at("2026-11-30T10:00")
    assert add_open_time(hours, at("2026-11-23T09:00"), 32 * HOUR) == at("2026-11-27T17:00")


def test_the_open_time_between_two_moments_is_what_was_added():
    hours = make_hours("Europe/Berlin", WEEK, [])
    for start in ("2026-03-27T15:30", "2026-10-23T16:59", "2026-12-31T03:00"):
        begin = at(start, "Europe/Berlin")
        for length in (timedelta(minutes=1), 3 * HOUR, 41 * HOUR, 300 * HOUR):
            assert open_time_between(hours, begin, add_open_time(hours, begin, length)) == length, (start, length)


def test_a_desk_that_never_opens_counts_every_hour():
    assert add_open_time(make_hours("UTC", {}, []), at("2026-11-23T10:00"), HOUR) == at("2026-11-23T11:00")


@pytest.fixture
def always_open(nik):
    week = {day: [["00:00", "24:00"]] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    targets = {"low": (60, 600), "normal": (60, 600), "high": (30, 300), "urgent": (10, 100)}
    return settings.save_hours(zone="UTC", week=week, holidays=[], targets=targets, agent=nik)


@pytest.mark.django_db
class TestClock:
    def test_the_first_answer_is_due_then_the_solution(self, always_open, nik):
        request = make_request()
        assert request.due_at == request.created_at + HOUR
        make_answer(request, nik, status="open")
        request.refresh_from_db()
        assert request.due_at == request.created_at + 10 * HOUR

    def test_while_the_requester_thinks_the_clock_stands(self, always_open, nik):
        request = make_request()
        make_answer(request, nik)
        request.refresh_from_db()
        assert request.due_at is None and request.resolve_left == pytest.approx(36000, abs=30)
        SupportRequest.objects.filter(pk=request.pk).update(resolve_left=7200)
        make_reply(request)
        request.refresh_from_db()
        assert (request.due_at - request.since).total_seconds() == pytest.approx(7200, abs=5)

    def test_another_priority_moves_the_due_time(self, always_open, nik):
        request = make_request()
        desk.change_requests(requests=[request], agent=nik, changes=desk.Changes(priority="urgent"))
        request.refresh_from_db()
        assert request.due_at == request.created_at + timedelta(minutes=10)

    def test_personal_data_has_thirty_days_that_do_not_pause(self, always_open, nik):
        request = make_request(kind="privacy")
        make_answer(request, nik)
        make_reply(request)
        request.refresh_from_db()
        assert request.due_at == request.created_at + timedelta(days=30)

    def test_agents_are_warned_once_and_alarmed_once(self, always_open, nik):
        request = make_request()
        soon, late = request.due_at - timedelta(minutes=30), request.due_at + timedelta(minutes=1)
        assert [clock.warn_due(now=moment) for moment in (soon, soon, late, late)] == [1, 0, 1, 0]
        told = Delivery.objects.filter(recipient=f"user:{nik.pk}", kind__in=("support_due", "support_late"))
        kinds = told.values_list("kind", flat=True)
        assert sorted(kinds) == ["support_due", "support_late"]

    def test_nobody_is_warned_of_what_waits_for_its_requester(self, always_open, nik):
        request = make_request()
        make_answer(request, nik)
        assert clock.warn_due(now=request.created_at + timedelta(days=2)) == 0

    def test_solved_closes_after_a_week_and_silence_solves_after_two(self, nik):
        solved, silent = make_request(), make_request()
        make_answer(solved, nik, status="solved")
        make_answer(silent, nik)
        now = SupportRequest.objects.get(pk=silent.pk).since
        assert clock.close_old(now=now + timedelta(days=6)) == 0
        assert clock.close_old(now=now + timedelta(days=7, minutes=1)) == 1
        assert clock.close_old(now=now + timedelta(days=14, minutes=1)) == 1
        states = {one.pk: one.status for one in SupportRequest.objects.all()}
        assert states == {solved.pk: "closed", silent.pk: "solved"}
        assert Delivery.objects.filter(kind="support_solved").count() == 1
        assert clock.close_old(now=now + timedelta(days=14, minutes=2)) == 0
