"""What was refused or done in part is looked at again on the day that the letter named (S102)."""

from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from outbox.models import Delivery
from privacy.actions import cases as actions
from privacy.actions.reviewing import do_it_now, look_again, remind_reviews
from privacy.models import Case
from privacy.queries.cases import list_to_review
from privacy.testing import make_case, make_guest_case

pytestmark = pytest.mark.django_db


def day(days):
    return timezone.now().date() + timedelta(days=days)


@pytest.fixture
def refused(alice, pia):
    case = make_case(alice, kind=Case.Kind.ERASURE)
    return actions.refuse_case(case=case, by=pia, reason_code="law", answer="Tax law.", review_on=day(30))


def test_who_answers_is_told_once_when_the_day_has_come(refused, pia, time_machine):
    assert remind_reviews() == 0 and list_to_review() == []
    time_machine.move_to(timezone.now() + timedelta(days=30))
    assert (remind_reviews(), remind_reviews()) == (1, 0)
    told = Delivery.objects.filter(kind="privacy.case_due", recipient=f"user:{pia.pk}").last()
    assert told.payload == {"case": refused.pk, "step": "review"}


def test_the_queue_has_a_place_for_them_until_somebody_has_looked(refused, pia, client_of, time_machine, commits):
    from outbox.actions import deliver_all

    browser, page = client_of(pia), f"/privacy/queue/{refused.number}/"
    time_machine.move_to(timezone.now() + timedelta(days=31))
    browser = client_of(pia)
    listed = browser.get("/privacy/queue/?show=again").content.decode()
    assert refused.label in listed and '<span class="count">1</span>' in listed
    for body, wrong in (
        ({"answer": " ", "review_on": day(90)}, "Write what you found."),
        ({"answer": "Still.", "review_on": ""}, "Say on which day you look at it again."),
        ({"answer": "Still so.", "review_on": day(-1)}, "Say on which day you look at it again."),
    ):
        answer = browser.post(page, {"do": "again", **body})
        assert answer.status_code == 400 and wrong in answer.content.decode()
        assert 'aria-invalid="true"' in answer.content.decode()
    deliver_all()
    mail.outbox.clear()
    with commits():
        assert (
            browser.post(page, {"do": "again", "answer": "The years go on.", "review_on": day(365)}).status_code == 302
        )
    deliver_all()
    (letter,) = mail.outbox
    assert "The years go on." in letter.body and "Tax law." in letter.body
    assert refused.label not in browser.get("/privacy/queue/?show=again").content.decode()
    refused.refresh_from_db()
    assert refused.state == Case.State.REFUSED and refused.review_on == day(365)


def test_what_can_be_done_by_then_begins_as_a_new_case(refused, pia, time_machine):
    time_machine.move_to(timezone.now() + timedelta(days=31))
    fresh = do_it_now(case=refused, by=pia)
    assert (fresh.kind, fresh.user_id, fresh.is_live) == (refused.kind, refused.user_id, True)
    assert (fresh.due_at - fresh.received_at).days == 30
    refused.refresh_from_db()
    assert refused.review_on == fresh.due_at.date() and list_to_review() == []
    assert refused.events.get(what="reopened").facts == {"into": fresh.label}


def test_a_case_that_was_done_is_not_looked_at_again(eve, pia):
    from core.errors import Refused

    case = actions.answer_case(case=make_guest_case(kind=Case.Kind.CORRECTION), by=pia, answer="Done.")
    for act in (
        lambda: look_again(case=case, by=pia, answer="Hm", review_on=day(9)),
        lambda: do_it_now(case=case, by=pia),
    ):
        with pytest.raises(Refused) as found:
            act()
        assert found.value.code == "wrong_state"
