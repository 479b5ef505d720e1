"""The demo's records and cases of the rules: officer, independent body, a complaint, a child's report, a notice."""

from typing import Any

from django.conf import settings

from accounts.models import User
from enforcement.actions import add_evidence, give_notice
from enforcement.actions import open_case as open_enforcement
from enforcement.models import EnforcementCase
from policies.actions import record_dispute_body, record_officer_contact
from policies.models import DisputeBody, OfficerContact
from privacy.actions.cases import answer_case, open_case
from privacy.actions.children import report_child
from privacy.actions.complaints import disagree
from privacy.models import Case, ChildReport
from privacy.persons import person_of_user

OFFICE = "Bell Street 9, 70173 Stuttgart, Germany"


def fill_rules(agent: Any, owner: Any) -> None:
    """Records and one case of each kind; run again, it adds nothing. The agent is privacy officer already."""
    if not OfficerContact.objects.exists():
        record_officer_contact(user=agent, email=settings.SUPPORT_EMAIL, post=OFFICE)
    if not DisputeBody.objects.exists():
        record_dispute_body(
            name="European Panel for Data Complaints",
            url="https://panel.example/",
            post="1 Middle Way, Dublin",
        )
    if not Case.objects.filter(kind=Case.Kind.COMPLAINT).exists():
        _complain(agent, owner)
    if not ChildReport.objects.exists():
        report_child(place="forum", found="An answer about a school trip names a class and a first name.")
    member = User.objects.filter(handle__isnull=False, is_staff=False).exclude(pk=owner.pk).order_by("pk").first()
    if member is not None and not EnforcementCase.objects.exists():
        case = open_enforcement(
            ground=EnforcementCase.Ground.TERMS, user=member, by=agent,
            facts="Twelve answers in one evening praise the same shop and link to it.",
        )  # fmt: skip
        add_evidence(case=case, by=agent, text="All twelve were written within nine minutes, with one text.")
        add_evidence(case=case, by=agent, link="https://shop.example/discount")
        give_notice(case=case, by=agent, days=7)


def _complain(agent: Any, owner: Any) -> None:
    person = person_of_user(owner)
    old = open_case(
        kind=Case.Kind.COMPLAINT, channel=Case.Channel.PAGE, person=person, user=owner,
        text="You mailed me about a new version of the terms twice.",
    )  # fmt: skip
    answer_case(case=old, by=agent, answer="The second mail was a mistake of ours. It went to eleven people.")
    disagree(case=old)
    open_case(
        kind=Case.Kind.COMPLAINT, channel=Case.Channel.PAGE, person=person, user=owner,
        text="My old address still stands on your letter of March.",
    )  # fmt: skip
