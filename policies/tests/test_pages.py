"""The pages of policy and terms: dates, versions for good, the difference, checks, acceptance."""

import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from policies.actions import mark_told, publish_version
from policies.models import Acceptance
from policies.proving import prove
from policies.testing import make_policies, make_version

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.mark.parametrize("kind", ["policy", "terms"])
def test_the_text_in_force_shows_both_dates_and_its_sentences(client: Client, kind: str):
    version = make_policies()[kind]
    page = client.get(f"/{kind}/").content.decode()
    assert f"<h1>{version.title}</h1>" in page
    assert "applies since" in page
    assert "last edited on" in page
    assert f"{version.edited_at:%-d %B %Y}" in page
    for sentence in version.sentences.all():
        assert f'id="{sentence.ident}"' in page


def test_every_version_keeps_its_address_and_says_whether_it_applies(client: Client):
    make_version("One.")
    make_version("Two.")
    make_version("Three.", effective_at=timezone.now() + 20 * DAY, material=True)
    assert "This version applies no longer." in client.get("/policy/versions/1/").content.decode()
    assert "Two." in client.get("/policy/").content.decode()
    assert "This version does not apply yet." in client.get("/policy/versions/3/").content.decode()
    assert client.get("/policy/versions/4/").status_code == 404


def test_the_difference_of_any_two_versions_is_public(client: Client):
    make_version("keep: Addresses are kept for 90 days.")
    make_version("keep: Addresses are kept for 30 days.")
    page = client.get("/policy/diff/1/2/").content.decode()
    assert "<del>90</del>" in page
    assert "<ins>30</ins>" in page
    assert client.get("/policy/diff/?from=1&to=2").headers["Location"] == "/policy/diff/1/2/"
    assert client.get("/policy/diff/?from=x&to=2").status_code == 404
    assert "The whole of version 1" in client.get("/policy/diff/0/1/").content.decode()


def test_checks_stand_at_each_sentence(client: Client):
    make_policies()
    prove(["no_card_field"])
    page = client.get("/policy/versions/1/checks/").content.decode()
    assert "0 places for a card" in page
    assert "No check: It says what our words mean." in page
    assert "no result yet" in page


def test_a_person_accepts_the_version_that_the_page_showed(client: Client):
    person = User.objects.create(email="pat@specimen.example", name="Pat")
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    first = make_version("One.")
    assert "Accept version 1" in client.get("/policy/").content.decode()
    client.post("/policy/accept/", {"number": "7"})
    assert not Acceptance.objects.exists()
    answer = client.post("/policy/accept/", {"number": "1", "next": "https://evil.specimen.example/"})
    assert answer.headers["Location"] == "/policy/"
    stored = Acceptance.objects.get()
    assert (stored.user, stored.version, stored.text_hash, stored.channel) == (person, first, first.text_hash, "site")
    page = client.get("/policy/").content.decode()
    assert "you accepted it on" in page
    assert "Accept version 1" not in page


def test_a_stranger_cannot_accept(client: Client):
    make_version("One.")
    assert client.post("/policy/accept/", {"number": "1"}).status_code == 302
    assert not Acceptance.objects.exists()


def test_after_a_material_change_the_next_page_is_the_new_text(client: Client, alice: User, time_machine: Any):
    from policies.testing import make_source

    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert client.get("/app/preferences/").status_code == 200
    version = publish_version(
        kind="terms", material=True, effective_at=timezone.now() + 20 * DAY, source=make_source("New.", kind="terms")
    )
    mark_told(version=version)
    cache.clear()
    assert client.get("/app/preferences/").status_code == 200
    time_machine.move_to(timezone.now() + 21 * DAY)
    cache.clear()
    client.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    asked = client.get("/app/preferences/")
    assert asked.headers["Location"] == "/terms/?next=%2Fapp%2Fpreferences%2F"
    page = client.get(asked.headers["Location"]).content.decode()
    assert "Accept version 2" in page
    done = client.post("/terms/accept/", {"number": "2", "next": "/app/preferences/"})
    assert done.headers["Location"] == "/app/preferences/"
    assert client.get("/app/preferences/").status_code == 200
