"""A material version binds only after its notices: a mail to every owner that really left, and the site's notice."""

import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts import actions
from accounts.models import User
from outbox.actions import deliver_due
from outbox.models import Delivery
from outbox.testing import smtp_sink
from policies.models import Version
from policies.queries import find_version_in_force
from policies.testing import make_version

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def material(alice: User, carol: User, commits: Any) -> Version:
    """A material version for the day in three weeks, published while alice and carol own accounts."""
    Delivery.objects.all().delete()
    with commits():
        return make_version("What is new.", material=True, effective_at=timezone.now() + 21 * DAY)


def in_force() -> int:
    cache.clear()
    found = find_version_in_force("policy")
    assert found is not None
    return found.number


def test_with_the_mail_server_up_it_takes_effect_on_the_day(material: Version, time_machine: Any):
    with smtp_sink() as sink:
        deliver_due()
    assert {str(mail["To"]).rpartition("<")[2].strip(">") for mail in sink.mails} == {
        "alice@acme-bikes.example",
        "carol@cakes.example",
    }
    body = sink.mails[0].get_body(("plain",)).get_content()
    assert "What changed." in body
    assert f"/policy/diff/{material.number - 1}/{material.number}/" in body
    assert actions.tell_of_versions() == [material]
    assert actions.tell_of_versions() == []
    day = material.effective_at
    time_machine.move_to(day - datetime.timedelta(seconds=1))
    assert in_force() == material.number - 1
    time_machine.move_to(day)
    assert in_force() == material.number


def test_with_the_mail_server_down_it_does_not_take_effect(material: Version, time_machine: Any):
    with smtp_sink(mode="451") as sink:
        for _try in range(9):
            deliver_due()
            Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
        assert sink.mails == []
        assert actions.tell_of_versions() == []
        time_machine.move_to(material.effective_at + 9 * DAY)
        assert in_force() == material.number - 1
        assert actions.tell_of_versions() == []
        sink.mode = "ok"
        deliver_due()
    assert len(sink.mails) == 2
    assert actions.tell_of_versions() == [material]
    material.refresh_from_db()
    late = material.effective_at - timezone.now()
    assert datetime.timedelta(days=13, hours=23) < late <= 14 * DAY, "people have their 14 days from the notice on"
    assert in_force() == material.number - 1
    time_machine.move_to(material.effective_at)
    assert in_force() == material.number


def test_without_the_notice_on_the_site_it_does_not_take_effect(material: Version, monkeypatch: pytest.MonkeyPatch):
    from policies.templatetags import policies as tags

    Delivery.objects.update(state="done")
    monkeypatch.setattr(tags, "list_announced_shortly", lambda: [])
    assert actions.tell_of_versions() == []
    monkeypatch.undo()
    assert actions.tell_of_versions() == [material]


def test_until_the_day_the_site_and_the_console_tell_of_it(
    material: Version, client_of: Any, alice: User, time_machine: Any
):
    cache.clear()
    assert f'data-notice="policy:{material.number}"' in Client().get("/support/").content.decode()
    assert "at the earliest" in client_of(alice).get("/app/preferences/").content.decode()
    Delivery.objects.update(state="done")
    actions.tell_of_versions()
    page = Client().get(f"/policy/versions/{material.number}/").content.decode()
    assert "told by e-mail and on the site on" in page
    time_machine.move_to(material.effective_at)
    cache.clear()
    assert "data-notice" not in Client().get("/support/").content.decode()


def test_a_dead_address_holds_nobody_up_and_who_joins_later_is_told(material: Version, commits: Any):
    from accounts.testing import make_owner

    with smtp_sink(mode="550", only="alice") as sink:
        with commits():
            deliver_due()
        make_owner(email="dan@specimen.example", name="Dan", company="Dan's", website="https://dan.example")
        Delivery.objects.filter(kind="accounts.confirm_signup").delete()
        assert actions.tell_of_versions() == []
        deliver_due()
    assert sorted(str(mail["To"]).rpartition("<")[2].strip(">") for mail in sink.mails) == [
        "carol@cakes.example",
        "dan@specimen.example",
    ]
    assert actions.tell_of_versions() == [material]
