"""The team page: who sees what, and who may change whom."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions import remove_member
from accounts.models import Account, Membership
from accounts.testing import make_member
from chat.models import Chat
from chat.testing import make_chat, make_operator, say
from operators import actions
from operators.models import Invitation, Operator
from operators.queries import list_left, list_pending, list_team
from operators.testing import make_invitation

pytestmark = pytest.mark.django_db
TEAM = "/app/team/"


def role_of(membership: Membership) -> str:
    return Membership.objects.get(pk=membership.pk).role


def of(name: str, membership: Membership) -> str:
    return reverse(f"operators:{name}", args=[membership.user.public_id])


def test_everybody_sees_the_team_and_only_leaders_the_invitations(client_of, alice, bob, alice_member, acme):
    make_operator(alice_member)
    make_invitation(alice_member, email="secret@acme-bikes.example")
    seen = client_of(alice).get(TEAM).content.decode()
    for words in ("Alice Example", "Bob Builder", "Owner", "Operator", "Accepting", "secret@acme-bikes.example"):
        assert words in seen
    hidden = client_of(bob).get(TEAM).content.decode()
    assert "Alice Example" in hidden
    assert "secret@" not in hidden and "Invite an operator" not in hidden
    assert client_of(bob).post(reverse("operators:invite"), {"name": "A", "email": "a@b.example"}).status_code == 404


def test_a_person_is_invited_by_hand(client_of, alice, acme: Account):
    browser = client_of(alice)
    done = browser.post(
        reverse("operators:invite"), {"name": "Fay", "email": "fay@acme-bikes.example", "role": "admin"}
    )
    assert done.status_code == 302
    assert Invitation.of(acme).get().role == "admin"
    again = browser.post(
        reverse("operators:invite"), {"name": "Fay", "email": "FAY@acme-bikes.example", "role": "admin"}
    )
    assert again.status_code == 400
    text = again.content.decode()
    assert "Was invited already" in text and "Send again" in text
    wrong = browser.post(reverse("operators:invite"), {"name": "", "email": "fay", "role": "owner"})
    assert "Please fix" in wrong.content.decode()
    assert Invitation.of(acme).count() == 1


def test_send_again_link_and_withdraw_by_page(client_of, alice, alice_member):
    one = make_invitation(alice_member)
    browser = client_of(alice)
    assert browser.post(reverse("operators:send_again", args=[one.public_id])).status_code == 302
    page = browser.post(reverse("operators:copy_link", args=[one.public_id]))
    assert "/invitation/" in page.content.decode()
    assert browser.post(reverse("operators:withdraw", args=[one.public_id])).status_code == 302
    assert list_pending(alice_member.account) == []
    again = {"name": "Fay", "email": one.email.upper(), "role": "operator"}
    assert browser.post(reverse("operators:send_again", args=[one.public_id]), again).status_code == 302
    assert Invitation.of(alice_member.account).get().sends == 2


@pytest.mark.parametrize("name", ["send_again", "copy_link", "withdraw"])
def test_nobody_else_touches_an_invitation(client_of, bob, carol, eve, alice_member, name: str):
    one = make_invitation(alice_member)
    for person in (bob, carol, eve):
        assert client_of(person).post(reverse(f"operators:{name}", args=[one.public_id])).status_code == 404
    assert Invitation.of(alice_member.account).get() == one
    assert Invitation.of(alice_member.account).get().sends == 0


def test_role_and_chat_limit_are_changed_together(client_of, alice, bob_member, acme):
    page = of("edit_member", bob_member)
    assert "Edit Bob Builder" in client_of(alice).get(page).content.decode()
    client_of(alice).post(page, {"role": "admin", "limit": "9"})
    assert role_of(bob_member) == "admin"
    assert Operator.of(acme).get(membership=bob_member).chat_limit == 9
    wrong = client_of(alice).post(page, {"role": "admin", "limit": "0"})
    assert wrong.status_code == 400 and "1 to 50" in wrong.content.decode()


def test_the_last_owner_stays_owner(client_of, alice, alice_member, bob_member):
    done = client_of(alice).post(of("edit_member", alice_member), {"role": "admin", "limit": "5"})
    assert "needs an owner" in done.content.decode()
    client_of(alice).post(reverse("operators:leave"))
    assert role_of(alice_member) == "owner"


@pytest.mark.parametrize("name", ["edit_member", "remove_member", "hand_over"])
def test_an_operator_a_stranger_and_another_owner_change_nobody(client_of, bob, carol, eve, alice_member, name: str):
    for person in (bob, carol, eve):
        for method in ("get", "post"):
            answer = getattr(client_of(person), method)(of(name, alice_member), {"role": "operator", "limit": "5"})
            assert answer.status_code == 404
    assert role_of(alice_member) == "owner"


def test_an_admin_cannot_touch_the_owner_or_make_one(client_of, acme, alice_member, bob_member):
    admin = make_member(acme, "admin")
    browser = client_of(admin.user)
    assert browser.post(of("edit_member", alice_member), {"role": "operator", "limit": "5"}).status_code == 404
    assert browser.post(of("remove_member", alice_member)).status_code == 404
    assert browser.post(of("edit_member", bob_member), {"role": "owner", "limit": "5"}).status_code == 400
    assert browser.post(of("hand_over", bob_member)).status_code == 404
    assert (role_of(alice_member), role_of(bob_member)) == ("owner", "operator")


def test_the_account_is_handed_over(client_of, alice, alice_member, bob_member):
    client_of(alice).post(of("hand_over", bob_member))
    assert (role_of(alice_member), role_of(bob_member)) == ("admin", "owner")


def test_who_leaves_keeps_the_name_and_the_chats_go_back(client_of, alice, acme, alice_member, bob_member, commits):
    operator = make_operator(bob_member)
    chat = make_chat(acme, text="Is it open?", operator=operator)
    say(chat, "It is.", operator=operator)
    assert "1 open chat goes back" in client_of(alice).get(of("remove_member", bob_member)).content.decode()
    with commits():
        client_of(alice).post(of("remove_member", bob_member))
    assert not Membership.objects.filter(pk=bob_member.pk).exists()
    back = Chat.of(acme).get(pk=chat.pk)
    assert (back.state, back.operator_id) == ("waiting", None)
    left = list_left(acme)
    assert [(one.display_name, one.open_chats, one.user_id) for one in left] == [("Bob Builder", 0, bob_member.user_id)]
    from chat.models import Message

    assert Message.of(acme).filter(chat=chat, author="operator").get().operator.display_name == "Bob Builder"
    assert client_of(bob_member.user).get(TEAM).status_code == 404


def test_a_lost_signal_is_caught_up_with_by_the_clock(acme, alice_member, bob_member):
    from chat.tasks import return_left_chats

    chat = make_chat(acme, text="Is it open?", operator=make_operator(bob_member))
    remove_member(membership=bob_member, by=alice_member)
    assert Chat.of(acme).get(pk=chat.pk).state == "open"
    assert return_left_chats() == 1
    assert return_left_chats() == 0
    assert Chat.of(acme).get(pk=chat.pk).state == "waiting"


def test_who_comes_back_is_the_operator_of_before(acme, alice_member, bob_member, commits):
    from accounts.actions import add_member

    before = make_operator(bob_member).pk
    with commits():
        remove_member(membership=bob_member, by=alice_member)
    with commits():
        again = add_member(account=acme, user=bob_member.user, role="operator", by=alice_member)
    assert actions.ensure_operator(membership=again).pk == before
    assert Operator.of(acme).filter(user=bob_member.user).count() == 1


def test_ten_and_twenty_rows_take_the_same_number_of_statements(client_of, acme, alice, alice_member):
    def visit() -> int:
        browser = client_of(alice)
        browser.get(TEAM)
        with CaptureQueriesContext(connection) as seen:
            assert browser.get(TEAM).status_code == 200
        return len(seen)

    def fill() -> None:
        for _ in range(10):
            actions.ensure_operator(membership=make_member(acme))
            make_invitation(alice_member)

    fill()
    ten = visit()
    fill()
    assert visit() == ten
    assert len(list_team(acme)) == 21
