"""The form of a legal hold."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class HoldForm(forms.Form):
    """Whose data, why, and until when."""

    email = forms.EmailField(label=_("E-mail of the person"), max_length=254)
    reason = forms.CharField(label=_("Reason"), max_length=500)
    review_on = forms.DateField(label=_("Look at it again on"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        for field in self.fields.values():
            field.widget.attrs["class"] = "input"
