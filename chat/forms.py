"""Forms of the chat app: the archive's filter and the widget's settings."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from chat.search import ArchiveFilter
from core.errors import Refused
from operators.queries import list_operators

# moments of these days exist in every time zone, and the day after them too
WITHIN = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(9000, 1, 1))]


class ArchiveForm(forms.Form):
    """The archive's filter; a value that does not fit is left out."""

    q = forms.CharField(required=False, max_length=200)
    operator = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    rating = forms.ChoiceField(
        required=False,
        choices=[("", _("Any rating")), ("good", _("Good")), ("bad", _("Bad")), ("none", _("Not rated"))],
    )
    since = forms.DateField(required=False, validators=WITHIN)
    until = forms.DateField(required=False, validators=WITHIN)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(operator.pk, operator.display_name) for operator in list_operators(account)]
        self.fields["operator"].choices = [("", _("Any operator")), *people]  # type: ignore[attr-defined]  # a choice field

    def read(self) -> ArchiveFilter:
        """The filter that was asked for."""
        self.is_valid()
        data = self.cleaned_data
        return ArchiveFilter(
            text=(data.get("q") or "").strip().replace("\x00", ""),
            operator=data.get("operator"),
            rating=data.get("rating") or "",
            since=data.get("since"),
            until=data.get("until"),
        )


class WidgetForm(forms.Form):
    """Name, greeting, origins, colour and age question of the widget."""

    name = forms.CharField(label=_("Name"), max_length=120)
    greeting = forms.CharField(label=_("Greeting"), max_length=200, required=False)
    allowed_origins = forms.CharField(label=_("Websites that may show the chat"), max_length=4000, required=False)
    brand_colour = forms.CharField(label=_("Colour"), max_length=7)
    ask_thirteen = forms.BooleanField(label=_("Ask whether the visitor is 13 or older"), required=False)

    def clean_allowed_origins(self) -> list[str]:
        """One address a line."""
        lines = [line.strip() for line in self.cleaned_data["allowed_origins"].splitlines()]
        return [line for line in lines if line]

    def refuse(self, refusal: Refused) -> None:
        """Shows what the action refused at its field."""
        field = {"bad_origin": "allowed_origins", "bad_colour": "brand_colour"}.get(refusal.code)
        self.add_error(field, str(refusal.message))
