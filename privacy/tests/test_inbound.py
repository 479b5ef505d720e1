"""A mail that asks for a right opens a case and proves nothing; every other mail goes to our support."""

import pytest
from django.core import mail as django_mail

from notifications.actions import receive_mail
from notifications.tests.mails import mail
from outbox.actions import deliver_all
from privacy.intents import find_intent
from privacy.models import Case
from support.models import SupportRequest

ASKS = [
    ("Please delete my account and all my data.", "erasure"),
    ("I want to be forgotten: erase everything you have about me.", "erasure"),
    ("Under article 17 GDPR I ask you to act.", "erasure"),
    ("Could you send me a copy of my personal data?", "access"),
    ("What information do you hold about me?", "access"),
    ("This is a subject access request.", "access"),
    ("Remove my e-mail address from your list!", "address_removal"),
    ("Please take down my testimonial.", "testimonial_removal"),
    ("Please remove my photo from the site.", "photo_removal"),
    ("Please correct my name, it is misspelt.", "correction"),
    ("I want to complain about how you use my data.", "complaint"),
    ("unsubscribe", "objection"),
    ("Bitte löschen Sie meine Daten.", "erasure"),
    ("Please\ndelete my\naccount.", "erasure"),
]
OTHERS = [
    "How do I delete my account?",
    "Please do not delete my account, I come back next week.",
    "The chat does not appear on my page.",
    "How can I remove an operator from my team?",
    "We cannot remove a tag. Is there a copy of the manual?",
    "I want to complain about the slow answers.",
    "Our newsletter tool asks what to put into the unsubscribe link, and we wonder how your product works with it. "
    "Our team has twelve people, who work in two shifts, and each of them should see only the chats of one website.",
]


@pytest.mark.promise("rights_by_mail")
@pytest.mark.parametrize(("text", "kind"), ASKS)
def test_a_wish_is_found(text, kind):
    assert find_intent("A question", text) == kind
    assert find_intent("", f"Hello,\n\n{text}\n\nBest regards\nGil") == kind


@pytest.mark.promise("rights_by_mail")
@pytest.mark.parametrize("text", OTHERS)
def test_a_question_to_support_is_no_case(text):
    assert find_intent("A question", text) == ""


@pytest.mark.promise("rights_by_mail")
def test_a_mail_opens_a_case_that_waits_for_the_proof(texts):
    receive_mail(raw=mail("Please delete my account and all my data.\n"))
    case = Case.objects.get()
    assert (case.kind, case.channel, case.state) == ("erasure", "mail", "identity_pending")
    assert case.email == "ada@example.org" and "all my data" in case.text
    assert not SupportRequest.objects.exists()
    deliver_all()
    (letter,) = django_mail.outbox
    assert "/privacy/requests/confirm/" in letter.body and "all my data" not in letter.body
    receive_mail(raw=mail("Please delete my account.\n", Message_ID="<2@example.org>"))
    assert Case.objects.count() == 1  # the second is the same wish


@pytest.mark.promise("rights_by_mail")
def test_other_mail_goes_to_support_and_a_machine_opens_no_case(texts):
    receive_mail(raw=mail("The chat does not appear on my page.\n"))
    receive_mail(raw=mail("Please delete my data.\n", Message_ID="<3@example.org>", Auto_Submitted="auto-generated"))
    assert SupportRequest.objects.count() == 1 and not Case.objects.exists()
