"""A material version binds only after its notices: a mail to every owner that really left, and the site's notice."""

import datetime
import socket
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


def test_with_no_mail_server_at_all_nothing_binds_until_there_is_one_and_then_people_accept(
    material: Version, time_machine: Any, settings: Any, client_of: Any, alice: User, pia: User
):
    """The whole way: nobody listens at the port, the day goes by; a server, mails, the day, a yes, the officer."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_TIMEOUT = "127.0.0.1", 2
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        settings.EMAIL_PORT = closed.getsockname()[1]  # bound and not listening: a connection is refused
        for _try in range(3):
            deliver_due()
            Delivery.objects.filter(state="waiting").update(due_at=timezone.now())
        assert not Delivery.objects.filter(state="done").exists()
        assert actions.tell_of_versions() == []
    time_machine.move_to(material.effective_at + DAY)
    assert in_force() == material.number - 1
    assert client_of(alice).get("/app/preferences/").status_code == 200, "nobody is asked for what does not bind"
    assert "What is new." not in Client().get("/policy/").content.decode()

    Delivery.objects.exclude(state="done").update(state="waiting", due_at=timezone.now())
    with smtp_sink() as sink:
        deliver_due()
    assert len(sink.mails) == 3, "the owners, and whoever else has a login"
    assert actions.tell_of_versions() == [material]
    material.refresh_from_db()
    time_machine.move_to(material.effective_at + datetime.timedelta(minutes=1))
    assert in_force() == material.number
    assert "What is new." in Client().get("/policy/").content.decode()
    browser = client_of(alice)
    assert browser.get("/app/preferences/").headers["Location"].startswith("/policy/?next=")
    browser.post("/policy/accept/", {"number": str(material.number)})
    assert browser.get("/app/preferences/").status_code == 200

    def ask(day: datetime.date) -> str:
        sent = {"email": "alice@acme-bikes.example", "day": str(day)}
        return client_of(pia).post("/privacy/accepted/", sent).content.decode()

    today = timezone.now().date()
    assert material.text_hash[:16] in ask(today)
    before = ask(today - DAY)
    assert Version.objects.get(kind="policy", number=material.number - 1).text_hash[:16] in before
    assert material.text_hash[:16] not in before


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
