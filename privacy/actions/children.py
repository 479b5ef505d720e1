"""Writes of reports about children: nothing says who reports, the report goes when it is done, a count stays (S49)."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.public import set_minor
from accounts.staff import privacy_officers
from audit.actions import record
from core.errors import Refused
from outbox.actions import enqueue
from privacy.actions.erasing import begin_erasure
from privacy.actions.redacting import take_down
from privacy.models.children import HOURS, LONGEST_FOUND, ChildCount, ChildReport
from privacy.persons import Person
from privacy.queries import children as queries

Outcome = ChildReport.Outcome


@transaction.atomic
def report_child(*, place: str, found: str, email: str = "", language: str = "en") -> ChildReport:
    """Keeps a report and tells the privacy officers; its 72 hours begin. Raises Refused("missing")."""
    if place not in ChildReport.Place.values or not found.strip():
        raise Refused("missing", _("Write how we can find it."))
    now = timezone.now()
    report = ChildReport.objects.create(
        place=place, found=found.strip()[:LONGEST_FOUND], email=email.strip().lower(), language=language,
        received_at=now, due_at=now + timedelta(hours=HOURS),
    )  # fmt: skip
    _log(report, "child.reported", "system", {"place": place})
    _tell(report, "new")
    return report


@transaction.atomic
def erase_child(*, report: ChildReport, person: Person, by: Any) -> ChildReport:
    """Begins the erasure of the child's data; the report is closed when it is proved.

    What a child wrote in public goes whatever was chosen, and the words of the report go now: they name the child.
    Refuses as the engine does, and `begun` where one runs already.
    """
    report = _lock(report)
    if report.plan_ref is not None:
        raise Refused("begun", _("The deletion runs already."), status=409)
    take_down(person)
    report.plan_ref, report.found = begin_erasure(person=person).pk, ""
    report.save(update_fields=["plan_ref", "found"])
    _log(report, "child.erasing", f"user:{by.pk}", {})
    return report


@transaction.atomic
def mark_young(*, report: ChildReport, person: Person, by: Any) -> None:
    """The person is 13 to 17: their data is kept with more care, and the report is closed. Raises Refused("nobody")."""
    report = _lock(report)
    people = queries.list_users(person)
    if not people:
        raise Refused("nobody", _("Only somebody with a log-in can be marked."))
    for user in people:
        set_minor(user=user, is_minor=True, by_user_id=by.pk)
    _close(report, Outcome.YOUNG, f"user:{by.pk}")


@transaction.atomic
def close_report(*, report: ChildReport, by: Any) -> None:
    """Nothing of a child was found. Refuses `begun` while a deletion runs."""
    report = _lock(report)
    if report.plan_ref is not None:
        raise Refused("begun", _("The deletion runs already."), status=409)
    _close(report, Outcome.NOTHING, f"user:{by.pk}")


def watch_reports() -> int:
    """Closes reports whose erasure is proved, forgets closed ones, reminds the officers a day before and after the end.

    Harmless when repeated. Returns how many were touched.
    """
    touched = 0
    for report in list(queries.list_erased()):
        with transaction.atomic():
            locked = _lock(report)
            _close(locked, Outcome.ERASED, "system")
            touched += 1
    over = queries.list_over()
    ChildReport.objects.filter(pk__in=[one.pk for one in over]).delete()
    for report in queries.list_reports():
        step = "late" if report.is_overdue else "24" if report.hours_left <= 24 else ""
        if step and ChildReport.objects.filter(pk=report.pk).exclude(told_for=step).update(told_for=step):
            _tell(report, step)
            touched += 1
    return touched + len(over)


def _lock(report: ChildReport) -> ChildReport:
    locked = ChildReport.objects.select_for_update().filter(pk=report.pk, closed_at=None).first()
    if locked is None:
        raise Refused("wrong_state", _("This report is closed already."), status=409)
    return locked


def _close(report: ChildReport, outcome: str, by: str) -> None:
    """Counts it and empties it; without an address the row goes at once, else when the answer has left."""
    now = timezone.now()
    is_late = report.due_at < now
    month, _is_new = ChildCount.objects.get_or_create(month=now.date().replace(day=1))
    changed: dict[str, Any] = {outcome: F(outcome) + 1}
    if is_late:
        changed["late"] = F("late") + 1
    ChildCount.objects.filter(pk=month.pk).update(**changed)
    _log(report, "child.closed", by, {"outcome": outcome, "late": is_late})
    if not report.email:
        report.delete()
        return
    report.found, report.outcome, report.closed_at = "", outcome, now
    report.save(update_fields=["found", "outcome", "closed_at"])
    enqueue(kind=queries.KIND, key=f"child:{report.pk}", recipient=f"child:{report.pk}", payload={"report": report.pk})


def _tell(report: ChildReport, step: str) -> None:
    for pk in privacy_officers().values_list("pk", flat=True):
        enqueue(
            kind="privacy.child_due", key=f"child:{report.pk}:{step}", recipient=f"user:{pk}",
            payload={"report": report.pk, "step": step},
        )  # fmt: skip


def _log(report: ChildReport, action: str, actor: str, facts: dict[str, Any]) -> None:
    record(account_ref=None, actor=actor, action=action, subject=f"child:{report.pk}", facts=facts)
