"""The profile: own names, the company for those who may, the change of account."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from accounts import actions
from accounts.models import Account, Membership
from accounts.scoping import account_scope
from accounts.testing import PASSWORD, make_member
from audit.models import Entry
from chat.testing import make_operator
from core.errors import Refused

pytestmark = pytest.mark.django_db
COMPANY = {
    "company": "Acme Bicycles",
    "address": "2 Sample Street",
    "website": "shop.acme-bikes.example",
    "time_zone": "Europe/Warsaw",
    "chat_keep_days": "30",
}


def test_a_person_corrects_their_names(client_of, alice):
    browser = client_of(alice)
    browser.post("/app/profile/", {"name": "Alicia", "surname": "Sample", "language": "en"})
    alice.refresh_from_db()
    assert alice.get_full_name() == "Alicia Sample"
    assert "Alicia" in browser.get("/app/profile/").content.decode()
    entry = Entry.objects.get(action="profile.changed")
    assert entry.facts == {"fields": ["name", "surname"]}


def test_a_person_chooses_a_time_zone_and_sees_what_was_changed(client_of, alice, alice_member, bob):
    browser = client_of(alice)
    browser.post("/app/profile/", {"name": "Alicia", "surname": "Example", "language": "en",
                                   "time_zone": "Asia/Kathmandu"})  # fmt: skip
    alice_member.user.refresh_from_db()
    assert alice_member.time_zone == "Asia/Kathmandu"
    page = browser.get("/app/profile/").content.decode()
    assert "was: Alice" in page and "What was changed" in page
    assert "was: Alice" not in client_of(bob).get("/app/profile/").content.decode()
    wrong = {"name": "A", "surname": "E", "language": "en", "time_zone": "Mars/Olympus"}
    assert browser.post("/app/profile/", wrong).status_code == 400
    with pytest.raises(Refused):
        actions.change_profile(user=alice, name="A", surname="E", language="en", time_zone="Mars/Olympus")


def test_a_new_address_leaves_the_old_one_in_the_history(client_of, alice):
    old = {"email": "old@specimen.example"}
    actions.record_sign_in_change(user_id=alice.pk, action="address.changed", old_values=old)
    assert "was: old@specimen.example" in client_of(alice).get("/app/profile/").content.decode()
    assert "old@specimen" not in str(Entry.objects.get(action="address.changed").facts)


def test_one_log_in_or_all_others_can_be_ended(alice, bob, closed_sockets, commits):
    here, phone, tablet, bobs = (Client() for _browser in range(4))
    for browser, person in ((here, alice), (phone, alice), (tablet, alice), (bobs, bob)):
        browser.post("/account/login/", {"login": person.email, "password": PASSWORD})
    listed = {one.session_key: one.pk for one in UserSession.objects.all()}
    assert len(listed) == 4
    foreign = here.post("/app/profile/sessions/end/", {"session": listed[bobs.session.session_key]})
    assert foreign.status_code == 404 and bobs.get("/app/profile/").status_code == 200
    for wrong in ("x", "9" * 30, "-1", str(listed[here.session.session_key])):
        assert here.post("/app/profile/sessions/end/", {"session": wrong}).status_code == 404
    with commits():
        here.post("/app/profile/sessions/end/", {"session": listed[phone.session.session_key]})
    assert phone.get("/app/profile/").status_code == 302 and tablet.get("/app/profile/").status_code == 200
    assert closed_sockets == [alice.pk]
    here.post("/app/profile/sessions/end/")
    assert tablet.get("/app/profile/").status_code == 302 and here.get("/app/profile/").status_code == 200
    assert Entry.objects.filter(action="sessions.ended").count() == 2


def test_a_corrected_name_reaches_visitors_and_the_team(client_of, bob, bob_member, commits):
    operator = make_operator(bob_member)
    with commits():
        client_of(bob).post("/app/profile/", {"name": "Robert", "surname": "Builder", "language": "en"})
    with account_scope(bob_member.account):
        operator.refresh_from_db()
    assert operator.display_name == "Robert Builder"


def test_a_wrong_name_is_named_and_kept(client_of, alice):
    response = client_of(alice).post("/app/profile/", {"name": "", "surname": "Sample", "language": "en"})
    page = response.content.decode()
    assert response.status_code == 400 and "Enter your first name" in page and 'value="Sample"' in page


def test_the_owner_changes_the_company(client_of, alice, acme):
    client_of(alice).post("/app/company/", COMPANY)
    acme.refresh_from_db()
    assert (acme.company, acme.website.split("://")[1], acme.time_zone, acme.chat_keep_days) == (
        "Acme Bicycles", "shop.acme-bikes.example", "Europe/Warsaw", 30,
    )  # fmt: skip
    entry = Entry.objects.get(action="account.changed")
    assert "time_zone" in entry.facts["fields"] and "Warsaw" not in str(entry.facts)


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"website": "no website"}, "Enter the website as in shop.example"),
        ({"time_zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"chat_keep_days": "6"}, "greater than or equal to 7"),
        ({"chat_keep_days": "731"}, "less than or equal to 730"),
    ],
)
def test_a_wrong_company_is_refused_and_nothing_changes(client_of, alice, acme, changes, words):
    response = client_of(alice).post("/app/company/", COMPANY | changes)
    assert response.status_code == 400 and words in response.content.decode()
    acme.refresh_from_db()
    assert acme.company == "Acme Bikes"


def test_an_operator_sees_the_company_and_cannot_change_it(client_of, bob, acme):
    browser = client_of(bob)
    page = browser.get("/app/profile/").content.decode()
    assert "Acme Bikes" in page and 'name="company"' not in page
    for answer in (browser.get("/app/company/"), browser.post("/app/company/", COMPANY)):
        assert answer.status_code == 404
    acme.refresh_from_db()
    assert acme.company == "Acme Bikes"


def test_a_change_reaches_only_the_own_account(carol_member, acme):
    actions.change_company(by=carol_member, company="Carol's Tarts")
    assert Account.objects.get(pk=acme.pk).company == "Acme Bikes"
    with pytest.raises(TypeError):
        actions.change_company(by=carol_member, active_until=None)


def test_a_person_of_two_accounts_works_in_one_at_a_time(client_of, alice, alice_member, cakes):
    other = make_member(cakes)
    actions.add_member(account=cakes, user=alice, role="operator", by=None)
    browser = client_of(alice)
    assert "Carol&#x27;s Cakes" in browser.get("/app/profile/").content.decode()
    browser.post("/app/switch/", {"account": str(cakes.public_id)})
    assert browser.get("/app/company/").status_code == 404  # an operator there
    assert Membership.objects.get(pk=browser.session["membership"]).account == cakes
    actions.remove_member(membership=Membership.objects.get(user=alice, account=cakes), by=cakes_owner(cakes))
    assert browser.get("/app/company/").status_code == 200  # back in her own
    assert other.account == cakes


def cakes_owner(cakes):
    return Membership.objects.get(account=cakes, role="owner")


@pytest.mark.parametrize("value", ["", "no-uuid", "00000000-0000-0000-0000-000000000000"])
def test_a_foreign_or_absent_account_cannot_be_chosen(client_of, alice, cakes, value):
    browser = client_of(alice)
    for chosen in (value, str(cakes.public_id)):
        assert browser.post("/app/switch/", {"account": chosen}).status_code == 404
    assert "membership" not in browser.session


def test_a_person_without_an_account_has_a_profile_and_nothing_else(client_of, eve):
    browser = client_of(eve)
    page = browser.get("/app/profile/").content.decode()
    assert "Eve" in page and 'id="company"' not in page
    assert browser.get("/app/company/").status_code == 404


def test_the_last_owner_with_a_team_cannot_be_deactivated(alice, bob, ada):
    with pytest.raises(Refused) as refused:
        actions.deactivate_user(user=alice, by_user_id=ada.pk)
    assert refused.value.code == "last_owner"
    alice.refresh_from_db()
    assert alice.is_active


def test_json_asks_get_401_without_a_session(client):
    response = client.get("/app/company/", headers={"accept": "application/json"})
    assert response.status_code == 401 and response.json()["code"] == "signed_out"
