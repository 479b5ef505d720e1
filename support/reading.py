"""Reads what agents type about the desk's hours, holidays and targets."""

import re
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from operators.hours import MOST_HOLIDAYS, read_spans
from support.models import SupportRequest

DAY_NAMES = (
    ("mon", _("Monday")), ("tue", _("Tuesday")), ("wed", _("Wednesday")), ("thu", _("Thursday")),
    ("fri", _("Friday")), ("sat", _("Saturday")), ("sun", _("Sunday")),
)  # fmt: skip
_HOLIDAY = re.compile(r"(\d{4}-\d\d-\d\d)(?:\s+(.{0,60}))?")


class DeskFault(ValueError):
    """Something that cannot be read; the argument is a sentence for people."""


def read_desk(sent: Any) -> dict[str, Any]:
    """Zone, week, holidays and targets (in minutes) of the form. Raises DeskFault with a sentence."""
    week = {}
    for day, name in DAY_NAMES:
        try:
            week[day] = read_spans(sent.get(f"day_{day}", ""))
        except ValueError:
            raise DeskFault(_("%(day)s: write hours like 9:00-17:00, or nothing.") % {"day": name}) from None
    targets = {
        value: [_minutes(sent.get(f"{what}_{value}", "")) for what in ("first", "resolve")]
        for value in SupportRequest.Priority.values
    }
    return {
        "zone": sent.get("zone", ""), "week": {day: spans for day, spans in week.items() if spans},
        "holidays": _holidays(sent.get("holidays", "")), "targets": targets,
    }  # fmt: skip


def _minutes(text: str) -> int:
    """Minutes of hours that were typed, like "1.5"."""
    match = re.fullmatch(r"\s*(\d{1,3})(?:[.,](\d{1,2}))?\s*", text, re.ASCII)
    if match is None:
        raise DeskFault(_("Write the targets in hours, like 8 or 1.5."))
    return round(float(f"{match[1]}.{match[2] or 0}") * 60)


def _holidays(text: str) -> list[dict[str, str]]:
    found = []
    for line in text.replace("\x00", "").splitlines():
        if not line.strip():
            continue
        match = _HOLIDAY.fullmatch(line.strip())
        try:
            day = date.fromisoformat(match[1]) if match else None
        except ValueError:
            day = None
        if match is None or day is None:
            raise DeskFault(_("Write each holiday on a line of its own, like 2026-12-25 Christmas."))
        found.append({"date": day.isoformat(), "name": (match[2] or "").strip()})
    if len(found) > MOST_HOLIDAYS:
        raise DeskFault(_("These are too many holidays. Leave out those that are over."))
    return found
