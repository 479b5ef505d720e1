"""Counts of pages and of the app: only after a yes, nobody can be found again, small counts stay hidden."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from analytics.actions import count_measure, count_view
from analytics.models import MeasureDay, PageDay
from analytics.queries import list_measures, list_pages
from core.errors import Refused
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db
PEOPLE = [("203.0.113.7", "Firefox"), ("198.51.100.9", "Safari")]


def read(page: str, who: int, **headers: str) -> Any:
    """The person `who` opens a page after saying yes to everything."""
    address, browser = PEOPLE[who]
    client = Client(REMOTE_ADDR=address, headers={"User-Agent": browser, **headers})
    client.post("/cookies/", {"choice": "all"})
    return client.get("/b.gif", {"p": page})


def tables() -> list[Any]:
    """Everything that the database holds of it, but for the numbers of the rows."""
    rows = [*PageDay.objects.order_by("page").values(), *MeasureDay.objects.order_by("pk").values()]
    return [tuple(value for name, value in row.items() if name != "id") for row in rows]


def test_the_gif_counts_only_after_a_yes(client: Client):
    assert "/b.gif" not in client.get("/cookies/").content.decode()
    answer = client.get("/b.gif", {"p": "landing"})
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/gif", "no-store")
    assert not answer.cookies
    read("landing", 0, DNT="1")
    read("no-such-page", 0)
    assert not PageDay.objects.exists()
    client.post("/cookies/", {"choice": "save", "statistics": "on"})
    assert "/b.gif?p=policies%3Acookies" in client.get("/cookies/").content.decode()
    for _time in range(2):
        client.get("/b.gif", {"p": "policies:cookies"})
    assert [(one.page, one.views, one.readers) for one in PageDay.objects.all()] == [("policies:cookies", 2, 1)]
    client.post("/cookies/", {"choice": "needed"})
    client.get("/b.gif", {"p": "policies:cookies"})
    assert PageDay.objects.get().views == 2


@pytest.mark.promise("counts_lead_to_nobody")
def test_whoever_knows_everything_cannot_find_a_reader_again():
    """The attacker has the tables, all keys and both addresses: with the people exchanged, nothing looks different."""
    found = []
    for first, second in ((0, 1), (1, 0)):
        PageDay.objects.all().delete()
        cache.clear()
        for page, who in (("policies:policy", first), ("policies:policy", first), ("policies:terms", second)):
            read(page, who)
        found.append(tables())
    assert found[0] == found[1]
    assert [one[2:] for one in found[0]] == [(2, 1), (1, 1)]
    salt = cache.get(f"analytics:salt:{timezone.now().date()}")
    cache.clear()  # midnight: the salt is thrown away, and the next one is another
    read("policies:policy", 0)
    assert cache.get(f"analytics:salt:{timezone.now().date()}") not in (None, salt)
    assert salt not in str(tables())


def test_counts_below_five_are_not_shown(client_of: Any, pia: User, alice: User):
    for number in range(5):
        count_view(page="policies:policy", address=f"203.0.113.{number}", browser="x")
        count_measure(measure="performance", name="start", value=100 * number)
    count_view(page="policies:terms", address="203.0.113.1", browser="x")
    count_measure(measure="source", name="other")
    assert [(one.page, one.readers) for one in list_pages()] == [("policies:policy", 5), ("policies:terms", None)]
    assert [(one.times, one.mean) for one in list_measures()] == [(5, 200), (None, None)]
    page = client_of(pia).get("/privacy/figures/").content.decode()
    assert page.count("fewer than 5") == 3
    assert client_of(alice).get("/privacy/figures/").status_code == 404


@pytest.mark.parametrize(
    ("measure", "name", "value"),
    [("location", "opened", 0), ("events", "user-12", 0), ("frequency", "opened", -1), ("performance", "start", 10**7)],
)
def test_only_the_five_measures_are_taken(client: Client, measure: str, name: str, value: int):
    with pytest.raises(Refused):
        count_measure(measure=measure, name=name, value=value)
    assert client.post("/b/app/", {"measure": measure, "name": name, "value": str(value)}).status_code == 400
    assert client.post("/b/app/", {"measure": "frequency", "name": "opened"}).status_code == 204
    client.post("/b/app/", {"measure": "frequency", "name": "opened"}, headers={"Sec-GPC": "1"})
    assert tables() == [(timezone.now().date(), "frequency", "opened", 1, 0)]


def test_old_counts_are_deleted():
    day = timezone.now().date()
    PageDay.objects.create(day=day - timedelta(days=401), page="landing", views=1, readers=1)
    PageDay.objects.create(day=day - timedelta(days=399), page="landing", views=1, readers=1)
    assert apply_retention()["analytics.PageDay"] == 1
    assert PageDay.objects.count() == 1
