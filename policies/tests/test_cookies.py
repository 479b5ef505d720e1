"""The page of cookie choices: one cookie of ours, equal buttons, and the browser's own no."""

import datetime

import pytest
from django.test import Client
from django.utils import timezone

from core.consent import COOKIE
from core.outbound import registry

pytestmark = [pytest.mark.django_db, pytest.mark.promise("choice_obeyed")]


def choose(client: Client, **body: str) -> str:
    assert client.post("/cookies/", body).status_code == 302
    return client.cookies[COOKIE].value


def allowed(client: Client, **headers: str) -> list[str]:
    return client.get("/cookies/receipt.json", headers=headers).json()["allowed"]


def test_only_what_is_needed_is_on_until_somebody_chooses(client: Client):
    assert allowed(client) == ["needed"]
    page = client.get("/cookies/").content.decode()
    assert "You have not chosen yet." in page
    assert all(name in page for name in registry.cookies)
    assert page.count('class="btn btn-l"') == 2  # "Only needed" is as large as "Allow all"
    assert set(client.cookies) <= set(registry.cookies)


def test_a_choice_is_kept_in_one_cookie_and_can_be_taken_back(client: Client):
    assert choose(client, choice="save", statistics="on").startswith("statistics.")
    assert allowed(client) == ["needed", "statistics"]
    client.cookies["theme"] = "dark"
    assert 'data-theme="dark"' not in client.get("/").content.decode()  # Comfort was refused
    choose(client, choice="needed")
    assert client.cookies["theme"].value == ""
    assert allowed(client) == ["needed"]
    assert "only needed" in client.get("/cookies/").content.decode()
    choose(client, choice="all")
    assert allowed(client) == ["needed", "comfort", "statistics", "social"]


@pytest.mark.parametrize("signal", ["Sec-GPC", "DNT"])
def test_the_no_of_the_browser_is_stronger_than_allow_all(client: Client, signal: str):
    choose(client, choice="all")
    assert allowed(client, **{signal: "1"}) == ["needed", "comfort"]
    client.post("/cookies/", {"choice": "all"}, headers={signal: "1"})
    assert client.cookies[COOKIE].value.startswith("comfort.")
    assert "stay off" in client.get("/cookies/", headers={signal: "1"}).content.decode()


@pytest.mark.parametrize("value", ["comfort", "spy.2026-01-01", "needed.2999-01-01", "social.x", "me-12.1999-01-01"])
def test_a_cookie_that_is_not_ours_is_no_choice(client: Client, value: str):
    client.cookies[COOKIE] = value
    assert allowed(client) == ["needed"]


def test_after_six_months_the_choice_is_asked_again(client: Client):
    old = timezone.now().date() - datetime.timedelta(days=183)
    client.cookies[COOKIE] = f"statistics.{old}"
    assert allowed(client) == ["needed"]


def test_a_browser_without_cookies_is_told(client: Client):
    assert "keeps no cookie" in client.get("/cookies/?saved=1").content.decode()
