"""Pages of complaints, children's reports, enforcement and removals, with the demo's cases."""

from typing import Any

from tests.looks.look import Look, agent, owner


def _complaint() -> str:
    from privacy.models import Case

    return f"/privacy/queue/{Case.objects.filter(kind='complaint', closed_at=None).get().number}/"


def _removal() -> str:
    """A case of the demo's member who asks to take words down, as the officer sees it."""
    from accounts.models import User
    from privacy.models import Case
    from privacy.testing import make_case

    member = User.objects.filter(handle__isnull=False, is_staff=False).order_by("pk")[1]
    found = Case.objects.filter(kind="testimonial_removal", closed_at=None).first()
    return f"/privacy/queue/{(found or make_case(member, kind='testimonial_removal')).number}/"


def _report() -> str:
    from privacy.models import ChildReport

    return f"/privacy/queue/children/{ChildReport.objects.get().public_id}/"


def _notice() -> str:
    from enforcement.models import EnforcementCase

    return f"/enforcement/{EnforcementCase.objects.get().public_id}/"


def accused() -> Any:
    """The member who got the notice."""
    from enforcement.models import EnforcementCase

    return EnforcementCase.objects.get().user


def send_an_empty_report(page: Any) -> None:
    """Sends the report without words."""
    page.click("main form button[type=submit]")
    page.wait_for_selector(".error")


RULES = [
    Look("complaints", "/privacy/requests/", user=owner),
    Look("complaint-new", "/privacy/requests/new/?kind=complaint", user=owner),
    Look("complaint-queue", _complaint, user=agent),
    Look("removal-queue", _removal, user=agent),
    Look("child", "/privacy/child/"),
    Look("child-wrong", "/privacy/child/", before=send_an_empty_report, status_after=400),
    Look("children", "/privacy/queue/children/", user=agent),
    Look("child-report", _report, user=agent),
    Look("enforcement", "/staff/enforcement/", user=agent),
    Look("enforcement-case", "/staff/enforcement/1/", user=agent),
    Look("appeals", "/staff/appeals/", user=agent),
    Look("notices", "/enforcement/", user=accused),
    Look("notice", _notice, user=accused),
]
