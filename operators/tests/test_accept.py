"""The invited person's page: accept once, for the invited address only; and remove the address."""

import re
import threading
from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.db import connection, connections
from django.urls import reverse
from django.utils import timezone

from accounts.models import Membership, User
from accounts.queries import list_versions_to_sign
from accounts.testing import PASSWORD, make_user
from accounts.tests.mails import deliver, link_in, path_of
from audit.models import Entry
from core.errors import Refused
from operators import actions
from operators.actions.invitations import NewPerson
from operators.models import Invitation, Operator
from operators.testing import make_invitation, tokens_in
from policies.models import Acceptance

pytestmark = pytest.mark.django_db
EMAIL = "Fay+Work@Acme-Bikes.example"


@pytest.fixture
def invitation(alice_member: Membership) -> Invitation:
    return make_invitation(alice_member, name="Fay van Sample", email=EMAIL)


@pytest.fixture
def token(invitation: Invitation) -> str:
    return tokens_in(deliver()[-1].body)[0]


def page_of(token: str) -> str:
    return reverse("operators:invitation", args=[token])


def answer(**changes: str) -> dict[str, str]:
    agreed = ",".join(f"{one.kind}:{one.number}" for one in list_versions_to_sign())
    return {
        "name": "Fay", "surname": "Sample", "password1": PASSWORD, "age": "on", "policy": agreed, **changes,
    }  # fmt: skip


def reload(invitation: Invitation) -> Invitation:
    return Invitation.of(invitation.account).get(pk=invitation.pk)


def team_of(invitation: Invitation) -> list[str]:
    rows = Membership.objects.filter(account=invitation.account).order_by("pk")
    return list(rows.values_list("user__email", flat=True))


def test_the_page_says_who_invites_and_what_is_known(client, token: str, bob_member: Membership):
    page = client.get(page_of(token))
    text = page.content.decode()
    for words in (
        "Answer chats for Acme Bikes",
        "Alice Example invites you",
        EMAIL,
        "Fay van Sample",
        "Remove my address",
    ):
        assert words in text
    assert 'value="Fay van"' in text and 'value="Sample"' in text
    for hidden in ("Bob", bob_member.user.email, "alice@acme"):
        assert hidden not in text
    assert page["Cache-Control"].startswith("max-age=0")


def test_accepting_makes_a_login_a_member_and_an_operator(client, invitation: Invitation, token: str, commits):
    with commits():
        done = client.post(page_of(token), answer())
    assert done.status_code == 302 and done["Location"] == reverse("chat:console")
    fay = User.objects.get(email=EMAIL.lower())
    membership = Membership.objects.get(user=fay)
    assert (membership.account_id, membership.role) == (invitation.account_id, "operator")
    assert Operator.of(invitation.account).get(membership=membership).display_name == "Fay Sample"
    assert EmailAddress.objects.get(user=fay).verified
    assert fay.over_thirteen_at and fay.check_password(PASSWORD)
    assert set(Acceptance.objects.filter(user=fay).values_list("channel", flat=True)) == {"invitation"}
    row = reload(invitation)
    assert (row.state, row.email, row.name) == ("accepted", "", "")
    assert Entry.objects.filter(action="invitation.accepted", chain__key=f"account:{invitation.account_id}").exists()
    assert client.get(reverse("chat:console")).status_code == 200
    assert client.get(page_of(token)).status_code == 404


@pytest.mark.parametrize(
    "changes, words",
    [
        ({"password1": "short"}, "12 characters"),
        ({"password1": "123456789012345"}, "numeric"),
        ({"password1": "fay+work@acme-bikes.example"}, "similar"),
        ({"password1": ""}, "Choose a password"),
        ({"name": ""}, "Enter your first name"),
        ({"age": ""}, "13 or older"),
        ({"policy": ""}, "Accept the privacy policy"),
        ({"policy": "policy:99,terms:99"}, "changed meanwhile"),
    ],
)
def test_a_form_with_a_fault_makes_nobody(client, invitation: Invitation, token: str, changes, words: str):
    page = client.post(page_of(token), answer(**changes))
    assert page.status_code == 400
    assert words in page.content.decode()
    assert reload(invitation).state == "waiting"
    assert not User.objects.filter(email=EMAIL.lower()).exists()


