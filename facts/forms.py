"""Forms of the goals' page."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from facts.models import Goal, Touch


class GoalForm(forms.Form):
    """One goal: how it is reached, and which chat gets it."""

    name = forms.CharField(
        label=_("Name"), max_length=80, error_messages={"required": _("Give the goal a name.")},
        help_text=_("As it stands in the reports: Booked a test ride"),
    )  # fmt: skip
    source = forms.ChoiceField(label=_("It is reached when"), choices=Goal.Source.choices)
    pattern = forms.CharField(
        label=_("Page"), max_length=300, required=False,
        help_text=_(
            "Part of an address, like /thank-you/. * stands for anything; with = in front, as in =/thanks/, the whole "
            "path must be it."
        ),
    )  # fmt: skip
    word = forms.CharField(
        label=_("Word"), max_length=60, required=False,
        help_text=_("What the website or the program says, like test-ride-booked"),
    )  # fmt: skip
    window_days = forms.IntegerField(
        label=_("Days after a chat"), min_value=1, max_value=30, initial=7,
        help_text=_("From 1 to 30: reached later, the chat has nothing to do with it."),
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Enter a number of days from 1 to 30.")
        ),
    )  # fmt: skip
    touch = forms.ChoiceField(label=_("After several chats it belongs to"), choices=Touch.choices, initial=Touch.LAST)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "source" in data:
            needed = "pattern" if data["source"] == Goal.Source.PAGE else "word"
            if needed not in self.errors and not data.get(needed, "").strip():
                sentences = {
                    "pattern": _("Enter a part of the page's address, like /thank-you/."),
                    "word": _("Enter the word that the website or the program says."),
                }
                self.add_error(needed, sentences[needed])
        return data


class SaleForm(forms.Form):
    """Which chat a sale belongs to."""

    window_days = forms.IntegerField(
        label=_("Days after a chat"), min_value=1, max_value=30,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), _("Enter a number of days from 1 to 30.")
        ),
    )  # fmt: skip
    touch = forms.ChoiceField(label=_("After several chats it belongs to"), choices=Touch.choices)
