"""Input of enforcement."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from enforcement.models import LONGEST, EnforcementCase


def words(label: Any, missing: Any, *, required: bool = True) -> forms.CharField:
    """A field of several lines."""
    return forms.CharField(
        label=label, max_length=LONGEST, required=required, widget=forms.Textarea, error_messages={"required": missing}
    )


class OpenForm(forms.Form):
    """A new case."""

    who = forms.CharField(
        label=_("Short name of the account, or @handle of the member"), max_length=80,
        error_messages={"required": _("Say whom it is about.")},
    )  # fmt: skip
    ground = forms.ChoiceField(label=_("Ground"), choices=EnforcementCase.Ground.choices, widget=forms.Select)
    facts = words(_("What happened"), _("Write what happened. The notice says it."))


class EvidenceForm(forms.Form):
    """A text, a link or a file."""

    text = words(_("Text"), "", required=False)
    link = forms.URLField(label=_("Link"), max_length=500, required=False, assume_scheme="https")
    file = forms.FileField(label=_("File"), required=False)


class NoticeForm(forms.Form):
    """The time to answer."""

    days = forms.IntegerField(label=_("Days to answer"), initial=7)


class DecisionForm(forms.Form):
    """Why it is suspended."""

    decision = words(_("Reason"), _("Write the reason. The person reads it."))


class WordsForm(forms.Form):
    """What the person says, and what is answered to an appeal."""

    text = words(_("Your words"), _("Write something first."))
