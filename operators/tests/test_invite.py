"""Inviting: a verdict per row, one first mail per address, and a constant number of statements."""

from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions import change_role
from accounts.models import Account, Membership
from accounts.scoping import account_scope
from accounts.testing import make_member
from accounts.tests.mails import deliver
from audit.models import Entry
from core.errors import Refused
from core.personal_data import Purpose
from notifications.actions import suppress_address
from operators import actions
from operators.invites import NewInvite, judge, read_email
from operators.models import Invitation
from operators.testing import count_mails, invites_of, make_invitation, tokens_in
from outbox.models import Delivery
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db


def reload(invitation: Invitation) -> Invitation:
    return Invitation.of(invitation.account).get(pk=invitation.pk)


def codes(outcomes) -> list[str]:
    return [outcome.code for outcome in outcomes]


def test_each_row_gets_its_verdict(acme: Account, alice_member: Membership, bob_member: Membership):
    suppress_address(email="gone@acme-bikes.example", reason="removed", purpose=Purpose.INVITATION.value)
    make_invitation(alice_member, email="early@acme-bikes.example")
    rows = [
        NewInvite("Fay Sample", " Fay@Acme-Bikes.example "),
        NewInvite("", "gus@acme-bikes.example"),
        NewInvite("Gus", ""),
        NewInvite("Gus", "gus@acme"),
        NewInvite("Fay again", "fay+work@acme-bikes.example"),
        NewInvite("Bob", "BOB@acme-bikes.example"),
        NewInvite("Early", "early@ACME-bikes.example"),
        NewInvite("Gone", "gone@acme-bikes.example"),
        NewInvite("Visit https://spam.example", "spam@acme-bikes.example"),
        NewInvite("x" * 161, "long@acme-bikes.example"),
    ]
    wanted = [
        "created", "missing_name", "missing_email", "invalid_email", "duplicate_in_file", "already_operator",
        "already_invited", "not_invited", "invalid_name", "name_too_long",
    ]  # fmt: skip
    before = Invitation.of(acme).count()
    preview = judge(acme, rows)
    assert codes(preview) == wanted
    assert preview[4].first == 0
    assert Invitation.of(acme).count() == before
    assert codes(actions.invite_operators(account=acme, rows=rows, by=alice_member)) == wanted
    made = Invitation.of(acme).get(name="Fay Sample")
    assert (made.email, made.role, made.state) == ("Fay@Acme-Bikes.example", "operator", "waiting")
    assert all(str(one.message) for one in preview)


