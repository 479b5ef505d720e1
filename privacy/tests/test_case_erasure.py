"""An erasure that a case asks for: started by who answers it, run, certified, and answered by itself."""

from datetime import date, timedelta

import pytest
from django.core import mail

from accounts.scoping import account_scope, scopes_disabled
from chat.actions.visitors import delete_visitor
from chat.models import Message, Visitor
from chat.testing import make_chat, make_operator, make_visitor
from core.erased import hash_word, read_erased, word_of
from core.errors import Refused
from core.personal_data import Purpose
from facts.models import Fact, Kind
from notifications.queries import list_suppressed
from outbox.actions import deliver_all
from policies.actions import give_consent
from policies.models import Receipt
from privacy.actions.cases import open_case
from privacy.actions.holds import place_hold
from privacy.actions.serving import erase_case, plan_case, start_copy
from privacy.models import Case, ErasurePlan
from privacy.persons import Person, person_of_visitor
from privacy.tasks import run_erasures
from privacy.testing import make_guest_case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR = tmp_path
    settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path / "media", tmp_path / "files"
    return tmp_path


def ask(account, visitor, by, kind=Case.Kind.ERASURE):
    return open_case(
        kind=kind, channel=Case.Channel.OPERATOR, person=person_of_visitor(visitor.pk), account=account, by=by,
        email=visitor.email,
    )  # fmt: skip


def erase(case, by):
    plan_case(case=case, by=by)
    return erase_case(case=case, by=by)


def test_the_owner_sees_the_plan_confirms_and_the_visitor_gets_the_certificate(acme, alice, client_of):
    dave = make_visitor(acme, name="Dave Needlename", email="dave@needle.example")
    make_chat(acme, text="needle-7f3a of dave", visitor=dave)
    case, owner = ask(acme, dave, alice), client_of(alice)
    where = f"/app/settings/cases/{case.number}/"
    assert owner.post(where, {"do": "erase"}).status_code == 409  # nobody erases what nobody has looked at
    assert owner.post(where, {"do": "plan"}).status_code == 302
    page = owner.get(where).content.decode()
    assert "Messages" in page and "Privacy requests" in page and "The law wants proof" in page
    assert owner.post(where, {"do": "erase"}).status_code == 302
    assert "It runs now." in owner.get(where).content.decode()
    deliver_all()
    mail.outbox.clear()
    run_erasures()
    plan = ErasurePlan.objects.get()
    assert plan.state == "done", plan.findings
    case.refresh_from_db()
    assert case.state == Case.State.ANSWERED and case.handled_by == alice
    assert "The law wants proof" in case.answer
    deliver_all()
    (letter,) = [one for one in mail.outbox if "dave@needle.example" in one.to[0]]
    assert f"/privacy/erase/{plan.public_id}/" in letter.body
    assert f"/privacy/erase/{plan.public_id}/" in owner.get(where).content.decode()
    with scopes_disabled():
        assert Visitor.objects.get(pk=dave.pk).is_erased
        assert not Message.objects.filter(text__contains="needle").exists()
    run_erasures()
    assert Case.objects.get().events.filter(what="erased").count() == 1


def test_a_case_of_an_account_reaches_no_visitor_of_another_and_no_login(acme, cakes, alice, carol):
    theirs, own = make_visitor(cakes, email="pat@needle.example"), make_visitor(acme, email="pat@needle.example")
    both = Person((*person_of_visitor(theirs.pk).refs, *person_of_visitor(own.pk).refs), "pat@needle.example")
    case = open_case(
        kind=Case.Kind.ERASURE, channel=Case.Channel.OPERATOR, person=both, user=None, account=acme, by=alice
    )
    erase(case, alice)
    run_erasures()
    with scopes_disabled():
        assert list(Visitor.objects.filter(erased_at=None).values_list("pk", flat=True)) == [theirs.pk]


