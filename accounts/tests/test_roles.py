"""The table role x action, cell by cell, and the owner that an account always keeps."""

import pytest

from accounts import actions
from accounts.models import Membership
from accounts.roles import ACTIONS, can
from accounts.testing import make_member, make_user
from audit.models import Entry
from core.errors import Refused

pytestmark = pytest.mark.django_db

TABLE = """
action           owner admin operator
chats.answer     yes   yes   yes
chats.read       yes   yes   yes
chats.supervise  yes   yes   no
chats.delete     yes   yes   no
visitors.see     yes   yes   yes
archive.read     yes   yes   yes
reports.read     yes   yes   yes
account.edit     yes   yes   no
widget.edit      yes   yes   no
team.see         yes   yes   yes
team.edit        yes   yes   no
export           yes   yes   no
owners.edit      yes   no    no
account.close    yes   no    no
staff_access.edit  yes   no    no
profile.read     yes   yes   yes
profile.edit     yes   yes   yes
keys.own         yes   yes   yes
keys.all         yes   yes   no
access.edit      yes   yes   no
chats.tag        yes   yes   yes
visitors.delete  yes   yes   no
routing.edit     yes   yes   no
goals.edit       yes   yes   no
sales.record     yes   yes   no
tags.edit        yes   yes   no
replies.edit     yes   yes   no
surveys.edit     yes   yes   no
visitors.block   yes   yes   yes
blocks.lift      yes   yes   no
requests.own     yes   yes   yes
forum.write      yes   yes   yes
"""
ROWS = [line.split() for line in TABLE.split("\n")[2:] if line]


@pytest.mark.parametrize("action, owner, admin, operator", ROWS)
def test_each_cell_of_the_table(action, owner, admin, operator):
    for role, cell in (("owner", owner), ("admin", admin), ("operator", operator)):
        assert can(Membership(role=role), action) is (cell == "yes"), role


def test_the_table_here_names_every_action():
    assert {row[0] for row in ROWS} == set(ACTIONS)


def test_nobody_may_do_anything_and_unknown_actions_are_a_bug():
    assert not can(None, "chats.read")
    with pytest.raises(KeyError):
        can(Membership(role="owner"), "chats.raed")


def test_an_operator_cannot_change_roles(alice_member, bob_member):
    with pytest.raises(Refused) as refused:
        actions.change_role(membership=alice_member, role="operator", by=bob_member)
    assert refused.value.code == "not_found"
    with pytest.raises(Refused):
        actions.change_role(membership=bob_member, role="owner", by=bob_member)
    alice_member.refresh_from_db()
    assert alice_member.role == "owner"


def test_an_admin_cannot_make_or_change_owners(acme, alice_member):
    admin = make_member(acme, "admin")
    for membership, role in ((admin, "owner"), (alice_member, "operator")):
        with pytest.raises(Refused) as refused:
            actions.change_role(membership=membership, role=role, by=admin)
        assert refused.value.code == "not_found"
    with pytest.raises(Refused):
        actions.remove_member(membership=alice_member, by=admin)
    with pytest.raises(Refused):
        actions.add_member(account=acme, user=make_user(), role="owner", by=admin)


def test_the_last_owner_can_be_neither_removed_nor_demoted(alice_member):
    for act in (
        lambda: actions.remove_member(membership=alice_member, by=alice_member),
        lambda: actions.change_role(membership=alice_member, role="admin", by=alice_member),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "last_owner"
    assert Membership.objects.filter(pk=alice_member.pk, role="owner").exists()


def test_with_two_owners_one_may_go(acme, alice_member):
    other = make_member(acme, "owner")
    actions.remove_member(membership=alice_member, by=other)
    assert list(Membership.objects.filter(account=acme).values_list("pk", flat=True)) == [other.pk]
    assert Entry.objects.filter(chain__key__contains=acme.pk, action="membership.removed").exists()


def test_an_owner_of_another_account_reaches_nobody_here(bob_member, carol_member):
    for act in (
        lambda: actions.change_role(membership=bob_member, role="admin", by=carol_member),
        lambda: actions.remove_member(membership=bob_member, by=carol_member),
        lambda: actions.add_member(account=bob_member.account, user=make_user(), role="operator", by=carol_member),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "not_found"
    bob_member.refresh_from_db()
    assert bob_member.role == "operator"


def test_removal_and_a_new_role_close_the_persons_sockets(alice_member, bob_member, closed_sockets, commits):
    with commits():
        actions.change_role(membership=bob_member, role="admin", by=alice_member)
        actions.remove_member(membership=bob_member, by=alice_member)
    assert closed_sockets == [bob_member.user_id, bob_member.user_id]
