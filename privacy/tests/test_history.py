"""The history keeps the worst of each day, the badge counts, and only administrators run the checks by hand."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from core.promises import Outcome
from policies.actions import store_probe_days
from policies.models import ProbeDay, ProbeRun
from policies.proving import prove
from policies.testing import make_policies
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db


def test_one_bad_run_makes_a_bad_day_for_good(client: Client):
    make_policies()
    prove(["no_card_field"])
    store_probe_days(results={"no_card_field": (Outcome.BROKEN, "1 place for a card")})
    prove(["no_card_field"])
    assert ProbeDay.objects.get().result == "broken"
    yesterday = timezone.now() - timedelta(days=1)
    store_probe_days(results={"no_card_field": (Outcome.KEPT, "fine")}, now=yesterday)
    page = client.get("/promises/history/no_card_field/").content.decode()
    assert "kept on 1 of 2 days" in page
    assert "1 place for a card" in page
    table = client.get("/promises/history/").content.decode()
    assert '<span class="sr"> broken</span>' in table
    assert "not run" in table
    assert client.get("/promises/history/nothing/").status_code == 404


def test_days_are_kept_for_400_days():
    old, new = timezone.now() - timedelta(days=402), timezone.now() - timedelta(days=399)
    for day in (old, new):
        store_probe_days(results={"tls": (Outcome.KEPT, "1")}, now=day)
    apply_retention()
    assert [one.day for one in ProbeDay.objects.all()] == [new.date()]


def test_the_badge_says_how_many_are_kept(client: Client):
    make_policies()
    prove(["no_card_field"])
    total = client.get("/promises.json").json()["total"]
    badge = client.get("/promises.svg")
    assert badge.headers["Content-Type"] == "image/svg+xml"
    assert "max-age=300" in badge.headers["Cache-Control"]
    assert f"2 of {total} kept" in badge.content.decode()
    assert "http" not in badge.content.decode().replace("http://www.w3.org/2000/svg", "")


def test_the_page_says_what_is_not_built(client: Client):
    make_policies()
    page = client.get("/promises/").content.decode()
    assert "A blog" in page
    assert "No card for the trial" not in page
    answer = client.get("/promises.json").json()
    assert "S81" in answer["not_built"]
    assert "S12" not in answer["not_built"]
    assert answer["promises"][0]["history"].endswith(f"/promises/history/{answer['promises'][0]['probe']}/")


def test_only_administrators_run_the_checks_by_hand(
    client_of: Any, alice: User, ada: User, sam: User, monkeypatch: pytest.MonkeyPatch
):
    from allauth.mfa.models import Authenticator

    from privacy.views import history

    monkeypatch.setattr(history, "prove", lambda: prove(["no_card_field"]))
    for person in (alice, sam, ada):
        assert client_of(person).post("/promises/run/").status_code == 404
        assert "Run every check now" not in client_of(person).get("/promises/").content.decode()
    assert not ProbeRun.objects.exists()
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "x"})
    assert "Run every check now" in client_of(ada).get("/promises/").content.decode()
    assert client_of(ada).post("/promises/run/").status_code == 302
    assert ProbeRun.objects.get().key == "no_card_field"
