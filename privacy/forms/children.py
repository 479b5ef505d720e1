"""Input of reports about children: where, how to find it, and an address if an answer is wanted; nothing else."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.personal_data import registry
from privacy.models.children import LONGEST_FOUND, ChildReport


class ChildReportForm(forms.Form):
    """A report. It asks neither who reports nor how old the child is."""

    place = forms.ChoiceField(
        label=_("Where is the child's data?"), choices=ChildReport.Place.choices, widget=forms.RadioSelect,
        error_messages={"required": _("Choose where it is.")},
    )  # fmt: skip
    found = forms.CharField(
        label=_("How can we find it?"), max_length=LONGEST_FOUND, widget=forms.Textarea,
        help_text=_("A link, a public name, an e-mail address, or what the chat was about and when."),
        error_messages={"required": _("Write how we can find it.")},
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail for an answer"), max_length=254, required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].help_text = registry.why("privacy.ChildReport", "email")


class FindForm(forms.Form):
    """Whom a report means, as an officer types it."""

    who = forms.CharField(
        label=_("Address, @handle, or link"), max_length=300, error_messages={"required": _("Write whom you look for.")}
    )
