"""Form of the reports page: which days, whose, and of which chats."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from reports.figure_queries import Names, Wanted

LONGEST = 366  # days
KEPT = 400
PERIODS = {
    "today": (0, _("Today")),
    "yesterday": (1, _("Yesterday")),
    "7": (7, _("Last 7 days")),
    "14": (14, _("Last 14 days")),
    "30": (30, _("Last 30 days")),
    "90": (90, _("Last 90 days")),
}
USUAL = "14"
OWN = "own"


class DaysForm(forms.Form):
    """Which days; a value that does not fit is left out, two dates in the wrong order are turned."""

    days = forms.ChoiceField(
        required=False, choices=[*((key, label) for key, (_n, label) in PERIODS.items()), (OWN, _("Own dates"))]
    )
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.chosen = USUAL

    def read_days(self) -> tuple[date, date]:
        """The first and the last day."""
        self.is_valid()
        data = self.cleaned_data
        since, until = data.get("since"), data.get("until")
        self.chosen = data.get("days") or USUAL
        if self.chosen == OWN or "days" not in self.data and (since or until):
            self.chosen = OWN
            oldest = self.today - timedelta(days=KEPT)
            first, last = sorted(min(max(day, oldest), self.today) for day in (since or until or self.today,
                                                                                until or self.today))  # fmt: skip
            return max(first, last - timedelta(days=LONGEST - 1)), last
        if self.chosen == "yesterday":
            yesterday = self.today - timedelta(days=1)
            return yesterday, yesterday
        length = max(1, PERIODS[self.chosen][0])
        return self.today - timedelta(days=length - 1), self.today


class ReportForm(DaysForm):
    """The filter of the reports: which days, whose, and of which chats."""

    group = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    operator = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    tag = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, names: Names, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field, none, found in (
            ("group", _("Every group"), names.groups),
            ("operator", _("Everyone"), names.operators),
            ("tag", _("Every tag"), names.tags),
        ):
            choices = [("", none), *((key, name) for key, name in found.items())]
            self.fields[field].choices = choices  # type: ignore[attr-defined]  # a choice field

    def read(self) -> Wanted:
        """What was asked for."""
        first, last = self.read_days()
        data = self.cleaned_data
        return Wanted(first, last, data.get("group"), data.get("operator"), data.get("tag"))
