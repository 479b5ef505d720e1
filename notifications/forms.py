"""Input of the preferences page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from notifications import queries


class ChoiceForm(forms.Form):
    """One switch of one mail kind, with what belongs to it."""

    kind = forms.ChoiceField(
        choices=lambda: [(kind.key, kind.label) for kind in queries.optional_kinds()],
        error_messages={"invalid_choice": _("This mail cannot be switched.")},
    )
    is_on = forms.BooleanField(required=False)
    messages = forms.BooleanField(required=False)
