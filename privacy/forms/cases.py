"""Input of cases: what a person asks, and what those who answer do with it."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.personal_data import registry
from privacy.models.cases import LONGEST_ANSWER, LONGEST_EXTENSION, LONGEST_TEXT, Case

Kind = Case.Kind
ASKED = [
    (Kind.ACCESS, Kind.ACCESS.label),
    (Kind.CORRECTION, Kind.CORRECTION.label),
    (Kind.ERASURE, Kind.ERASURE.label),
    (Kind.OBJECTION, Kind.OBJECTION.label),
    (Kind.TESTIMONIAL_REMOVAL, Kind.TESTIMONIAL_REMOVAL.label),
    (Kind.PHOTO_REMOVAL, Kind.PHOTO_REMOVAL.label),
    (Kind.ADDRESS_REMOVAL, Kind.ADDRESS_REMOVAL.label),
    (Kind.PORTABILITY, Kind.PORTABILITY.label),
    (Kind.RESTRICTION, Kind.RESTRICTION.label),
    (Kind.COMPLAINT, Kind.COMPLAINT.label),
]


class CaseForm(forms.Form):
    """A new case. Who is known is asked no address: the log-in, the chat or the code says who it is."""

    kind = forms.ChoiceField(label=_("What do you want?"), choices=ASKED, initial=Kind.ACCESS, widget=forms.RadioSelect)
    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Write your e-mail address: the answer goes there.")},
    )  # fmt: skip
    text = forms.CharField(
        label=_("What should we know?"), max_length=LONGEST_TEXT, required=False, strip=False, widget=forms.Textarea
    )

    def __init__(self, *args: Any, asks_address: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_address:
            del self.fields["email"]
        else:
            self.fields["email"].help_text = registry.why("privacy.Case", "email")


class VisitorCaseForm(forms.Form):
    """What a visitor of the account asked an operator for."""

    kind = forms.ChoiceField(
        label=_("What does the visitor want?"), initial=Kind.ERASURE, widget=forms.RadioSelect,
        choices=[(kind, kind.label) for kind in (
            Kind.ACCESS, Kind.CORRECTION, Kind.ERASURE, Kind.OBJECTION, Kind.PORTABILITY, Kind.RESTRICTION
        )],
    )  # fmt: skip
    text = forms.CharField(
        label=_("What did the visitor say?"), max_length=LONGEST_TEXT, strip=False, widget=forms.Textarea,
        error_messages={"required": _("Write what the visitor asks.")},
    )  # fmt: skip


class AnswerForm(forms.Form):
    """An answer, in full or in part, or a refusal."""

    answer = forms.CharField(
        label=_("Answer"), max_length=LONGEST_ANSWER, strip=False, widget=forms.Textarea,
        error_messages={"required": _("Write the answer.")},
    )  # fmt: skip
    reason_code = forms.ChoiceField(
        label=_("Reason, where not everything is done"), choices=[("", "–"), *Case.Reason.choices], required=False,
        widget=forms.Select,
    )  # fmt: skip
    review_on = forms.DateField(
        label=_("Looked at again on"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


class ReviewForm(forms.Form):
    """What a second look at a case found, and the day of the next one."""

    answer = forms.CharField(
        label=_("What you found"), max_length=LONGEST_TEXT, strip=False, widget=forms.Textarea,
        error_messages={"required": _("Write what you found.")},
    )  # fmt: skip
    review_on = forms.DateField(
        label=_("Looked at again on"), widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"required": _("Say on which day you look at it again. It must be later than today.")},
    )  # fmt: skip


class ExtendForm(forms.Form):
    """More time, once."""

    days = forms.IntegerField(label=_("Days more"), min_value=1, max_value=LONGEST_EXTENSION)
    reason = forms.CharField(label=_("Why"), max_length=LONGEST_TEXT)


class PauseForm(forms.Form):
    """What the case waits for."""

    reason = forms.CharField(label=_("What you wait for"), max_length=LONGEST_TEXT)
