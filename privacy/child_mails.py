"""Letters about reports of a child's data: to the officers, and the answer to who left an address."""

from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from accounts.links import absolute
from accounts.outbound import address_of
from accounts.queries import users_by_pk
from core.outbound import Address, Letter
from core.personal_data import Purpose
from privacy.models.children import ChildReport


def load_due(rows: Sequence[Any]) -> dict[int, Letter]:
    """To the privacy officers: a new report, one that is due within a day, a late one. No word of it is in it."""
    people = users_by_pk(row.recipient for row in rows)
    known = ChildReport.objects.filter(closed_at=None).in_bulk([row.payload["report"] for row in rows])
    letters = {}
    for row in rows:
        report, user = known.get(row.payload["report"]), people.get(row.recipient)
        if report is not None and user is not None:
            url = absolute(reverse("privacy:child_report", args=[report.public_id]))
            context = {"name": user.name, "step": row.payload["step"], "due_at": report.due_at, "url": url}
            letters[row.pk] = Letter(address_of(user), context, user.language)
    return letters


def load_closed(rows: Sequence[Any]) -> dict[int, Letter]:
    """What came out of a report, to the address that was left for it."""
    known = ChildReport.objects.exclude(closed_at=None).in_bulk([row.payload["report"] for row in rows])
    letters = {}
    for row in rows:
        report = known.get(row.payload["report"])
        if report is not None and report.email:
            to = Address(report.email, frozenset({Purpose.RIGHTS}), subject=f"child:{report.pk}")
            letters[row.pk] = Letter(to, {"outcome": report.outcome}, report.language)
    return letters
