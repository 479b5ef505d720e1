"""Forms of sign-up, profile and company."""

import zoneinfo
from typing import Any

from allauth.account.forms import SignupForm as AllauthSignupForm
from django import forms
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts import actions, queries
from accounts.models import Account, Membership, User
from accounts.names import NO_LINK, ONE_LINE
from accounts.personal_data import SESSION_DAYS
from accounts.roles import SCOPES, can
from accounts.websites import read_website
from core.client_address import client_address
from core.errors import Refused
from core.limits import count_use
from core.personal_data import registry


def text_field(label: Any, missing: Any, autocomplete: str, max_length: int, **attrs: Any) -> forms.CharField:
    """A line of text with our words for an empty one."""
    too_long = _("Use at most %(limit)s characters") % {"limit": max_length}
    return forms.CharField(
        label=label,
        max_length=max_length,
        validators=[ONE_LINE],
        error_messages={"required": missing, "max_length": too_long},
        widget=forms.TextInput(attrs={"autocomplete": autocomplete, **attrs}),
    )


def names() -> dict[str, forms.Field]:
    """The fields of a person's name."""
    fields = {
        "name": text_field(_("First name"), _("Enter your first name"), "given-name", 80),
        "surname": text_field(_("Surname"), _("Enter your surname"), "family-name", 80),
    }
    for field in fields.values():
        field.validators.append(NO_LINK)  # a name stands in mails
    return dict(fields)


def company_fields() -> dict[str, forms.Field]:
    """The fields of a company."""
    return {
        "company": text_field(_("Company"), _("Enter the company's name"), "organization", 120),
        "address": text_field(_("Address"), _("Enter the company's address"), "street-address", 250),
        "website": text_field(_("Website"), _("Enter the website as in shop.example"), "url", 250, inputmode="url"),
    }


def explain(form: forms.Form, model: str, *fields: str) -> None:
    """Puts the sentence of the data map at each field: why it is asked (S10, P2)."""
    for field in fields:
        form.fields[field].help_text = registry.why(model, field)


class AgreesToTexts(forms.Form):
    """Age confirmation (S49) and the acceptance of both texts in force (S2), with the box that names them."""

    age = forms.BooleanField(
        label=_("I am 13 or older"), error_messages={"required": _("Confirm that you are 13 or older")}
    )
    policy = forms.CharField(required=False, max_length=200, label=_("I accept the privacy policy and the terms"))

    def list_versions(self) -> None:
        """Looks up the texts in force; called once, when the form is made."""
        self.versions = queries.list_versions_to_sign()
        self.version_token = ",".join(f"{version.kind}:{version.number}" for version in self.versions)

    @property
    def has_agreed(self) -> bool:
        """Whether the box of both texts, as they are now, was ticked."""
        return bool(self.is_bound and self.data.get("policy") == self.version_token)

    def clean_policy(self) -> str:
        given: str = self.cleaned_data["policy"]
        if not given:
            raise forms.ValidationError(_("Accept the privacy policy and the terms"))
        if given != self.version_token:
            raise forms.ValidationError(_("The texts changed meanwhile. Read the versions in force and accept them"))
        return given

    def clean(self) -> dict[str, Any]:
        super().clean()
        if not self.versions:
            raise forms.ValidationError(_("Sign-up is closed until the privacy policy and the terms are published."))
        return self.cleaned_data


def read_free_website(text: str) -> str:
    """The website as an origin. Raises ValidationError for what is none, and for one that has an account."""
    try:
        website = read_website(text)
    except Refused as refused:
        raise forms.ValidationError(str(refused.message)) from None
    if settings.TRIAL_DAYS and queries.is_website_taken(website):
        raise forms.ValidationError(actions.second_trial_sentence(), code="second_trial")
    return website


class SignupForm(AgreesToTexts, AllauthSignupForm):
    """Sign-up: exactly the fields of S10, the age confirmation (S49) and the acceptance of both texts in force (S2)."""

    PERSON = ("name", "surname", "email")
    COMPANY = ("company", "address", "website")
    field_order = ["name", "surname", "email", "password1", "company", "address", "website", "age", "policy"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.account_already_exists = False
        super().__init__(*args, **kwargs)
        self.auto_id = "%s"
        self.fields.update(names() | company_fields())
        self.list_versions()
        email, password = self.fields["email"], self.fields["password1"]
        email.label = _("E-mail")
        email.error_messages.update(
            required=_("Enter your e-mail"), invalid=_("Enter an e-mail like pat@specimen.example")
        )
        password.error_messages["required"] = _("Choose a password")
        explain(self, "accounts.User", *self.PERSON)
        explain(self, "accounts.Account", *self.COMPANY)
        password.help_text = _("12 characters or more. A sentence is fine. %(why)s") % {
            "why": registry.why("accounts.User", "password")
        }
        self.order_fields(self.field_order)

    @property
    def session_days(self) -> int:
        """For how many days the address and the browser of a log-in are kept."""
        return SESSION_DAYS

    def clean_website(self) -> str:
        return read_free_website(self.cleaned_data["website"])

    def clean(self) -> dict[str, Any]:
        super().clean()
        data: dict[str, Any] = self.cleaned_data
        if data.get("password1") and "password1" not in self.errors:
            person = User(email=data.get("email", ""), name=data.get("name", ""), surname=data.get("surname", ""))
            try:
                validate_password(data["password1"], person)
            except forms.ValidationError as problem:
                self.add_error("password1", problem)
        return data

    def try_save(self, request: HttpRequest) -> Any:
        """Signs up; an e-mail that has a login gets a mail instead, and the page takes as long and looks the same."""
        count_use("signup", client_address(request))
        if not self.account_already_exists:
            try:
                return super().try_save(request)
            except Refused as refused:
                if refused.code != "taken":
                    raise
                self.account_already_exists = True
        make_password(self.cleaned_data["password1"])
        return super().try_save(request)

    def save(self, request: HttpRequest) -> AbstractBaseUser:
        data = self.cleaned_data
        return actions.register(
            email=data["email"],
            password=data["password1"],
            name=data["name"],
            surname=data["surname"],
            company=data["company"],
            address=data["address"],
            website=data["website"],
            versions=self.versions,
            time_zone=settings.TIME_ZONE,
            language=(get_language() or settings.LANGUAGE_CODE)[:10],
        )


def zone_choices() -> list[tuple[str, str]]:
    """The time zones that one can choose, by name."""
    zones = sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone or zone == "UTC")
    return [(zone, zone.replace("_", " ")) for zone in zones]


