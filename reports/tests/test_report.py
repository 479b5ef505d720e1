"""The reports page: what it counts, in whose days, for whom, and what can be downloaded."""

import csv
import io
import re
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.scoping import account_scope
from chat.actions import tags
from chat.testing import make_chat, make_operator
from facts.actions import NewFact, record
from facts.models import Kind
from operators.actions import import_states
from operators.hours import make_hours
from reports.charts import Chart, Series, draw_bars, draw_lines, nice_time_top, nice_top
from reports.coverage import cover
from reports.testing import make_day

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)
    return NOON


@pytest.fixture
def figures(acme: Any, alice_member: Any, bob_member: Any, today: datetime) -> Any:
    """Three days ago alice had 3 good chats, the day before yesterday bob 2 bad ones, yesterday 2 gave up."""
    alice, bob = make_operator(alice_member), make_operator(bob_member)
    make_day(acme, NOON - timedelta(days=3), chats=3, rating="good", operator=alice, wait=20)
    make_day(acme, NOON - timedelta(days=2), chats=2, rating="bad", operator=bob, wait=60)
    make_day(acme, NOON - timedelta(days=1), chats=2, accepted=False)
    return acme


def proved(client: Any) -> Any:
    """A browser in which the password was just typed."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return client


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.content.decode()))


@pytest.mark.promise("figures_per_operator")
def test_the_overview_says_how_the_chats_went(client_of: Any, alice: Any, figures: Any) -> None:
    said = text_of(client_of(alice).get("/app/reports/"))
    assert "Chats 7" in said
    assert "Rated good 60% of 5 ratings" in said
    assert "Gave up waiting 2" in said
    assert re.search(r"Median wait (19|20|21) s", said)
    assert "Alice Example 3" in said
    assert "Bob Builder 2" in said


@pytest.mark.promise("figures_per_operator")
def test_every_chart_is_a_table_too_and_says_what_it_shows(client_of: Any, alice: Any, figures: Any) -> None:
    html = client_of(alice).get("/app/reports/?days=7").content.decode()
    drawings = re.findall(r'<svg viewBox="0 0 1000 200"[^>]*>', html)
    assert len(drawings) == html.count("Show as a table") == 3
    assert all(re.search(r'role="img" aria-label="[^"]{20,}"', one) for one in drawings)
    assert "Between 0 on" in html
    assert re.search(r"<th scope=\"row\">Tue 17 Nov</th><td class=\"n\">3</td>", html)


@pytest.mark.parametrize(
    ("asked", "chats"),
    [("days=today", 0), ("days=yesterday", 2), ("days=7", 7), ("days=own&since=2026-11-17&until=2026-11-18", 5),
     ("days=own&since=2026-11-18&until=2026-11-17", 5), ("days=own&since=nonsense", 0), ("days=nonsense", 7),
     ("days=own&since=0001-01-01&until=9999-12-31", 7)],
)  # fmt: skip
def test_a_period_is_days_of_the_account(client_of: Any, alice: Any, figures: Any, asked: str, chats: int) -> None:
    page = client_of(alice).get(f"/app/reports/?{asked}")
    assert page.status_code == 200
    assert page.context["figures"].chats == chats


@pytest.mark.promise("figures_per_operator")
def test_one_operator_one_group_and_one_tag_can_be_looked_at(
    client_of: Any, alice: Any, alice_member: Any, figures: Any, acme: Any, today: datetime
) -> None:
    operator = make_operator(alice_member)
    client = client_of(alice)
    assert client.get(f"/app/reports/?operator={operator.pk}").context["figures"].chats == 3
    chat = make_chat(acme, operator=operator)
    with account_scope(acme):
        tags.tag_chat(operator=operator, chat_pk=chat.pk, name="Order")
        tag = chat.tagged.get().tag
    assert client.get(f"/app/reports/?tag={tag.pk}").context["figures"].chats == 1
    assert client.get("/app/reports/?group=999&operator=x&tag=0").context["figures"].chats == 8


def test_an_account_without_chats_is_told_what_will_be_here(client_of: Any, alice: Any, acme: Any) -> None:
    assert "No chat in these days" in text_of(client_of(alice).get("/app/reports/"))


def test_the_report_takes_six_statements_for_few_and_for_many(
    client_of: Any, alice: Any, alice_member: Any, acme: Any, today: datetime
) -> None:
    client, operator = client_of(alice), make_operator(alice_member)

    def statements(path: str) -> list[str]:
        client.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return [query["sql"] for query in seen if not query["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE"))]

    counts = {}
    for chats in (2, 9):
        make_day(acme, NOON - timedelta(days=chats), chats=chats, operator=operator, rating="good")
        for path in ("/app/reports/", "/app/reports/operators/", "/app/reports/goals/"):
            counts.setdefault(path, []).append(len(statements(path)))
    # four of them are of every page: the session, the person, the membership, and how many wait
    assert counts == {"/app/reports/": [6, 6], "/app/reports/operators/": [6, 6], "/app/reports/goals/": [7, 7]}


@pytest.mark.promise("figures_per_operator")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_download_holds_no_formula(client_of: Any, alice: Any, figures: Any, acme: Any, kind: str) -> None:
    with account_scope(acme):
        acme_operator = make_operator(alice.memberships.select_related("account", "user").get())
        type(acme_operator).objects.filter(pk=acme_operator.pk).update(display_name="=HYPERLINK(1)")
    answer = proved(client_of(alice)).get(f"/app/reports/download/operators.{kind}?days=7")
    assert answer.status_code == 200
    body = b"".join(answer.streaming_content)
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))
        assert rows[1][:2] == ["'=HYPERLINK(1)", "3"]
    else:
        from openpyxl import load_workbook

        cell = load_workbook(io.BytesIO(body)).active["A2"]
        assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")
    assert proved(client_of(alice)).get("/app/reports/download/nothing.csv").status_code == 404


def test_operators_read_reports_and_download_nothing(client_of: Any, bob: Any, figures: Any) -> None:
    client = client_of(bob)
    page = client.get("/app/reports/")
    assert page.status_code == 200
    assert "/app/reports/download/" not in page.content.decode()
    assert client.get("/app/reports/download/days.csv").status_code == 404
    assert client.get("/app/settings/goals/").status_code == 404


def test_a_change_of_days_is_not_an_hour_off(client_of: Any, alice: Any, acme: Any, monkeypatch: Any) -> None:
    """Warsaw, the last Sunday of October: 25 hours, of which the third comes twice."""
    type(acme).objects.filter(pk=acme.pk).update(time_zone="Europe/Warsaw")
    acme.refresh_from_db()
    monkeypatch.setattr("django.utils.timezone.now", lambda: datetime(2026, 10, 26, 12, tzinfo=UTC))
    moments = ["2026-10-24T21:59", "2026-10-24T22:00", "2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T22:59",
               "2026-10-25T23:00"]  # fmt: skip
    facts = [NewFact(Kind.STARTED, datetime.fromisoformat(f"{one}+00:00")) for one in moments]
    record(account=acme, facts=facts)
    figures = client_of(alice).get("/app/reports/?days=own&since=2026-10-25&until=2026-10-25").context["figures"]
    assert figures.chats == 4
    assert figures.sums.by_hour[2] == 2


# ---- who was there ------------------------------------------------------------------------------------------
def test_states_become_hours_and_hours_of_the_week() -> None:
    day = date(2026, 10, 25)  # 25 hours
    at = datetime(2026, 10, 24, 22, tzinfo=UTC)
    states = [
        (1, "offline", at - timedelta(days=1)), (1, "accepting", at + timedelta(hours=1, minutes=20)),
        (1, "away", at + timedelta(hours=5)), (2, "accepting", at - timedelta(hours=3)),
        (2, "offline", at + timedelta(minutes=40)),
    ]  # fmt: skip
    found = cover(states, [day], WARSAW, hours=None, now=at + timedelta(days=9))
    assert found.seconds == {1: {"accepting": 13_200.0, "away": 72_000.0}, 2: {"accepting": 2_400.0}}
    assert found.hours == 25
    assert found.opened[6, 2] == 2
    assert found.covered == {(6, 0): 1, (6, 1): 1, (6, 2): 2, (6, 3): 1}
    assert (found.span, found.busy_span) == (range(24), range(4))


def test_only_opening_hours_count_where_there_are_some() -> None:
    monday = date(2026, 11, 16)
    hours = make_hours(
        "Europe/Warsaw", {"mon": [["09:00", "12:30"]], "sun": [["22:00", "02:00"]], "tue": [["09:00", "10:00"]]},
        [{"date": "2026-11-17", "name": "Holiday"}],
    )  # fmt: skip
    start = datetime(2026, 11, 15, 23, tzinfo=UTC)
    states = [(1, "accepting", start + timedelta(hours=9))]
    days = [monday, monday + timedelta(days=1)]
    found = cover(states, days, WARSAW, hours=hours, now=start + timedelta(days=9))
    assert sorted(found.opened) == [(0, 0), (0, 1), (0, 9), (0, 10), (0, 11), (0, 12)]
    assert found.hours_covered == 4


@pytest.mark.promise("figures_per_operator")
def test_the_hours_of_operators_stand_on_their_page(
    client_of: Any, alice: Any, alice_member: Any, acme: Any, today: datetime
) -> None:
    operator = make_operator(alice_member)
    with account_scope(acme):
        import_states(
            operator=operator,
            states=[(NOON - timedelta(days=2), "accepting"), (NOON - timedelta(days=2, hours=-6), "offline")],
        )
    make_day(acme, NOON - timedelta(days=2), chats=1, operator=operator)
    assert "6.0 h" in text_of(client_of(alice).get("/app/reports/operators/?days=7&sort=accepting"))


# ---- drawings ----------------------------------------------------------------------------------------------
def test_an_axis_ends_at_round_numbers() -> None:
    assert [nice_top(most) for most in (0, 3, 4, 7, 33, 48, 486)] == [4, 4, 4, 8, 40, 60, 600]
    assert nice_top(71_000, 1_000) == 80_000
    tops = [nice_time_top(1_000 * most) for most in (0, 40, 91, 130, 500, 20_000)]
    assert tops == [4_000, 40_000, 120_000, 240_000, 720_000, 28_800_000]  # steps of 1, 10, 30, 60, 180 s and 2 h


def test_bars_stand_on_each_other_and_a_gap_is_no_zero() -> None:
    bars = Chart("x", "X", "", (), (), series=[Series("a", "bar-1", [2, 0]), Series("b", "bar-2", [2, 4])])
    draw_bars(bars, str)
    assert [(bar.mark, bar.y, bar.height) for bar in bars.bars] == [
        ("bar-1", "100.0", "100.0"), ("bar-2", "0.0", "100.0"), ("bar-2", "0.0", "200.0"),
    ]  # fmt: skip
    lines = draw_lines(Chart("x", "X", "", (), (), series=[Series("a", "line-1", [4, None, 2])]), str)
    assert lines.lines == [("line-1", "M0.0 0.0h20.0M1000.0 100.0h-20.0")], "a day alone is a dash inside the plot"
    whole = draw_lines(Chart("x", "X", "", (), (), series=[Series("a", "line-1", [4, 2, None])]), str)
    assert whole.lines == [("line-1", "M0.0 0.0L500.0 100.0")]
