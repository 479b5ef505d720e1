"""What is over its time goes, and not a day before."""

from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.utils import timezone

from accounts.models import Account, User
from accounts.scoping import account_scope, scopes_disabled
from audit.models import Entry
from chat.models import Chat, Message, Visitor, Widget
from outbox.models import Delivery
from privacy.actions.retention import apply_retention
from privacy.queries.retention import find_last_end

pytestmark = pytest.mark.django_db
NOW = timezone.now()
NEEDLE = "needle-7f3a"


def days_ago(days: int):
    return NOW - timedelta(days=days)


def make_chat(account: Account, age: int, number: int) -> Chat:
    """A closed chat whose end lies `age` days back, with a line and a page."""
    with account_scope(account):
        widget = Widget.objects.get_or_create(account=account, name="Shop")[0]
        visitor = Visitor.objects.create(
            account=account, widget=widget, number=number, secret_hash=f"{account.pk}-{number}", seen_at=days_ago(age),
            ip_address="203.0.113.24", page_url=NEEDLE, page_title=NEEDLE, referrer=NEEDLE, name="Pat",
        )  # fmt: skip
        chat = Chat.objects.create(
            account=account, widget=widget, visitor=visitor, state="closed", closed_at=days_ago(age),
            last_at=days_ago(age), page_url=NEEDLE,
        )  # fmt: skip
        Message.objects.create(
            account=account,
            chat=chat,
            seq=1,
            client_id="0193a1c2-0000-7000-8000-00000000000a",
            author="visitor",
            text="Hi",
        )
    return chat


@pytest.fixture
def shop(db: None) -> Account:
    return Account.objects.create(
        slug="shop", company="Shop", address="1 Road", website="https://shop.specimen.example"
    )


@pytest.fixture
def archive(db: None) -> Account:
    return Account.objects.create(
        slug="archive", company="Archive", address="2 Road", website="https://a.specimen.example", chat_keep_days=365
    )


def test_a_chat_goes_after_the_days_of_its_account_and_not_before(shop: Account, archive: Account):
    gone, here, kept_longer = make_chat(shop, 91, 1), make_chat(shop, 89, 2), make_chat(archive, 91, 1)
    done = apply_retention(now=NOW)
    assert done["chat.Chat"] == 1
    with scopes_disabled():
        assert set(Chat.objects.all()) == {here, kept_longer}
        assert set(Visitor.objects.values_list("pk", flat=True)) == {here.visitor_id, kept_longer.visitor_id}
        assert not Message.objects.filter(chat_id=gone.pk).exists()


def test_pages_and_addresses_go_after_thirty_days_and_the_chat_stays(shop: Account):
    old, young = make_chat(shop, 31, 1), make_chat(shop, 29, 2)
    apply_retention(now=NOW)
    with scopes_disabled():
        visitor, chat = Visitor.objects.get(pk=old.visitor_id), Chat.objects.get(pk=old.pk)
        assert (visitor.ip_address, visitor.page_url, visitor.page_title, visitor.referrer) == (None, "", "", "")
        assert (visitor.name, chat.page_url) == ("Pat", "")
        visitor, chat = Visitor.objects.get(pk=young.visitor_id), Chat.objects.get(pk=young.pk)
        assert (visitor.ip_address, visitor.page_url, chat.page_url) == ("203.0.113.24", NEEDLE, NEEDLE)


def test_log_ins_and_finished_mails_go(db: None):
    person = User.objects.create(email="pat@specimen.example", name="Pat")
    for age in (31, 29):
        session = UserSession.objects.create(
            user=person, ip="203.0.113.24", session_key=f"key-{age}", user_agent="Firefox"
        )
        UserSession.objects.filter(pk=session.pk).update(created_at=days_ago(age))
    for state, age in (("done", 31), ("done", 29), ("dropped", 31), ("parked", 29), ("waiting", 400)):
        finished = None if state == "waiting" else days_ago(age)
        Delivery.objects.create(
            kind="test", key=f"{state}-{age}", recipient="user:1", state=state, finished_at=finished
        )
    out = StringIO()
    call_command("apply_retention", stdout=out)
    assert UserSession.objects.get().session_key == "key-29"
    assert set(Delivery.objects.values_list("key", flat=True)) == {"done-29", "parked-29", "waiting-400"}
    assert "outbox.Delivery: 2" in out.getvalue()


def test_the_job_stands_in_the_log_and_a_second_run_finds_nothing(shop: Account):
    make_chat(shop, 91, 1)
    assert apply_retention(now=NOW)
    assert Entry.objects.get(action="retention.applied").facts["chat.Chat"] == 1
    assert apply_retention(now=NOW) == {}


def test_whoever_runs_the_site_sees_when_it_ran_although_nothing_was_over(client, texts, settings, tmp_path):
    settings.VAR = tmp_path / "var"

    def seen() -> dict[str, object]:
        return client.get("/readyz").json()["checks"]["retention"]

    assert seen() == {"ok": False, "figure": "has not run yet"}
    assert "The first night has not been yet" in client.get("/privacy/data/").content.decode()
    apply_retention()
    entries = Entry.objects.count()
    evening = timezone.now() + timedelta(hours=16)
    with time_machine.travel(evening, tick=False):
        assert apply_retention() == {} and Entry.objects.count() == entries  # a run twice is a run once
        assert seen() == {"ok": True, "figure": f"ran {evening:%Y-%m-%d %H:%M} UTC"}
        assert f"the last time on {evening:%Y-%m-%d %H:%M} UTC" in client.get("/privacy/data/").content.decode()
    with time_machine.travel(evening + timedelta(hours=27), tick=False):
        assert not seen()["ok"]
    assert [path.name for path in settings.VAR.iterdir()] == ["retention_ran"]


def test_a_run_that_is_cut_off_has_not_run(settings, tmp_path, monkeypatch):
    settings.VAR = tmp_path / "var"
    monkeypatch.setattr("privacy.actions.retention._empty", lambda *args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        apply_retention()
    assert find_last_end() is None
