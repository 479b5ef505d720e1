"""Our staff read an account's chats under a grant only, it ends at the minute, and the owner sees every look (P13)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope, scopes_disabled
from accounts.testing import make_agent
from audit.models import Entry
from audit.queries import list_disclosures_about, verify_all
from chat.models import Chat
from chat.testing import make_chat
from outbox.actions import deliver_due
from outbox.models import Delivery
from support.actions.access import approve_emergency, ask_emergency, give_access
from support.models import StaffGrant, StaffLook

pytestmark = pytest.mark.django_db
Browser = Callable[[User], Client]
WHY = {"hours": "1", "reason": "Please look at the chat of Monday"}


@pytest.fixture
def talk(acme: Account) -> Chat:
    return make_chat(acme, text="Where is my blue saddle?", name="Dave")


def page_of(talk: Chat) -> str:
    return f"/staff/accounts/{talk.account.slug}/chats/{talk.public_id}/"


def move_end(**ago: int) -> None:
    with scopes_disabled():
        end = timezone.now() - timedelta(**ago)
        StaffGrant.objects.update(starts_at=end - timedelta(hours=1), ends_at=end)


def test_an_agent_reads_a_chat_only_between_the_grant_and_its_end(
    talk: Chat, alice: User, nik: User, client_of: Browser
):
    agent, owner = client_of(nik), client_of(alice)
    assert agent.get(page_of(talk)).status_code == 404
    assert owner.post("/app/settings/staff-access/", WHY).status_code == 302
    assert "blue saddle" in agent.get(page_of(talk)).content.decode()
    assert agent.get(f"/staff/accounts/{talk.account.slug}/chats/").status_code == 200
    move_end(seconds=1)
    assert agent.get(page_of(talk)).status_code == 404
    assert agent.get(f"/staff/accounts/{talk.account.slug}/chats/").status_code == 404
    with scopes_disabled():
        assert StaffLook.objects.count() == 2


def test_the_owner_ends_it_at_once_and_sees_every_look(talk: Chat, alice: User, nik: User, client_of: Browser):
    agent, owner = client_of(nik), client_of(alice)
    owner.post("/app/settings/staff-access/", WHY)
    agent.get(page_of(talk))
    page = owner.get("/app/settings/staff-access/").content.decode()
    assert "Nik of Support" in page and f"/app/archive/{talk.public_id}/" in page
    with scopes_disabled():
        grant = StaffGrant.objects.get()
    owner.post(f"/app/settings/staff-access/{grant.public_id}/end/")
    assert agent.get(page_of(talk)).status_code == 404
    actions = (
        Entry.objects.filter(action__startswith="staff_access.").order_by("index").values_list("action", flat=True)
    )
    assert list(actions) == ["staff_access.given", "staff_access.read", "staff_access.ended"]
    assert [one.channel for one in list_disclosures_about([f"visitor:{talk.visitor_id}"])] == ["view"]
    assert list(verify_all()) == []


def test_a_grant_of_one_account_opens_no_other_and_only_to_agents(
    talk: Chat, carol_member: Membership, nik: User, sam: User, pia: User, ada: User, client_of: Browser
):
    with account_scope(carol_member.account):
        give_access(by=carol_member, hours=1, reason="Please look at our chats")
    assert client_of(nik).get(page_of(talk)).status_code == 404
    wrong = page_of(talk).replace(talk.account.slug, carol_member.account.slug)
    assert client_of(nik).get(wrong).status_code == 404
    for person in (sam, pia, ada):
        assert client_of(person).get(f"/staff/accounts/{carol_member.account.slug}/chats/").status_code == 404


def test_only_an_owner_gives_access(bob: User, carol: User, acme: Account, client_of: Browser):
    assert client_of(bob).get("/app/settings/staff-access/").status_code == 404
    assert client_of(bob).post("/app/settings/staff-access/", WHY).status_code == 404
    with scopes_disabled():
        assert not StaffGrant.objects.exists()


@pytest.mark.parametrize("sent", [{**WHY, "hours": "9999"}, {**WHY, "reason": "x"}, {}])
def test_a_grant_needs_a_reason_and_a_time_from_the_list(alice: User, client_of: Browser, sent: dict[str, Any]):
    assert client_of(alice).post("/app/settings/staff-access/", sent).status_code == 400
    with scopes_disabled():
        assert not StaffGrant.objects.exists()


def test_an_emergency_needs_two_of_our_staff_and_tells_the_owner(
    talk: Chat, alice: User, nik: User, client_of: Browser, mailoutbox: list[Any]
):
    Delivery.objects.all().delete()
    first, second = client_of(nik), client_of(make_agent())
    asked = {"slug": talk.account.slug, "reason": "Their site is down and nobody answers"}
    assert first.post("/staff/accounts/emergency/", asked).status_code == 302
    with scopes_disabled():
        grant = StaffGrant.objects.get()
    first.post(f"/staff/accounts/emergency/{grant.public_id}/")
    assert first.get(page_of(talk)).status_code == 404, "one person alone opens nothing"
    assert second.post(f"/staff/accounts/emergency/{grant.public_id}/").status_code == 302
    deliver_due()
    [mail] = [mail for mail in mailoutbox if alice.email in str(mail.to)]
    assert "nobody answers" in mail.body and "Nik of Support" in mail.body
    assert "blue saddle" in first.get(page_of(talk)).content.decode()
    with scopes_disabled():
        grant.refresh_from_db()
    assert grant.ends_at is not None and grant.ends_at - grant.starts_at == timedelta(hours=1)  # type: ignore[operator]
    move_end(seconds=1)
    assert first.get(page_of(talk)).status_code == 404


def test_an_emergency_that_was_asked_for_yesterday_opens_nothing(acme: Account, nik: User):
    grant = ask_emergency(agent=nik, slug=acme.slug, reason="Their site is down and nobody answers")
    with scopes_disabled():
        StaffGrant.objects.update(created_at=timezone.now() - timedelta(hours=25))
    from core.errors import Refused

    with pytest.raises(Refused, match="not_found"):
        approve_emergency(agent=make_agent(), grant=grant)
