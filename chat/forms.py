"""Forms of the chat app: the archive's filter and the widget's settings."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from chat.blocks import DURATIONS
from chat.models import Tag
from chat.replies import LONGEST_TEXT
from chat.search import ArchiveFilter
from core.errors import Refused
from operators.models import Group
from operators.queries import list_operators

# moments of these days exist in every time zone, and the day after them too
WITHIN = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(9000, 1, 1))]


class ArchiveForm(forms.Form):
    """The archive's filter; a value that does not fit is left out, and the words of those that fit are chips."""

    q = forms.CharField(label=_("Words"), required=False, max_length=200)
    operator = forms.TypedChoiceField(label=_("Operator"), required=False, coerce=int, empty_value=None)
    rating = forms.ChoiceField(
        label=_("Rating"),
        required=False,
        choices=[("", _("Any rating")), ("good", _("Good")), ("bad", _("Bad")), ("none", _("Not rated"))],
    )
    since = forms.DateField(label=_("From"), required=False, validators=WITHIN)
    until = forms.DateField(label=_("Until"), required=False, validators=WITHIN)
    tag = forms.TypedChoiceField(label=_("Tag"), required=False, coerce=int, empty_value=None)
    group = forms.TypedChoiceField(label=_("Group"), required=False, coerce=int, empty_value=None)
    kind = forms.ChoiceField(
        label=_("Answer"),
        required=False,
        choices=[
            ("", _("Answered or not")),
            ("answered", _("Answered in the chat")),
            ("mail", _("Answered by e-mail")),
            ("unanswered", _("Nobody answered")),
        ],
    )
    page = forms.CharField(label=_("Page"), required=False, max_length=200)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = [(operator.pk, operator.display_name) for operator in list_operators(account)]
        self._offer("operator", _("Any operator"), people)
        self._offer("tag", _("Any tag"), [(tag.pk, tag.name) for tag in Tag.of(account).order_by("name")])
        self._offer("group", _("Any group"), [(one.pk, one.name) for one in Group.of(account).order_by("name")])

    def _offer(self, name: str, nothing: Any, choices: list[tuple[int, str]]) -> None:
        self.fields[name].choices = [("", nothing), *choices]  # type: ignore[attr-defined]  # a choice field

    def read(self) -> ArchiveFilter:
        """The filter that was asked for."""
        self.is_valid()
        data = self.cleaned_data
        return ArchiveFilter(
            text=(data.get("q") or "").strip().replace("\x00", ""),
            page=(data.get("page") or "").strip().replace("\x00", ""),
            **{name: data.get(name) for name in ("operator", "tag", "group", "since", "until")},
            **{name: data.get(name) or "" for name in ("rating", "kind")},
        )

    def pairs(self) -> list[tuple[str, str]]:
        """The filters that are set, as the address names them."""
        wanted = self.read()
        values = {name: getattr(wanted, "text" if name == "q" else name) for name in self.fields}
        return [(name, str(value)) for name, value in values.items() if value not in ("", None)]

    def asked(self, without: str = "") -> str:
        """The query of the address; `without` leaves one filter out."""
        return urlencode([(name, value) for name, value in self.pairs() if name != without])

    def chips(self) -> list[dict[str, Any]]:
        """What is set beside the words: label, value in words, and the address without it."""
        shown = []
        for name, value in self.pairs():
            if name == "q":
                continue
            field: Any = self.fields[name]
            words = {str(key): label for key, label in getattr(field, "choices", ())}.get(value, value)
            if name in ("since", "until"):
                words = date_format(self.cleaned_data[name], "j M Y")
            shown.append({"name": name, "label": field.label, "value": words, "rest": self.asked(name)})
        return shown


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


class ReplyForm(forms.Form):
    """A saved reply: shortcut, text, and who can use it. `scope` is "personal", "account" or "group:<key>"."""

    shortcut = forms.CharField(label=_("Shortcut"), max_length=33)
    text = forms.CharField(label=_("Text"), max_length=LONGEST_TEXT + 1, widget=forms.Textarea, strip=False)
    scope = forms.ChoiceField(label=_("Who can use it"), required=False)

    def __init__(self, *args: Any, shared: bool, groups: list[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: list[tuple[str, Any]] = [("personal", _("Only me"))]
        if shared:
            choices += [("account", _("Everybody"))]
            choices += [(f"group:{one.pk}", one.name) for one in groups]
        self.fields["scope"].choices = choices  # type: ignore[attr-defined]  # a choice field

    def values(self) -> dict[str, Any]:
        """The arguments of the action."""
        scope, _colon, key = (self.cleaned_data["scope"] or "personal").partition(":")
        return {
            "shortcut": self.cleaned_data["shortcut"],
            "text": self.cleaned_data["text"],
            "scope": scope,
            "group_pk": int(key) if key else None,
        }

    def refuse(self, refusal: Refused) -> None:
        """Shows what the action refused at its field."""
        field = {"bad_shortcut": "shortcut", "taken": "shortcut", "bad_group": "scope", "not_allowed": "scope"}
        text = ("empty", "too_long", "bad_placeholder")
        self.add_error("text" if refusal.code in text else field.get(refusal.code), str(refusal.message))


class BlockForm(forms.Form):
    """What is blocked, for how long, and why."""

    what = forms.ChoiceField(label=_("What"), choices=[("session", _("This browser")), ("address", _("This address"))])
    hours = forms.TypedChoiceField(label=_("For how long"), choices=list(DURATIONS), coerce=int)
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)
