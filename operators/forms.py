"""Forms of the team page and of the invitation."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.forms import names, text_field
from accounts.models import Membership, User
from accounts.queries import list_versions_to_sign
from accounts.roles import can
from core.personal_data import registry
from operators.invites import LONGEST_EMAIL, LONGEST_NAME, SENTENCES, NewInvite, Read, read_invite
from operators.models import Invitation

WRONG_FIELD = {"missing_name": "name", "invalid_name": "name", "name_too_long": "name"}  # the rest: the address
ROLE_HINTS = {
    Membership.Role.OWNER: _("Everything, other owners too"),
    Membership.Role.ADMIN: _("Also the team, settings and exports"),
    Membership.Role.OPERATOR: _("Chats, visitors, archive"),
}


class InviteForm(forms.Form):
    """Name and e-mail of one person, and the role that the inviter picks (S47)."""

    name = forms.CharField(label=_("Name"), required=False, max_length=LONGEST_NAME * 2)
    email = forms.CharField(label=_("E-mail"), required=False, max_length=LONGEST_EMAIL * 2)
    role = forms.ChoiceField(
        label=_("Role"), choices=[(role, Membership.Role(role).label) for role in reversed(Invitation.ROLES)],
        error_messages={"required": _("Choose a role"), "invalid_choice": _("Choose a role from the list")},
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"initial": {"role": Membership.Role.OPERATOR}, **kwargs})
        self.auto_id = "invite-%s"
        self.fields["name"].help_text = registry.why("operators.Invitation", "name")
        self.fields["email"].help_text = registry.why("operators.Invitation", "email")

    def clean(self) -> dict[str, Any]:
        super().clean()
        read = read_invite(self.row())
        if not isinstance(read, Read):
            self.add_error(WRONG_FIELD.get(read, "email"), SENTENCES[read])
        return self.cleaned_data

    def row(self) -> NewInvite:
        """The person as typed."""
        given = self.cleaned_data
        return NewInvite(given.get("name", ""), given.get("email", ""), given.get("role", Membership.Role.OPERATOR))

    def choices(self) -> list[dict[str, Any]]:
        """The roles with a sentence each."""
        chosen = self["role"].value()
        return [
            {"value": role, "label": label, "hint": ROLE_HINTS[Membership.Role(role)], "chosen": role == chosen}
            for role, label in self.fields["role"].choices  # type: ignore[attr-defined]  # a ChoiceField
        ]


class MemberForm(forms.Form):
    """A member's role and how many chats they have at once."""

    role = forms.ChoiceField(label=_("Role"), error_messages={"invalid_choice": _("Choose a role from the list")})
    limit = forms.IntegerField(
        label=_("Chats at once"), min_value=1, max_value=50,
        error_messages={
            name: _("Enter a number from 1 to 50.") for name in ("required", "invalid", "min_value", "max_value")
        },
    )  # fmt: skip

    def __init__(self, *args: Any, by: Membership, role: str, limit: int, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "initial": {"role": role, "limit": limit}})
        self.auto_id = "member-%s"
        roles = [one for one in Membership.Role if one != Membership.Role.OWNER or can(by, "owners.edit")]
        self.fields["role"].choices = [(one.value, one.label) for one in roles]  # type: ignore[attr-defined]  # a ChoiceField


class AcceptForm(forms.Form):
    """What an invited person without a login fills in: names, a password, and yes to both texts in force (S2)."""

    password1 = forms.CharField(
        label=_("Password"), strip=False, max_length=1024, widget=forms.PasswordInput(),
        error_messages={"required": _("Choose a password")},
    )  # fmt: skip
    age = forms.BooleanField(
        label=_("I am 13 or older"), error_messages={"required": _("Confirm that you are 13 or older")}
    )
    policy = forms.CharField(required=False, max_length=200, label=_("I accept the privacy policy and the terms"))

    def __init__(
        self, *args: Any, invitation: Invitation, signed_in: bool = False, by_passkey: bool = False, **kwargs: Any
    ) -> None:
        first, _blank, rest = invitation.name.rpartition(" ")
        initial = {"name": (first or rest)[:80], "surname": (rest if first else "")[:80]}
        super().__init__(*args, **{**kwargs, "initial": initial})
        self.auto_id = "%s"
        self.email = invitation.email
        self.versions = list_versions_to_sign()
        self.version_token = ",".join(f"{version.kind}:{version.number}" for version in self.versions)
        if signed_in:
            del self.fields["password1"], self.fields["age"]
            return
        self.fields.update(names())
        self.fields["surname"] = text_field(_("Surname"), "", "family-name", 80, **{})
        self.fields["surname"].required = False
        self.fields["surname"].validators.extend(names()["surname"].validators)
        self.fields["name"].help_text = registry.why("accounts.User", "name")
        self.fields["surname"].help_text = registry.why("accounts.User", "surname")
        self.fields["password1"].help_text = _("12 characters or more. A sentence is fine. %(why)s") % {
            "why": registry.why("accounts.User", "password")
        }
        if by_passkey:  # made on the next page; until then a log-in code by mail is the way back
            self.fields["password1"].required = False
        self.by_passkey = by_passkey
        self.order_fields(["name", "surname", "password1", "age", "policy"])

    @property
    def has_agreed(self) -> bool:
        """Whether the box of both texts, as they are now, was ticked."""
        return bool(self.is_bound and self.data.get("policy") == self.version_token)

    def clean_policy(self) -> str:
        given: str = self.cleaned_data["policy"]
        if not self.versions:
            raise forms.ValidationError(_("Nobody can join until the privacy policy and the terms are published."))
        if not given:
            raise forms.ValidationError(_("Accept the privacy policy and the terms"))
        if given != self.version_token:
            raise forms.ValidationError(_("The texts changed meanwhile. Read the versions in force and accept them"))
        return given

    def clean_password1(self) -> str:
        given: str = self.cleaned_data["password1"]
        if self.by_passkey:
            return ""
        if "\x00" in given:
            raise forms.ValidationError(_("A password cannot hold this character"))
        person = User(
            email=self.email,
            name=str(self.data.get("name", ""))[:80],
            surname=str(self.data.get("surname", ""))[:80],
        )
        validate_password(given, person)
        return given