def test_a_posted_role_or_account_is_nothing(client, invitation: Invitation, token: str, cakes):
    client.post(page_of(token), answer(role="owner", account=str(cakes.public_id), email="eve@specimen.example"))
    membership = Membership.objects.get(user__email=EMAIL.lower())
    assert (membership.role, membership.account_id) == ("operator", invitation.account_id)


def test_wrong_used_ended_and_withdrawn_look_the_same(client, alice_member: Membership):
    everybody = [make_invitation(alice_member) for _ in range(5)]
    used, revoked, removed, _ended, overtaken = everybody
    tokens = {str(one.pk): tokens_in(mail.body)[0] for one, mail in zip(everybody, deliver(), strict=True)}
    client.post(page_of(tokens[str(used.pk)]), answer())
    client.logout()
    actions.revoke_invitation(invitation=revoked, by=alice_member)
    actions.remove_address(token=tokens[str(removed.pk)])
    actions.send_again(invitation=overtaken, by=alice_member)
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        pages = [client.get(page_of(token)) for token in [*tokens.values(), "wrong", "A" * 43, "x" * 600]]
        posts = [client.post(page_of(token), answer()) for token in [*tokens.values(), "wrong"]]
    plain = {re.sub(r'nonce="[^"]+"|value="[^"]+"', "", page.content.decode()) for page in [*pages, *posts]}
    assert {page.status_code for page in [*pages, *posts]} == {404}
    assert len(plain) == 1


def test_who_is_logged_in_with_that_address_accepts_with_one_button(client_of, invitation: Invitation, token: str):
    fay = make_user(email="fay@acme-bikes.example", name="Fay")
    browser = client_of(fay)
    text = browser.get(page_of(token)).content.decode()
    assert "password1" not in text
    done = browser.post(page_of(token), {"policy": answer()["policy"]})
    assert done.status_code == 302
    assert Membership.objects.filter(user=fay, account=invitation.account, role="operator").count() == 1


def test_who_is_logged_in_as_somebody_else_is_asked_to_switch(client_of, invitation: Invitation, token: str, eve: User):
    browser = client_of(eve)
    page = browser.get(page_of(token))
    assert "You are logged in as eve@specimen.example" in page.content.decode()
    assert "Log out and switch" in page.content.decode()
    browser.post(page_of(token), answer())
    assert reload(invitation).state == "waiting"
    assert not Membership.objects.filter(user=eve).exists()
    with pytest.raises(Refused, match="other_person"):
        actions.accept_invitation(token=token, person=eve, versions=list_versions_to_sign())


def test_an_address_that_was_not_confirmed_proves_nothing(client_of, invitation: Invitation, token: str, eve: User):
    EmailAddress.objects.create(user=eve, email="fay@acme-bikes.example", verified=False)
    client_of(eve).post(page_of(token), {"policy": answer()["policy"]})
    assert reload(invitation).state == "waiting"


def test_an_address_with_a_login_is_asked_to_log_in(client, invitation: Invitation, token: str):
    make_user(email=EMAIL.lower())
    page = client.post(page_of(token), answer())
    assert "has a login already" in page.content.decode()
    assert reload(invitation).state == "waiting"


# ---- a copied link proves no address ---------------------------------------------------------------------
def test_by_a_copied_link_one_joins_after_the_address_is_confirmed(
    client, alice_member, invitation: Invitation, commits
):
    deliver()
    token = actions.copy_link(invitation=invitation, by=alice_member)
    assert "confirm the address by mail" in client.get(page_of(token)).content.decode()
    with commits():
        done = client.post(page_of(token), answer())
    assert done["Location"] == reverse("account_email_verification_sent")
    assert EMAIL.lower() not in team_of(invitation)
    assert reload(invitation).state == "waiting"
    confirm = path_of(link_in(deliver()[-1], "/account/"))
    with commits():
        client.post(confirm)
    assert EMAIL.lower() in team_of(invitation)
    assert reload(invitation).state == "accepted"


def test_a_copied_link_does_not_tell_whether_the_address_has_a_login(client, alice_member, invitation: Invitation):
    deliver()
    make_user(email=EMAIL.lower())
    token = actions.copy_link(invitation=invitation, by=alice_member)
    done = client.post(page_of(token), answer())
    assert done["Location"] == reverse("account_email_verification_sent")
    assert [mail.to for mail in deliver()] == [[f"Pat Specimen <{EMAIL.lower()}>"]]
    assert reload(invitation).state == "waiting"


