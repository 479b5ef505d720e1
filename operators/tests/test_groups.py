"""The pages of groups and of opening hours."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from operators.actions import ensure_operator, make_group
from operators.hours import DAYS
from operators.models import Group, OpeningHours, Operator
from operators.queries import find_opening

WEEK = {"is_on": "on", "mon": "9-12, 13:00-17:00", "tue": "", "holidays": "2026-12-25 Christmas\n2027-01-01"}


@pytest.fixture
def desk(client_of: Any, alice: Any, alice_member: Membership) -> Client:
    ensure_operator(membership=alice_member)
    return client_of(alice)  # type: ignore[no-any-return]


def test_a_group_is_made_changed_and_deleted_with_its_members(acme: Account, desk: Client, bob_member: Membership):
    bob = ensure_operator(membership=bob_member)
    wrong = desk.post("/app/settings/groups/add/", {"name": " ", "chat_limit": "3", "members": [bob.pk]})
    assert wrong.status_code == 400
    page = wrong.content.decode()
    assert "Enter a name like Sales" in page and 'value="3"' in page  # nothing that was typed is lost
    assert f'value="{bob.pk}" checked' in page
    desk.post("/app/settings/groups/add/", {"name": "Sales", "chat_limit": "3", "members": [bob.pk]})
    with account_scope(acme):
        group = Group.objects.get()
        assert (group.name, group.chat_limit, group.queue_limit) == ("Sales", 3, 0)
        assert list(group.operators.all()) == [bob]
    assert "a group of that name already" in desk.post("/app/settings/groups/add/", {"name": "SALES"}).content.decode()
    desk.post(f"/app/settings/groups/{group.public_id}/", {"name": "Repairs", "queue_limit": "7"})
    assert "Repairs" in desk.get("/app/settings/groups/").content.decode()
    with account_scope(acme):
        assert not Group.objects.get(queue_limit=7).operators.exists()
    assert "Delete the group Repairs?" in desk.get(f"/app/settings/groups/{group.public_id}/delete/").content.decode()
    desk.post(f"/app/settings/groups/{group.public_id}/delete/")
    with account_scope(acme):
        assert not Group.objects.exists()


def test_hours_are_read_saved_and_said(acme: Account, desk: Client):
    wrong = desk.post("/app/settings/hours/", {**WEEK, "tue": "nine to five"})
    assert wrong.status_code == 400
    page = wrong.content.decode()
    assert "Tuesday: “nine to five” are no hours" in page and "9-12, 13:00-17:00" in page
    assert "2026-02-30" in desk.post("/app/settings/hours/", {**WEEK, "holidays": "2026-02-30"}).content.decode()
    assert "at least one day" in desk.post("/app/settings/hours/", {"is_on": "on"}).content.decode()
    copied = desk.post("/app/settings/hours/", {**WEEK, "do": "copy"}).content.decode()
    assert copied.count('value="9-12, 13:00-17:00"') == 5
    with account_scope(acme):
        assert not OpeningHours.objects.exists()  # to be looked at before it is saved
    assert desk.post("/app/settings/hours/", WEEK).status_code == 302
    page = desk.get("/app/settings/hours/").content.decode()
    assert "09:00-12:00, 13:00-17:00" in page and "2026-12-25 Christmas" in page
    assert "Now: " in page


def test_a_group_keeps_the_hours_of_the_account_until_it_has_its_own(
    acme: Account, desk: Client, alice_member: Membership
):
    group = make_group(by=alice_member, name="Sales")
    never = {"is_on": "on", DAYS[(timezone.now().weekday() + 3) % 7]: "00:00-00:01", "holidays": ""}
    desk.post("/app/settings/hours/", never)
    assert not find_opening(acme, group.pk).is_open and find_opening(acme, group.pk).opens_at is not None
    url = f"/app/settings/hours/{group.public_id}/"
    assert "keeps the hours of the account" in desk.get(url).content.decode()
    with account_scope(acme):
        group.members.create(account=acme, operator=Operator.objects.get())
    always = dict.fromkeys(DAYS, "00:00-24:00")
    assert desk.post(url, {**always, "is_on": "on"}).status_code == 302
    assert find_opening(acme, group.pk).is_open and not find_opening(acme).is_open
    desk.post(url, {"do": "drop"})
    assert not find_opening(acme, group.pk).is_open


def test_an_operator_sees_no_settings_of_the_team(client_of: Any, bob: Any, bob_member: Membership):
    ensure_operator(membership=bob_member)
    for path in ("groups/", "groups/add/", "hours/", "routing/"):
        assert client_of(bob).get(f"/app/settings/{path}").status_code == 404
