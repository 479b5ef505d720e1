"""The form for who comes from another service for the first time: what to take over, and what is still needed."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import AgreesToTexts, company_fields, explain, names, read_free_website

OFFERED = ("name", "surname", "email")
COMPANY = ("company", "address", "website")


@dataclass(frozen=True)
class Offer:
    """One thing that the service told: the box that takes it over, and its value."""

    field: Any
    value: str


class JoinForm(AgreesToTexts):
    """Each thing that the service told is taken only when its box is ticked; else what they wrote counts (S91)."""

    with_company = forms.BooleanField(required=False, label=_("Start an account for my company"))
    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": _("Enter an e-mail like pat@specimen.example")},
    )

    def __init__(self, *args: Any, told: dict[str, str], is_proved: bool, **kwargs: Any) -> None:
        """`told` holds what the service gave: name, surname, email; `is_proved` says that we believe the e-mail."""
        self.told = {name: told[name] for name in OFFERED if told.get(name)}
        self.is_proved = is_proved
        super().__init__(*args, **kwargs)
        self.auto_id = "%s"
        self.fields.update(names() | company_fields())
        self.list_versions()
        self.missing = {name: field.error_messages["required"] for name, field in self.fields.items()}
        self.missing["email"] = _("Enter your e-mail")
        for name in (*OFFERED, *COMPANY):
            self.fields[name].required = False
        for name in self.told:
            self.fields[f"take_{name}"] = forms.BooleanField(required=False, label=self.fields[name].label)
        explain(self, "accounts.User", *OFFERED)
        explain(self, "accounts.Account", *COMPANY)
        boxes = [f"take_{name}" for name in self.told]
        self.order_fields([*boxes, *OFFERED, "with_company", *COMPANY, "age", "policy"])

    def offers(self) -> list[Offer]:
        """What the service told, each with its box."""
        return [Offer(self[f"take_{name}"], value) for name, value in self.told.items()]

    def clean_website(self) -> str:
        text: str = self.cleaned_data["website"]
        return read_free_website(text) if text and self.cleaned_data.get("with_company") else text

    def clean(self) -> dict[str, Any]:
        super().clean()
        data: dict[str, Any] = self.cleaned_data
        self.gave = [name for name in self.told if data.get(f"take_{name}")]
        for name in self.gave:
            try:
                data[name] = self.fields[name].clean(self.told[name])
            except forms.ValidationError as problem:
                self.add_error(name, problem)
        needed = {"name", "email"} | ({"surname", *COMPANY} if data.get("with_company") else set())
        for name in needed:
            if not data.get(name) and name not in self.errors:
                self.add_error(name, self.missing[name])
        return data

    def choices(self) -> dict[str, Any]:
        """Clean input as actions.join takes it."""
        data = self.cleaned_data
        return {
            "gave": self.gave,
            "email": data["email"].strip().lower(),
            "verified": self.is_proved and "email" in self.gave,
            "name": data["name"],
            "surname": data["surname"],
            "versions": self.versions,
            "company": {name: data[name] for name in COMPANY} if data["with_company"] else None,
        }