@pytest.mark.parametrize(
    "text", ["", "@", "a@", "@b", "a b@c.example", "a@b", "a@b..example", "a\x00@b.example",
             "a@b.example\r\nBcc: x@y.example", "x" * 250 + "@b.example",
             "a@" + "b" * 300 + ".example", "a,b@c.example", "ann@xn--.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str):
    assert read_email(text) == ""


def test_an_address_is_kept_as_typed_and_in_its_plain_form_where_only_that_is_one():
    assert read_email(" Fay@Bücher.example ") == "Fay@Bücher.example"
    assert read_email("fay＠acme.example") == "fay@acme.example"


def test_one_row_and_a_hundred_take_the_same_few_statements(acme: Account, alice_member: Membership):
    def statements(rows) -> list[str]:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            actions.invite_operators(account=acme, rows=rows, by=alice_member)
        bounds = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")
        return [query["sql"] for query in seen.captured_queries if not query["sql"].startswith(bounds)]

    actions.invite_operators(account=acme, rows=invites_of(1, 900), by=alice_member)
    one, hundred = statements(invites_of(1)), statements(invites_of(100, 2))
    assert len(one) == len(hundred) <= 10, "\n".join(hundred)
    assert Invitation.of(acme).count() == count_mails(acme) == 102


def test_the_second_try_of_the_same_hundred_invites_nobody(acme: Account, alice_member: Membership):
    rows = invites_of(100)
    assert set(codes(actions.invite_operators(account=acme, rows=rows, by=alice_member))) == {"created"}
    assert set(codes(actions.invite_operators(account=acme, rows=rows, by=alice_member))) == {"already_invited"}
    assert count_mails(acme) == 100


def test_the_database_itself_refuses_a_second_row_of_one_address(acme: Account, alice_member: Membership):
    first = make_invitation(alice_member)
    with pytest.raises(IntegrityError), transaction.atomic(), account_scope(acme):
        Invitation.objects.create(
            account=acme, address_hash=first.address_hash, role="operator", expires_at=timezone.now()
        )


def test_the_mail_names_inviter_company_and_both_links(acme: Account, alice_member: Membership, commits):
    with commits():
        make_invitation(alice_member, name="Fay Sample", email="Fay@Acme-Bikes.example")
    letter = deliver()[-1]
    assert letter.to == ["Fay Sample <Fay@Acme-Bikes.example>"]
    assert letter.subject == "Alice Example invites you to answer chats for Acme Bikes"
    html = letter.alternatives[0][0]
    for words in ("Alice Example invites you to the team of Acme Bikes", "Your role: Operator", "/remove/"):
        assert words in letter.body and words in html
    token = tokens_in(letter.body)[0]
    assert len(token) >= 43
    assert token not in str(list(Delivery.objects.values()))
    assert Entry.objects.filter(kind="disclosure", facts__purpose="invitation").count() == 1


def test_operators_and_strangers_invite_nobody(acme: Account, bob_member: Membership, carol_member: Membership):
    for by in (bob_member, carol_member):
        with pytest.raises(Refused, match="not_found"):
            actions.invite_operators(account=acme, rows=invites_of(1), by=by)
    assert not Invitation.of(acme).exists()


def test_a_demoted_admin_invites_nobody_with_an_old_object(acme: Account, alice_member: Membership):
    admin = make_member(acme, "admin")
    change_role(membership=admin, role="operator", by=alice_member)
    with pytest.raises(Refused, match="not_found"):
        actions.invite_operators(account=acme, rows=invites_of(1), by=admin)


def test_nobody_is_invited_as_owner(acme: Account, alice_member: Membership):
    with pytest.raises(Refused, match="bad_role"):
        make_invitation(alice_member, role="owner")


def test_after_the_trial_nobody_is_invited(acme: Account, alice_member: Membership):
    with time_machine.travel(timezone.now() + timedelta(days=31)), pytest.raises(Refused, match="read_only"):
        make_invitation(alice_member)


# ---- again, link, withdraw ------------------------------------------------------------------------------
def test_send_again_makes_a_new_link_three_times_at_most(alice_member: Membership, commits):
    invitation = make_invitation(alice_member)
    first = tokens_in(deliver()[-1].body)[0]
    for press in (1, 2, 3):
        assert actions.send_again(invitation=invitation, by=alice_member).sends == press
    tokens = {first} | {tokens_in(letter.body)[0] for letter in deliver()}
    assert len(tokens) == 2  # the two mails between were overtaken before they left
    with pytest.raises(Refused, match="too_often"):
        actions.send_again(invitation=invitation, by=alice_member)
    with pytest.raises(Refused, match="not_found"):
        actions.accept_invitation(token=first, person=alice_member.user, versions=[])


def test_a_copied_link_leaves_the_one_of_the_mail_alone(alice_member: Membership):
    invitation = make_invitation(alice_member)
    mailed = tokens_in(deliver()[-1].body)[0]
    old, new = (actions.copy_link(invitation=invitation, by=alice_member) for _ in range(2))
    from operators.queries import find_open_invitation

    assert find_open_invitation(mailed).proved
    assert not find_open_invitation(new).proved
    with pytest.raises(Refused, match="not_found"):
        find_open_invitation(old)


def test_withdrawing_erases_at_once_and_stops_a_mail_that_waits(alice_member: Membership):
    invitation = make_invitation(alice_member)
    actions.revoke_invitation(invitation=invitation, by=alice_member)
    row = reload(invitation)
    assert (row.state, row.email, row.name) == ("revoked", "", "")
    assert deliver() == []
    with pytest.raises(Refused, match="address_gone"):
        actions.send_again(invitation=invitation, by=alice_member)
    again = NewInvite("Fay", f"{'FAY'}{invitation.email.removeprefix('fay')}")
    assert codes(judge(alice_member.account, [again])) == ["already_invited"]
    actions.send_again(invitation=invitation, by=alice_member, row=again)
    assert len(deliver()) == 1
    with pytest.raises(Refused, match="not_found"):
        actions.send_again(invitation=invitation, by=alice_member, row=NewInvite("Eve", "eve@acme-bikes.example"))


def test_after_seven_days_the_link_ends_and_after_thirty_the_address_is_gone(alice_member: Membership):
    invitation = make_invitation(alice_member)
    start = timezone.now()
    with time_machine.travel(start + timedelta(days=7, minutes=1)):
        assert actions.expire_invitations() == 1
        assert actions.expire_invitations() == 0
    for days, kept in ((29, True), (31, False)):
        apply_retention(now=start + timedelta(days=days))
        assert bool(reload(invitation).email) is bool(reload(invitation).name) is kept
    assert reload(invitation).address_hash == invitation.address_hash
    assert codes(judge(alice_member.account, [NewInvite("Fay", invitation.email)])) == ["already_invited"]


# ---- remove my address ------------------------------------------------------------------------------------
def test_a_removed_address_is_erased_everywhere_and_never_invited_again(
    alice_member: Membership, carol_member: Membership
):
    email = "fay@specimen.example"
    here = make_invitation(alice_member, email=email)
    there = make_invitation(carol_member, email="FAY+cakes@specimen.example")
    token = tokens_in(deliver()[0].body)[0]
    assert actions.remove_address(token=token)
    for row in (reload(here), reload(there)):
        assert (row.state, row.email, row.name) == ("removed", "", "")
    for member in (alice_member, carol_member):
        again = [NewInvite("Fay", "Fay@Specimen.example")]
        outcome = actions.invite_operators(account=member.account, rows=again, by=member)[0]
        assert (outcome.code, str(outcome.message), outcome.invitation) == ("not_invited", "Not invited", None)
    with pytest.raises(Refused, match="not_invited"):
        actions.send_again(invitation=here, by=alice_member, row=again[0])
    before = len(mail.outbox)
    deliver()
    assert len(mail.outbox) == before


def test_the_removal_works_for_an_ended_link_too_and_twice(alice_member: Membership):
    invitation = make_invitation(alice_member)
    token = tokens_in(deliver()[-1].body)[0]
    actions.revoke_invitation(invitation=invitation, by=alice_member)
    assert actions.remove_address(token=token)
    assert actions.remove_address(token=token) == ""  # nothing is left to look for
    assert codes(judge(alice_member.account, [NewInvite("Fay", invitation.email)])) == ["not_invited"]
    assert not actions.remove_address(token="wrong")


def test_our_support_removes_an_address_by_command(alice_member: Membership, capsys):
    from django.core.management import call_command

    invitation = make_invitation(alice_member)
    call_command("remove_invited_address", invitation.email.upper())
    assert reload(invitation).state == "removed"
    assert "1" in capsys.readouterr().out