class ProfileForm(forms.Form):
    """A person's own names, language and time zone."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = forms.ChoiceField(label=_("Time zone"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        asked = ["name", "surname", "language", "time_zone"]
        super().__init__(*args, **{**kwargs, "initial": {name: getattr(user, name) for name in asked}})
        self.fields.update(names())
        self.fields["time_zone"].choices = [("", _("As the account")), *zone_choices()]  # type: ignore[attr-defined]  # a ChoiceField
        self.order_fields(asked)
        explain(self, "accounts.User", *asked)


class MemberForm(forms.Form):
    """The public name, and the age in three bands; none of them is chosen for a newcomer (S49, S50, S84)."""

    ADULT, MINOR, CHILD = "adult", "minor", "child"
    AGES = ((ADULT, _("18 or older")), (MINOR, _("13 to 17")), (CHILD, _("Younger than 13")))

    display_name = text_field(_("Public name"), _("Choose the name that everybody reads"), "nickname", 40)
    age = forms.ChoiceField(
        label=_("How old are you?"), choices=AGES, error_messages={"required": _("Say how old you are")}
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        known = self.MINOR if user.is_minor else self.ADULT
        initial = {"display_name": user.display_name, "age": known if user.display_name else ""}
        super().__init__(*args, **{**kwargs, "initial": initial, "auto_id": "member-%s"})
        self.fields["display_name"].validators.append(NO_LINK)
        explain(self, "accounts.User", "display_name")

    def choices(self) -> dict[str, Any]:
        """Clean input as actions.become_member takes it."""
        return {"display_name": self.cleaned_data["display_name"], "is_minor": self.cleaned_data["age"] == self.MINOR}


class CompanyForm(forms.Form):
    """A company's data, for its owner and admins."""

    time_zone = forms.ChoiceField(label=_("Time zone"), help_text=_("When your day begins, in reports and summaries."))
    chat_keep_days = forms.IntegerField(
        label=_("Keep chats for"),
        help_text=_("Days, 7 to 730. After that a chat is deleted for everybody."),
        min_value=7,
        max_value=730,
    )
    truncate_addresses = forms.BooleanField(
        label=_("Cut visitors' IP addresses before they are stored"), required=False
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        initial = {name: getattr(account, name) for name in actions.EDITABLE}
        super().__init__(*args, **{**kwargs, "initial": initial, "auto_id": "company-%s"})
        self.fields.update(company_fields())
        self.fields["time_zone"].choices = zone_choices()  # type: ignore[attr-defined]  # a ChoiceField
        self.order_fields(actions.EDITABLE)
        explain(self, "accounts.Account", "company", "address", "website")


class AccessRuleForm(forms.Form):
    """An address or a range with a name; actions.add_access_rule reads it."""

    network = forms.CharField(label=_("Address or network"), max_length=60, required=False)
    label = forms.CharField(label=_("Name"), max_length=60, required=False)


class ApiKeyForm(forms.Form):
    """A new API key: its name, what it may do, when it ends."""

    LIVES = (("30", _("30 days")), ("90", _("90 days")), ("365", _("1 year")), ("", _("Never")))

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("What uses the key, so that you know it again."))
    scopes = forms.MultipleChoiceField(label=_("What it may do"), widget=forms.CheckboxSelectMultiple)
    days = forms.ChoiceField(label=_("It ends after"), choices=LIVES, required=False, initial="90")

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(scope, label) for scope, label in SCOPES.items() if can(membership, scope)]
        self.fields["scopes"].choices = choices  # type: ignore[attr-defined]  # a MultipleChoiceField
        self.fields["scopes"].error_messages["required"] = _("Choose at least one thing that the key may do")
        self.fields["name"].error_messages["required"] = _("Give the key a name, so that you know it again")

    def clean_days(self) -> int | None:
        return int(self.cleaned_data["days"]) if self.cleaned_data["days"] else None