def test_an_owner_cannot_take_an_address_by_copying_the_link(client, alice_member, invitation: Invitation):
    token = actions.copy_link(invitation=invitation, by=alice_member)
    with pytest.raises(Refused, match="not_found"):
        actions.accept_invitation(
            token=token, person=NewPerson("Mallory", "M", PASSWORD), versions=list_versions_to_sign()
        )
    client.post(page_of(token), answer())
    assert not EmailAddress.objects.filter(email=EMAIL.lower(), verified=True).exists()
    assert not client.session.get("_auth_user_id")


# ---- remove my address -----------------------------------------------------------------------------------
def test_the_removal_page_acts_only_when_pressed_and_looks_the_same_for_every_link(client, invitation, token: str):
    path = reverse("operators:remove_address", args=[token])
    wrong = reverse("operators:remove_address", args=["wrong"])
    assert client.get(path).status_code == client.get(wrong).status_code == 200
    assert reload(invitation).state == "waiting"
    plain = [re.sub(r'nonce="[^"]+"|csrf.*?>', "", client.get(page).content.decode()) for page in (path, wrong)]
    assert plain[0] == plain[1]
    mine, other = client.post(path).content.decode(), client.post(wrong).content.decode()
    assert "Your address is removed" in mine and "Your address is removed" in other
    assert "Certificate of the erasure" in mine and "Certificate of the erasure" not in other
    assert reload(invitation).state == "removed"
    client.get(path)
    assert "Certificate of the erasure" not in client.post(path).content.decode()  # once is enough
    assert client.get(page_of(token)).status_code == 404


def test_who_accepted_removes_nothing_by_the_old_link(client, invitation: Invitation, token: str):
    client.post(page_of(token), answer())
    assert not actions.remove_address(token=token)
    assert EMAIL.lower() in team_of(invitation)


# ---- at once ------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_make_one_member(alice_member: Membership):
    invitation = make_invitation(alice_member, email="fay@acme-bikes.example")
    token = tokens_in(deliver()[-1].body)[0]
    gate = threading.Barrier(4)
    outcomes: list[str] = []

    def click() -> None:
        try:
            versions = list_versions_to_sign()
            gate.wait(10)
            actions.accept_invitation(token=token, person=NewPerson("Fay", "Sample", PASSWORD), versions=versions)
            outcomes.append("in")
        except Refused as refused:
            outcomes.append(refused.code)
        finally:
            connections.close_all()

    clicks = [threading.Thread(target=click) for _ in range(4)]
    for one in clicks:
        one.start()
    for one in clicks:
        one.join(30)
    assert sorted(outcomes) == ["in", "not_found", "not_found", "not_found"], (outcomes, connection.vendor)
    assert Membership.objects.filter(account=invitation.account, user__email="fay@acme-bikes.example").count() == 1
    assert User.objects.filter(email="fay@acme-bikes.example").count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_address_invited_by_four_people_at_once_is_invited_once(alice_member: Membership):
    from operators.invites import NewInvite
    from operators.testing import count_mails

    gate = threading.Barrier(4)
    outcomes: list[str] = []

    def press(number: int) -> None:
        try:
            row = NewInvite("Fay", f"FAY+{number}@acme-bikes.example")
            gate.wait(10)
            outcome = actions.invite_operators(account=alice_member.account, rows=[row], by=alice_member)[0]
            outcomes.append(outcome.code)
        finally:
            connections.close_all()

    presses = [threading.Thread(target=press, args=(number,)) for number in range(4)]
    for one in presses:
        one.start()
    for one in presses:
        one.join(30)
    assert sorted(outcomes) == ["already_invited"] * 3 + ["created"]
    assert count_mails(alice_member.account) == 1


def test_who_chooses_a_passkey_joins_without_a_password(client, invitation: Invitation, token: str):
    response = client.post(page_of(token), answer(password1="", passkey="1"))
    assert response.status_code == 302
    assert response.url == reverse("mfa_add_webauthn")
    user = User.objects.get(email__iexact=EMAIL)
    assert not user.has_usable_password()
    assert user.email in team_of(invitation)
    page = client.get(response.url).content.decode()
    assert reverse("account_set_password") in page


def test_a_copied_link_offers_no_passkey(client, alice_member: Membership, invitation: Invitation):
    page = page_of(actions.copy_link(invitation=invitation, by=alice_member))
    assert 'name="passkey"' not in client.get(page).content.decode()
    assert client.post(page, answer(password1="", passkey="1")).status_code == 400
