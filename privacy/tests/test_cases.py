"""The machine of a case: who can come to an answer, how the clock runs, and what a refusal must say."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from core.errors import Refused
from outbox.models import Delivery
from privacy.actions import cases as actions
from privacy.case_states import MOVES
from privacy.forms.cases import ASKED
from privacy.models import Case
from privacy.queries import cases as queries
from privacy.testing import make_case, make_guest_case

TOMORROW = date.today() + timedelta(days=2)  # noqa: DTZ011  a day, no moment


def kinds_of(case: Case) -> list[str]:
    rows = Delivery.objects.filter(recipient=f"case:{case.pk}").order_by("pk")
    return list(rows.values_list("kind", flat=True))


def words_of(case: Case) -> list[str]:
    return list(case.events.order_by("pk").values_list("what", flat=True))


def age(case: Case, days: float) -> Case:
    """The same case, as if it had come earlier."""
    back = timedelta(days=days)
    Case.objects.filter(pk=case.pk).update(received_at=case.received_at - back, due_at=case.due_at - back)
    case.refresh_from_db()
    return case


def test_a_case_of_somebody_logged_in_is_open_at_once_and_due_in_30_days(alice):
    case = make_case(alice)
    assert case.state == Case.State.OPEN and case.verified_at
    assert case.due_at - case.received_at == timedelta(days=30)
    assert case.label == "D-0001" and case.refs == [["user", alice.pk]]
    assert words_of(case) == ["received", "verified"]
    assert kinds_of(case) == ["privacy.case_received"]


def test_a_guests_case_waits_until_the_address_is_proved_and_cannot_be_answered_before(eve, pia):
    case = make_guest_case(is_proved=False, kind=Case.Kind.CORRECTION)
    assert case.state == Case.State.IDENTITY_PENDING and kinds_of(case) == ["privacy.case_confirm"]
    with pytest.raises(Refused, match="wrong_state"):
        actions.answer_case(case=case, by=pia, answer="Here is everything.")
    with pytest.raises(Refused, match="unverified"):
        actions.refuse_case(case=case, by=pia, reason_code="law", answer="No.", review_on=TOMORROW)
    with pytest.raises(IntegrityError), transaction.atomic():  # the database says the same
        Case.objects.filter(pk=case.pk).update(state=Case.State.ANSWERED, closed_at=timezone.now())
    case = actions.verify_case(case=case)
    case = actions.answer_case(case=case, by=pia, answer="Here is everything.")
    assert case.state == Case.State.ANSWERED and case.handled_by == pia and case.closed_at


def test_every_way_that_the_table_does_not_have_is_refused(alice):
    assert set(MOVES) == set(Case.State.values)
    assert [state for state in MOVES if Case.State.ANSWERED in MOVES[state]] == [Case.State.OPEN]
    assert all(not MOVES[state] for state in Case.ENDED)
    case = actions.withdraw_case(case=make_case(alice))
    for act in (
        lambda: actions.verify_case(case=case),
        lambda: actions.withdraw_case(case=case),
        lambda: actions.answer_case(case=case, by=None, answer="Done."),
        lambda: actions.extend_case(case=case, by=None, days=5, reason="Much."),
        lambda: actions.pause_case(case=case, by=None, reason="Which one?"),
    ):
        with pytest.raises(Refused, match="wrong_state"):
            act()


def test_a_refusal_needs_reason_text_and_a_day_to_look_again(alice, pia):
    case = make_case(alice)
    for change in ({"reason_code": ""}, {"answer": " "}, {"review_on": None}, {"review_on": date(2020, 1, 1)}):
        given = {"reason_code": "law", "answer": "Tax law.", "review_on": TOMORROW, **change}
        with pytest.raises(Refused):
            actions.refuse_case(case=case, by=pia, **given)
    with pytest.raises(Refused):  # a part that is not done is a refusal of that part
        actions.answer_case(case=case, by=pia, answer="Most of it.", in_part=True)
    case = actions.refuse_case(case=case, by=pia, reason_code="law", answer="Tax law.", review_on=TOMORROW)
    assert case.state == Case.State.REFUSED and kinds_of(case)[-1] == "privacy.case_answered"
    assert queries.count_figures().refused == 1


def test_the_time_is_extended_once_by_60_days_at_most_and_not_when_it_is_over(alice, pia):
    case = make_case(alice)
    due = case.due_at
    for days, reason in ((61, "Much."), (0, "Much."), (10, " ")):
        with pytest.raises(Refused):
            actions.extend_case(case=case, by=pia, days=days, reason=reason)
    case = actions.extend_case(case=case, by=pia, days=60, reason="Many chats.")
    assert case.due_at == due + timedelta(days=60) and kinds_of(case)[-1] == "privacy.case_changed"
    with pytest.raises(Refused, match="extended"):
        actions.extend_case(case=case, by=pia, days=1, reason="More.")
    late = age(make_case(alice, kind=Case.Kind.ACCESS), 31)
    with pytest.raises(Refused, match="overdue"):
        actions.extend_case(case=late, by=pia, days=10, reason="Forgotten.")


def test_a_pause_needs_a_reason_and_moves_the_due_time_by_its_length(alice, pia):
    case = make_case(alice)
    with pytest.raises(Refused):
        actions.pause_case(case=case, by=pia, reason="")
    case = actions.pause_case(case=case, by=pia, reason="Which of the two names?")
    due = case.due_at
    Case.objects.filter(pk=case.pk).update(paused_at=timezone.now() - timedelta(days=5))
    case = actions.resume_case(case=case, by=pia)
    assert timedelta(days=5) <= case.due_at - due < timedelta(days=5, minutes=1)
    assert words_of(case)[-2:] == ["paused", "resumed"]


def test_a_second_case_of_the_same_kind_joins_the_first_and_keeps_the_earlier_date(alice):
    first = age(make_case(alice, text="The name."), 3)
    again = make_case(alice, text="And the photo.")
    assert again.pk == first.pk and again.due_at == first.due_at
    assert "The name." in again.text and "And the photo." in again.text
    assert make_case(alice, kind=Case.Kind.ACCESS).pk != first.pk
    # one that came earlier by mail and was proved later brings its date along
    mailed = make_guest_case(alice.email, kind=Case.Kind.CORRECTION, is_proved=False)
    mailed = age(mailed, 9)
    from privacy.persons import person_of_address

    joined = actions.verify_case(case=mailed, refs=person_of_address(alice.email))
    assert joined.pk == first.pk and joined.received_at == mailed.received_at and joined.due_at == mailed.due_at
    mailed.refresh_from_db()
    assert mailed.merged_into == first and mailed.state == Case.State.WITHDRAWN


def test_what_a_stranger_types_never_joins_a_proved_case(alice):
    mine = make_case(alice)
    theirs = make_guest_case(alice.email, kind=mine.kind, is_proved=False, text="Send it to me.")
    mine.refresh_from_db()
    assert theirs.pk != mine.pk and "Send it" not in mine.text


def test_officers_are_reminded_at_7_3_and_1_days_and_told_once_when_it_is_late(alice, pia):
    case = make_case(alice)
    told = []
    for days in (22, 23.5, 23.6, 27.5, 29.5, 30.5, 31.5):
        Case.objects.filter(pk=case.pk).update(due_at=case.received_at + timedelta(days=30 - days))
        # the due day moves with the age, so each step would be told twice only if it was not remembered
        actions.watch_clock()
        actions.watch_clock()
        told.append(Delivery.objects.filter(kind="privacy.case_due", recipient=f"user:{pia.pk}").count())
    steps = [event.facts.get("days", "late") for event in case.events.filter(what__in=["reminded", "overdue"])]
    assert told[0] == 1  # only "a new case"
    assert steps[0] == 7 and 3 in steps and 1 in steps and steps[-1] == "late"
    assert queries.count_figures().overdue == 1
    actions.pause_case(case=case, by=pia, reason="Which one?")
    assert queries.count_figures().overdue == 0


def test_what_nobody_confirms_for_a_month_is_closed_and_is_not_overdue(eve):
    case = age(make_guest_case(is_proved=False), 31)
    assert queries.count_figures().overdue == 0
    actions.watch_clock()
    case.refresh_from_db()
    assert case.state == Case.State.WITHDRAWN and words_of(case)[-1] == "lapsed"


def test_a_visitors_case_goes_to_the_owners_of_the_account_and_not_to_us(acme, alice, pia, carol):
    make_guest_case(account=acme)
    told = set(Delivery.objects.filter(kind="privacy.case_due").values_list("recipient", flat=True))
    assert told == {f"user:{alice.pk}"}
    assert queries.list_queue(account=None) == [] and len(queries.list_queue(account=acme)) == 1


def test_the_data_map_finds_the_cases_of_a_person_and_empties_them_after_three_years(alice, eve, acme, pia):
    from core.personal_data import Subject, SubjectRef
    from privacy.actions.retention import apply_retention
    from privacy.personal_data.cases import cases_of
    from privacy.persons import Person

    mine = make_case(alice, text="A needle")
    visitor = SubjectRef(Subject.VISITOR, alice.pk)  # another kind of row with the same number
    theirs = make_guest_case(account=acme, is_proved=False)
    theirs = actions.verify_case(case=theirs, refs=Person((visitor,), theirs.email))
    assert list(cases_of(SubjectRef(Subject.USER, alice.pk))) == [mine]
    assert list(cases_of(visitor)) == [theirs] and not cases_of(SubjectRef(Subject.USER, eve.pk)).exists()
    actions.answer_case(case=mine, by=pia, answer="Another needle")
    apply_retention(now=timezone.now() + timedelta(days=3 * 365 - 1))
    mine.refresh_from_db()
    assert mine.text == "A needle"
    apply_retention(now=timezone.now() + timedelta(days=3 * 365 + 1))
    mine.refresh_from_db()
    assert (mine.email, mine.text, mine.answer, mine.refs) == ("", "", "", []) and mine.label == "D-0001"
    theirs.refresh_from_db()
    assert theirs.email  # it has no end yet


def test_every_kind_can_be_asked_for():
    assert {kind for kind, _label in ASKED} == set(Case.Kind)


def test_the_database_takes_no_other_kind(eve):
    case = make_case(eve)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(kind="child")


def test_who_asks_for_a_copy_is_not_answered_without_one(alice, pia, client_of):
    case = make_case(alice, kind=Case.Kind.ACCESS)
    page = client_of(pia).post(f"/privacy/queue/{case.number}/", {"do": "answer", "answer": "Sorry that it is late."})
    assert page.status_code == 400 and "The copy that was asked for is not made." in page.content.decode()
    assert "Sorry that it is late." in page.content.decode()  # nothing that was typed is lost
    case = actions.answer_case(case=case, by=pia, answer="No.", in_part=True, reason_code="law", review_on=TOMORROW)
    assert case.in_part
