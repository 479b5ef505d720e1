"""Forms of groups and opening hours: a day is one line of text, like "09:00-12:00, 13:00-17:00"."""

import re
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Refused
from operators.actions.groups import MOST_WAITING
from operators.hours import DAYS, read_spans, say_spans
from operators.models import Group, OpeningHours

DAY_NAMES = {
    "mon": gettext_lazy("Monday"),
    "tue": gettext_lazy("Tuesday"),
    "wed": gettext_lazy("Wednesday"),
    "thu": gettext_lazy("Thursday"),
    "fri": gettext_lazy("Friday"),
    "sat": gettext_lazy("Saturday"),
    "sun": gettext_lazy("Sunday"),
}
_HOLIDAY = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\s*,?\s*(.*)")


class GroupForm(forms.Form):
    """Name, limits and members of a group."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=200, required=False)
    chat_limit = forms.IntegerField(
        label=gettext_lazy("Open chats of the whole group"), min_value=0, max_value=MOST_WAITING, required=False,
        help_text=gettext_lazy("More wait. 0: no limit but that of each operator."),
    )  # fmt: skip
    queue_limit = forms.IntegerField(
        label=gettext_lazy("Waiting visitors"), min_value=0, max_value=MOST_WAITING, required=False,
        help_text=gettext_lazy("More are asked for their e-mail instead. 0: any number."),
    )  # fmt: skip
    members = forms.TypedMultipleChoiceField(label=gettext_lazy("Members"), coerce=int, required=False)

    def __init__(self, *args: Any, team: list[Any], group: Group | None = None, **kwargs: Any) -> None:
        if group is not None:
            own = list(group.members.values_list("operator_id", flat=True))
            kwargs["initial"] = {
                "name": group.name, "chat_limit": group.chat_limit, "queue_limit": group.queue_limit, "members": own,
            }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.fields["members"].choices = [(one.pk, one.display_name) for one in team]  # type: ignore[attr-defined]  # a choice field

    def chosen(self) -> set[int]:
        """Keys of the members that are ticked."""
        return {int(value) for value in self["members"].value() or () if str(value).isdecimal()}

    def limits(self) -> dict[str, int]:
        """The two limits; a field left empty is no limit."""
        return {name: self.cleaned_data.get(name) or 0 for name in ("chat_limit", "queue_limit")}

    def refuse(self, refusal: Refused) -> None:
        """Shows what the action refused at its field."""
        field = {"bad_name": "name", "taken": "name", "bad_limit": "chat_limit"}.get(refusal.code)
        self.add_error(field, str(refusal.message))


class HoursForm(forms.Form):
    """The week, a line a day; the holidays, a line each."""

    is_on = forms.BooleanField(label=gettext_lazy("Keep these opening hours"), required=False)
    holidays = forms.CharField(label=gettext_lazy("Holidays"), required=False, max_length=10_000)

    def __init__(self, *args: Any, hours: OpeningHours | None = None, **kwargs: Any) -> None:
        week = hours.week if hours is not None else {}
        kwargs["initial"] = {day: say_spans(week.get(day, ())) for day in DAYS} | {
            "is_on": hours.is_on if hours is not None else False,
            "holidays": "\n".join(
                f"{one['date']} {one['name']}".strip() for one in (hours.holidays if hours is not None else ())
            ),
        }
        super().__init__(*args, **kwargs)
        for day in DAYS:
            self.fields[day] = forms.CharField(label=DAY_NAMES[day], required=False, max_length=200)

    def days(self) -> list[forms.BoundField]:
        """The fields of the week, Monday first."""
        return [self[day] for day in DAYS]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        data["week"] = {}
        for day in DAYS:
            try:
                data["week"][day] = read_spans(data.get(day) or "")
            except ValueError as problem:
                self.add_error(day, _sentence(day, str(problem)))
        data["days"] = self._read_holidays(data.get("holidays") or "")
        return data

    def _read_holidays(self, text: str) -> list[dict[str, str]]:
        found = []
        for number, line in enumerate(text.splitlines(), start=1):
            if not line.strip():
                continue
            match = _HOLIDAY.fullmatch(line.strip())
            try:
                day = date(*(int(match[part]) for part in (1, 2, 3))) if match else None
            except ValueError:
                day = None
            if day is None or match is None:
                sentence = _("Line %(number)d: enter a day like 2026-12-25 Christmas") % {"number": number}
                self.add_error("holidays", sentence)
                return []
            found.append({"date": day.isoformat(), "name": match[4]})
        return found

    def refuse(self, refusal: Refused) -> None:
        """Shows what the action refused at its field."""
        field = {"never_open": "mon", "too_many": "holidays"}.get(refusal.code)
        self.add_error(field, str(refusal.message))


def _sentence(day: str, part: str) -> str:
    if not part:
        return _("%(day)s: two of these hours overlap, or there are more than six.") % {"day": DAY_NAMES[day]}
    words = {"day": DAY_NAMES[day], "part": part}
    return _("%(day)s: “%(part)s” are no hours. Enter them like 09:00-12:00, 13:00-17:00") % words
