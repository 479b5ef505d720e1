"""Forms of disclosures by law."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.queries import find_user_by_email
from privacy.models import LegalDisclosure


class DemandForm(forms.Form):
    """Who demands what, on which ground, about whom."""

    ground = forms.ChoiceField(label=_("Ground"), choices=LegalDisclosure.Ground.choices)
    requester = forms.CharField(label=_("Who asks"), max_length=200)
    reference = forms.CharField(label=_("Their number"), max_length=100, required=False)
    scope = forms.CharField(
        label=_("What is given"), max_length=2000, help_text=_("Only what the demand names. Say each kind of data.")
    )
    email = forms.EmailField(
        label=_("E-mail of the person"), required=False, help_text=_("Of a log-in here. Leave it out for nobody.")
    )

    def clean(self) -> dict[str, Any]:
        """Adds `user`; an address that nobody has is a mistake, so that no line of the ledger is lost."""
        given: dict[str, Any] = super().clean() or {}
        email = given.get("email")
        given["user"] = find_user_by_email(email) if email else None
        if email and given["user"] is None:
            self.add_error("email", _("Nobody has a log-in with this address."))
        return given


class SentForm(forms.Form):
    """The copy of what was sent, and until when the person must not be told."""

    copy = forms.FileField(label=_("The file that was sent"))
    silent_until = forms.DateField(label=_("The demand forbids to tell the person until"), required=False)
