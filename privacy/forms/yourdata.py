"""Forms of a proof: the address, and the code from the mail."""

from django import forms
from django.utils.translation import gettext_lazy as _


class AddressForm(forms.Form):
    """Which address is theirs."""

    email = forms.EmailField(
        label=_("E-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("Used to send you one code, and nothing else."),
    )


class CodeForm(forms.Form):
    """The six digits of the mail."""

    code = forms.RegexField(
        r"^\s*[0-9]{3}\s?[0-9]{3}\s*$",
        label=_("Code"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
        error_messages={"invalid": _("The code has six digits.")},
    )

    def clean_code(self) -> str:
        return "".join(self.cleaned_data["code"].split())
