"""Our own staff: roles with a second factor, given and taken in the admin, gone with the next request."""

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from accounts import actions
from accounts.models import StaffAssignment, StaffRole, User
from accounts.staff import agents_only, is_support_agent, support_agents
from accounts.testing import PASSWORD
from accounts.tests.test_admin import totp_now
from audit.models import Entry
from core.errors import Refused

pytestmark = pytest.mark.django_db
AGENT = StaffRole.SUPPORT_AGENT


@agents_only
def desk(request):
    return HttpResponse("the desk")


def ask(user, session=None):
    request = RequestFactory().get("/support/desk/?state=new")
    request.user, request.session = User.objects.get(pk=user.pk), session if session is not None else {}
    request._messages = type("Messages", (), {"add": lambda *args: None})()
    return desk(request)


def test_an_agent_comes_in_and_others_find_nothing(nik, alice, eve, sam, ada):
    assert ask(nik).content == b"the desk"
    for person in (alice, eve, sam, ada):
        with pytest.raises(Refused) as refused:
            ask(person)
        assert refused.value.status == 404
    assert [agent.pk for agent in support_agents()] == [nik.pk]


def test_an_agent_without_a_second_factor_enrols_first_and_then_goes_on(nik):
    Authenticator.objects.filter(user=nik).delete()
    session = {}
    answer = ask(nik, session)
    assert answer["Location"] == reverse("mfa_activate_totp")
    assert session["after_second_factor"] == "/support/desk/?state=new"
    assert not is_support_agent(nik) and not support_agents().exists()


def test_the_enrolment_of_staff_ends_their_log_ins_elsewhere(nik, client, commits):
    Authenticator.objects.filter(user=nik).delete()
    other = type(client)()
    for browser in (other, client):
        browser.post("/account/login/", {"login": nik.email, "password": PASSWORD})
    assert other.get("/app/profile/").status_code == 200
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    page = client.get("/account/2fa/totp/activate/").content.decode()
    secret = re.search(r"<code[^>]*>([A-Z2-7]+)</code>", page)[1]
    with commits():
        client.post("/account/2fa/totp/activate/", {"code": totp_now(secret)})
    assert is_support_agent(User.objects.get(pk=nik.pk))
    assert client.get("/app/profile/").status_code == 200 and other.get("/app/profile/").status_code == 302


def test_taking_the_role_away_acts_on_the_next_request(nik, ada, closed_sockets, commits):
    assert ask(nik).status_code == 200
    with commits():
        actions.take_role(user=nik, role=AGENT, by_user_id=ada.pk)
    with pytest.raises(Refused):
        ask(nik)
    assert not User.objects.get(pk=nik.pk).is_staff and closed_sockets == [nik.pk]


def test_who_is_no_staff_any_more_has_no_role_when_they_come_back(nik, ada):
    actions.set_staff(user=nik, is_staff=False, by_user_id=ada.pk)
    actions.set_staff(user=nik, is_staff=True, by_user_id=ada.pk)
    assert not is_support_agent(User.objects.get(pk=nik.pk))


def test_a_switched_off_agent_is_none(nik, ada):
    actions.deactivate_user(user=nik, by_user_id=ada.pk)
    assert not is_support_agent(User.objects.get(pk=nik.pk)) and not support_agents().exists()


def test_nobody_gives_a_role_to_themselves_and_a_given_one_is_given_once(ada, eve):
    with pytest.raises(Refused):
        actions.give_role(user=ada, role=AGENT, by_user_id=ada.pk)
    for _ in range(2):
        actions.give_role(user=eve, role=AGENT, by_user_id=ada.pk)
    entry = Entry.objects.get(action="staff.role_given")
    assert entry.facts == {"role": "support_agent"} and entry.actor != entry.subject


def test_a_role_opens_no_account_and_not_its_chats(nik, client_of, acme, alice):
    browser = client_of(nik)
    for path in (
        reverse("chat:console"),
        reverse("chat:archive"),
        reverse("accounts:company"),
        reverse("accounts:access"),
    ):
        assert browser.get(path, follow=True).status_code == 404


def test_an_administrator_gives_and_takes_a_role_in_the_admin(eve, ada, client_of):
    TOTP.activate(ada, generate_totp_secret())
    browser, path = client_of(ada), "/admin/accounts/staffassignment/"
    assert "no active login" in browser.post(f"{path}add/", {"email": "no@x.example", "role": AGENT}).content.decode()
    assert browser.post(f"{path}add/", {"email": eve.email, "role": AGENT}).status_code == 302
    row = StaffAssignment.objects.get(user=eve)
    assert "Support agent" in browser.get(path).content.decode()
    assert browser.get(f"{path}{row.pk}/change/").status_code == 200
    browser.post(f"{path}{row.pk}/change/", {"role": "privacy_officer"})
    assert StaffAssignment.objects.get(user=eve).role == AGENT
    assert browser.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 302
    assert not StaffAssignment.objects.exists() and not User.objects.get(pk=eve.pk).is_staff
    actions_in_log = set(Entry.objects.values_list("action", flat=True))
    assert {"staff.role_given", "staff.role_taken", "admin.deleted"} <= actions_in_log


def test_administrators_do_not_change_their_own_roles_in_the_admin(ada, client_of):
    TOTP.activate(ada, generate_totp_secret())
    browser, path = client_of(ada), "/admin/accounts/staffassignment/"
    page = browser.post(f"{path}add/", {"email": ada.email, "role": AGENT}, follow=True).content.decode()
    assert "your own staff rights" in page and not StaffAssignment.objects.exists()
    row = StaffAssignment.objects.create(user=ada, role=AGENT)
    page = browser.post(f"{path}{row.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert "your own staff rights" in page and StaffAssignment.objects.exists()
