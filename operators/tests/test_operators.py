from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions import add_member
from accounts.models import Account, Membership, User
from accounts.scoping import WrongAccount, account_scope
from audit.models import Entry
from core.errors import Refused
from operators import events
from operators.actions import change_open_chats, ensure_operator, set_chat_limit, set_status
from operators.models import Operator, StatusChange
from operators.queries import find_operator_for, list_answering, list_operators
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db


def reload(operator: Operator) -> Operator:
    return Operator.of(operator.account).get(pk=operator.pk)


def test_a_new_member_becomes_an_operator_with_their_name(acme: Account, eve: User, commits: Any) -> None:
    with commits():
        membership = add_member(account=acme, user=eve, role="operator", by=None)
    operator = find_operator_for(membership)
    assert operator.display_name == "Eve Nobody"
    assert operator.status == Operator.Status.ACCEPTING


def test_made_twice_an_operator_is_one(bob_member: Membership) -> None:
    first, second = (ensure_operator(membership=bob_member) for _ in range(2))
    assert first.pk == second.pk
    assert Operator.of(bob_member.account).filter(membership=bob_member).count() == 1


def test_who_was_never_made_an_operator_is_not_found(bob_member: Membership) -> None:
    with pytest.raises(Refused, match="not_found"):
        find_operator_for(bob_member)


def test_a_state_is_stored_and_told_once(bob_member: Membership, commits: Any) -> None:
    told = []

    def listen(sender: Any, **facts: Any) -> None:
        told.append((facts["operator_id"], facts["status"]))

    events.operator_status_changed.connect(listen)
    operator = ensure_operator(membership=bob_member)
    with commits():
        assert set_status(operator=operator, status="away")
        assert not set_status(operator=operator, status="away")
    assert reload(operator).status == "away"
    assert told == [(operator.pk, "away")]


def test_another_state_than_the_three_is_refused(bob_member: Membership) -> None:
    with pytest.raises(Refused, match="bad_status"):
        set_status(operator=ensure_operator(membership=bob_member), status="asleep")


def test_the_count_of_open_chats_moves_and_never_falls_below_zero(bob_member: Membership) -> None:
    operator = ensure_operator(membership=bob_member)
    with account_scope(operator.account):
        assert change_open_chats(operator_id=operator.pk, by=2)
        assert not change_open_chats(operator_id=operator.pk, by=-3)
        assert change_open_chats(operator_id=operator.pk, by=-2)
    assert reload(operator).open_chats == 0


def test_within_the_limit_the_count_stops_there(bob_member: Membership) -> None:
    operator = ensure_operator(membership=bob_member)
    set_chat_limit(operator=operator, limit=2, actor=f"user:{bob_member.user_id}")
    with account_scope(operator.account):
        assert [change_open_chats(operator_id=operator.pk, by=1, within_limit=True) for _ in range(3)] == [
            True,
            True,
            False,
        ]
    assert reload(operator).open_chats == 2


def test_the_count_of_another_account_cannot_be_changed(bob_member: Membership, cakes: Account) -> None:
    operator = ensure_operator(membership=bob_member)
    with account_scope(cakes):
        assert not change_open_chats(operator_id=operator.pk, by=1)
        with pytest.raises(WrongAccount):
            operator.save()
    assert reload(operator).open_chats == 0


@pytest.mark.parametrize("limit", [0, 51])
def test_a_limit_out_of_range_is_refused(bob_member: Membership, limit: int) -> None:
    with pytest.raises(Refused, match="bad_limit"):
        set_chat_limit(operator=ensure_operator(membership=bob_member), limit=limit, actor="system")


def test_a_new_limit_is_written_to_the_log(bob_member: Membership) -> None:
    operator = ensure_operator(membership=bob_member)
    set_chat_limit(operator=operator, limit=7, actor=f"user:{bob_member.user_id}")
    assert Entry.objects.filter(action="operator.limit_changed", facts__limit=7).count() == 1


def test_lists_hold_the_operators_of_one_account(
    alice_member: Membership, bob_member: Membership, carol_member: Membership
) -> None:
    for membership in (alice_member, bob_member, carol_member):
        ensure_operator(membership=membership)
    set_status(operator=find_operator_for(bob_member), status="away")
    assert [row.display_name for row in list_operators(alice_member.account)] == ["Alice Example", "Bob Builder"]
    assert [row.display_name for row in list_answering(alice_member.account)] == ["Alice Example"]


def test_each_change_of_state_is_kept_with_its_moment(bob_member: Membership) -> None:
    operator = ensure_operator(membership=bob_member)
    for status in ("away", "away", "offline", "accepting"):
        set_status(operator=operator, status=status)
    changes = StatusChange.of(bob_member.account).filter(operator=operator).order_by("pk")
    assert list(changes.values_list("status", flat=True)) == ["accepting", "away", "offline", "accepting"]


def test_changes_of_state_go_after_their_days(bob_member: Membership) -> None:
    ensure_operator(membership=bob_member)
    for days, left in ((399, 1), (401, 0)):
        apply_retention(now=timezone.now() + timedelta(days=days))
        assert StatusChange.of(bob_member.account).count() == left
