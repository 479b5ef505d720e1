from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Account, Membership, User
from audit.models import Entry
from core.errors import Refused
from notifications.actions import set_preference, suppress_address
from notifications.models import Preference, Suppression
from notifications.testing import switch_on

pytestmark = pytest.mark.django_db

Browser = Callable[[User], Client]
ON = {"kind": "daily_summary", "is_on": "on", "messages": "on"}


def test_the_summary_is_off_until_it_is_chosen(alice: User, client_of: Browser) -> None:
    page = client_of(alice).get(reverse("notifications:preferences")).content.decode()
    assert "Daily summary" in page
    switch = page[page.index('name="is_on"') :][:80]
    assert "checked" not in switch
    assert not Preference.objects.exists()


def test_one_click_switches_it_on_and_the_day_is_kept(alice: User, acme: Account, client_of: Browser) -> None:
    browser = client_of(alice)
    answer = browser.post(reverse("notifications:choose"), ON, headers={"Accept": "application/json"})
    assert answer.json() == {"saved": "Saved. You get this mail."}
    row = Preference.objects.get()
    assert (row.user, row.account, row.is_on, row.options) == (alice, acme, True, {"messages": True})
    assert "On since" in browser.get(reverse("notifications:preferences")).content.decode()


def test_one_click_switches_it_off(alice: User, alice_member: Membership, client_of: Browser) -> None:
    switch_on(alice_member)
    answer = client_of(alice).post(reverse("notifications:choose"), {"kind": "daily_summary"}, follow=True)
    assert "Saved. You do not get this mail." in answer.content.decode()
    assert not Preference.objects.get().is_on


def test_leaving_messages_out_does_not_change_the_day_it_was_asked_for(alice_member: Membership) -> None:
    switch_on(alice_member)
    long_ago = datetime(2026, 1, 14, tzinfo=UTC)
    Preference.objects.update(changed_at=long_ago)
    row = switch_on(alice_member, messages=False)
    assert (row.changed_at, row.options) == (long_ago, {"messages": False})


def test_a_mail_that_is_part_of_the_service_cannot_be_switched(alice: User, acme: Account, client_of: Browser) -> None:
    answer = client_of(alice).post(reverse("notifications:choose"), {**ON, "kind": "password_reset"})
    assert answer.status_code == 400
    with pytest.raises(Refused, match="bad_kind"):
        set_preference(user=alice, account=acme, kind="password_reset", is_on=False)
    assert not Preference.objects.exists()


def test_nobody_gets_the_summary_of_another_company(carol: User, acme: Account) -> None:
    with pytest.raises(Refused, match="not_found"):
        set_preference(user=carol, account=acme, kind="daily_summary", is_on=True)


def test_a_choice_touches_nobody_else_s(alice: User, bob_member: Membership, client_of: Browser) -> None:
    switch_on(bob_member)
    client_of(alice).post(reverse("notifications:choose"), {"kind": "daily_summary"})
    assert Preference.objects.get(user=bob_member.user).is_on


def test_who_is_not_logged_in_is_asked_to_log_in(client: Client) -> None:
    answer = client.get(reverse("notifications:preferences"))
    assert answer.status_code == 302 and "/account/login/" in answer["Location"]


def test_a_choice_without_a_token_is_refused(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice, backend="allauth.account.auth_backends.AuthenticationBackend")
    assert browser.post(reverse("notifications:choose"), ON).status_code == 403


def test_each_change_is_in_the_log_and_a_repeat_is_not(alice_member: Membership) -> None:
    for _ in range(2):
        switch_on(alice_member)
    assert Entry.objects.filter(action="preference.changed").count() == 1


def test_an_address_that_bounced_is_said_and_can_be_tried_again(alice: User, client_of: Browser) -> None:
    suppress_address(email=alice.email, reason="bounced")
    browser = client_of(alice)
    assert "came back on" in browser.get(reverse("notifications:preferences")).content.decode()
    browser.post(reverse("notifications:try_again"))
    assert not Suppression.objects.exists()
    assert "came back on" not in browser.get(reverse("notifications:preferences")).content.decode()


def test_the_gates_ask_the_same_number_of_questions_for_two_rows_and_for_fifty(
    acme: Account, django_assert_num_queries: Any
) -> None:
    from accounts.testing import make_member
    from core.outbound import Address, Letter, registry
    from core.personal_data import Purpose
    from notifications.gates import preference_gate, suppression_gate
    from outbox.models import Delivery

    members = [make_member(acme) for _ in range(50)]
    for member in members[:25]:
        switch_on(member)
    kind = registry.mail_kinds["daily_summary"]
    rows = [Delivery(pk=m.pk, kind=kind.key, recipient=f"user:{m.user_id}", account_ref=acme.pk) for m in members]
    letters = {m.pk: Letter(Address(m.user.email, frozenset({Purpose.SUMMARY}))) for m in members}
    suppress_address(email=members[0].user.email, reason="bounced")
    for some in (rows[:2], rows):
        with django_assert_num_queries(2):
            off, stopped = preference_gate(kind, some, letters), suppression_gate(kind, some, letters)
    assert set(off) == {m.pk for m in members[25:]}
    assert stopped == {members[0].pk: "suppressed"}