def test_an_erasure_starts_once_and_never_for_an_ended_case_or_another_kind(acme, alice, dave):
    case = ask(acme, dave, alice)
    erase(case, alice)
    for again in (plan_case, erase_case):
        with pytest.raises(Refused, match="wrong_state"):
            again(case=case, by=alice)
    run_erasures()
    assert ErasurePlan.objects.count() == 1
    correction = ask(acme, make_visitor(acme), alice, Case.Kind.CORRECTION)
    for other in (case, correction):
        with pytest.raises(Refused, match="wrong_state"):
            plan_case(case=other, by=alice)


def test_the_account_has_the_copy_of_its_visitor_made_and_no_other_rows_are_in_it(acme, cakes, alice):
    theirs, own = make_visitor(cakes, email="pat@needle.example"), make_visitor(acme, email="pat@needle.example")
    both = Person((*person_of_visitor(theirs.pk).refs, *person_of_visitor(own.pk).refs), "pat@needle.example")
    case = open_case(
        kind=Case.Kind.ACCESS, channel=Case.Channel.OPERATOR, person=both, user=None, account=acme, by=alice
    )
    assert start_copy(case=case, by=alice).refs == [["visitor", own.pk]]


@pytest.mark.parametrize("way", ["engine", "panel"])
def test_whoever_erases_a_visitor_gives_back_the_operators_place_and_ends_the_chat(acme, alice, bob_member, way):
    operator = make_operator(bob_member)
    dave = make_visitor(acme, name="Dave")
    chat = make_chat(acme, visitor=dave, operator=operator)
    operator.refresh_from_db()
    assert operator.open_chats == 1
    give_consent(subject=f"visitor:{dave.pk}", purpose="marketing", text="News, please", channel="chat")
    if way == "panel":
        with account_scope(acme):
            assert delete_visitor(visitor=dave) == 1
    else:
        erase(ask(acme, dave, alice), alice)
        run_erasures()
    operator.refresh_from_db()
    assert operator.open_chats == 0
    with account_scope(acme):
        ends = Fact.objects.filter(kind=Kind.CLOSED, chat_ref=chat.pk)
        assert ends.count() == 1
    assert not Receipt.objects.filter(subject=f"visitor:{dave.pk}").exists()
    assert hash_word(word_of("visitor", dave.pk, dave.public_id)) in read_erased()


def test_a_visitor_under_a_hold_deletes_nothing_and_is_not_remembered_as_erased(acme, dave, pia):
    make_chat(acme, text="needle of dave", visitor=dave)
    later = date.today() + timedelta(days=30)  # noqa: DTZ011  a day, no moment
    place_hold(refs=person_of_visitor(dave.pk).refs, owner=pia, reason="A claim", review_on=later)
    with account_scope(acme), pytest.raises(Refused, match="on_hold"):
        delete_visitor(visitor=dave)
    with scopes_disabled():
        assert Message.objects.filter(text="needle of dave").exists()
    assert hash_word(word_of("visitor", dave.pk, dave.public_id)) not in read_erased()


def test_who_removes_an_invited_address_is_not_invited_again(acme, alice_member, pia):
    from operators.actions import invite_operators
    from operators.invites import NewInvite
    from operators.models import Invitation

    invite_operators(account=acme, rows=[NewInvite("Pat", "Pat@Needle.example")], by=alice_member)
    case = make_guest_case("pat@needle.example", kind=Case.Kind.ADDRESS_REMOVAL)
    erase(case, pia)
    run_erasures()
    assert Case.objects.get().state == Case.State.ANSWERED
    with scopes_disabled():
        invitation = Invitation.objects.get()
    assert (invitation.email, invitation.name, invitation.state) == ("", "", Invitation.State.REMOVED)
    assert list_suppressed(["pat@needle.example"], Purpose.INVITATION)
    again = invite_operators(account=acme, rows=[NewInvite("Pat", "pat@needle.example")], by=alice_member)
    assert [one.code for one in again] == ["not_invited"]
