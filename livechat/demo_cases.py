"""Privacy cases of the demo, all of the owner: one in progress, one done, and one that was done in part."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.actions import give_role
from accounts.staff import StaffRole
from privacy.actions.cases import answer_case, open_case
from privacy.models import Case
from privacy.persons import person_of_user


def fill_cases(agent: Any, owner: Any) -> None:
    """Three cases, and the demo's agent is its privacy officer too; run again, it adds nothing."""
    give_role(user=agent, role=StaffRole.PRIVACY_OFFICER, by_user_id=None)
    if Case.objects.exists():
        return
    person = person_of_user(owner)
    old = open_case(
        kind=Case.Kind.ERASURE, channel=Case.Channel.PAGE, person=person, user=owner,
        text="Please delete our old website and the phone number of our first shop.",
    )  # fmt: skip
    answer_case(
        case=old, by=agent, in_part=True, reason_code=Case.Reason.LAW, review_on=timezone.now().date() + timedelta(365),
        answer="The old website and the phone number are deleted. Four invoices stay until the tax law lets them go.",
    )  # fmt: skip
    done = open_case(
        kind=Case.Kind.TESTIMONIAL_REMOVAL, channel=Case.Channel.PAGE, person=person, user=owner,
        text="Please take my words off your home page.",
    )  # fmt: skip
    answer_case(case=done, by=agent, answer="They are taken down from the home page.")
    open_case(
        kind=Case.Kind.ACCESS, channel=Case.Channel.PAGE, person=person, user=owner,
        text="Everything you hold about me, please.",
    )  # fmt: skip
