"""Forms of the chat app: the archive's filter and the widget's settings."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from chat.archive.search import ArchiveFilter
from chat.desk.blocks import DURATIONS
from chat.desk.replies import LONGEST_TEXT
from chat.models import ChatSettings, Tag, Widget
from chat.window.languages import CHOICES as LANGUAGE_CHOICES
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
        words = {name: (data.get(name) or "").strip().replace("\x00", "") for name in ("q", "page", "rating", "kind")}
        return ArchiveFilter(
            text=words["q"],
            page=words["page"],
            rating=words["rating"],
            kind=words["kind"],
            operator=data.get("operator"),
            tag=data.get("tag"),
            group=data.get("group"),
            since=data.get("since"),
            until=data.get("until"),
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


class RetentionForm(forms.Form):
    """How long chats are kept, and whether addresses are cut."""

    chat_keep_days = forms.IntegerField(
        label=_("Keep chats for so many days"),
        help_text=_("7 to 730, counted from the end of a chat. After that it is deleted for everybody."),
        min_value=7,
        max_value=730,
        error_messages={
            "required": _("Enter a number of days from 7 to 730"),
            "invalid": _("Enter a number of days from 7 to 730"),
            "min_value": _("Chats can be kept from 7 to 730 days"),
            "max_value": _("Chats can be kept from 7 to 730 days"),
        },
    )
    truncate_addresses = forms.BooleanField(
        label=_("Cut visitors' IP addresses before they are stored"), required=False
    )


class WidgetForm(forms.Form):
    """Name, greeting, origins, colour, side, language and age question of the widget."""

    name = forms.CharField(label=_("Name"), max_length=120)
    greeting = forms.CharField(label=_("Greeting"), max_length=200, required=False)
    allowed_origins = forms.CharField(label=_("Websites that may show the chat"), max_length=4000, required=False)
    brand_colour = forms.CharField(label=_("Colour"), max_length=7)
    position = forms.ChoiceField(label=_("Side of the page"), choices=Widget.Position.choices, required=False)
    language = forms.ChoiceField(label=_("Language of the chat window"), choices=LANGUAGE_CHOICES, required=False)
    ask_thirteen = forms.BooleanField(label=_("Ask whether the visitor is 13 or older"), required=False)

    def clean_position(self) -> str:
        """The end side where nothing was chosen."""
        return self.cleaned_data["position"] or Widget.Position.END

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


class RoutingForm(forms.Form):
    """How chats are given out, what happens when nobody answers, and which group answers which website."""

    routing = forms.ChoiceField(label=_("How chats are given out"), choices=ChatSettings.Routing.choices)
    prefer_known = forms.BooleanField(
        label=_("First to the operator who had the visitor's last chat"), required=False,
        help_text=_("If they are here and have room. Not when chats are taken by hand."),
    )  # fmt: skip
    reassign_seconds = forms.IntegerField(
        label=_("Seconds until an unanswered chat goes to the next operator"), min_value=0, max_value=3600,
        required=False, help_text=_("Or back to its place in the queue. From 10; 0: never."),
    )  # fmt: skip
    alert_seconds = forms.IntegerField(
        label=_("Seconds until owners get a mail that nobody took a chat"), min_value=0, max_value=86_400,
        required=False, help_text=_("Only time within the opening hours counts. From 10; 0: never."),
    )  # fmt: skip
    queue_limit = forms.IntegerField(
        label=_("Waiting visitors at most"), min_value=0, max_value=10_000, required=False,
        help_text=_("More are asked for their e-mail instead. 0: any number."),
    )  # fmt: skip
    peek_on = forms.BooleanField(
        label=_("Operators see what a visitor types before it is sent"), required=False,
        help_text=_("Visitors are told, and each can switch it off."),
    )  # fmt: skip
    show_operators = forms.BooleanField(
        label=_("Visitors see names and photos of operators"), required=False,
        help_text=_("Otherwise the company's name stands at every answer."),
    )  # fmt: skip
    board_on = forms.BooleanField(
        label=_("The bubble asks visitors whether you may see which page they are on"), required=False,
        help_text=_("Only who says yes is seen before opening the chat."),
    )  # fmt: skip

    def __init__(self, *args: Any, settings: ChatSettings, widgets: list[Widget], groups: list[Group], **kwargs: Any):
        numbers = {name: getattr(settings, name) for name in self.base_fields}
        kwargs["initial"] = numbers | {self.name_of(widget): widget.group_id or "" for widget in widgets}
        super().__init__(*args, **kwargs)
        self.has_groups = bool(groups)
        for widget in widgets if groups else ():
            choices = [("", _("Everybody")), *((group.pk, group.name) for group in groups)]
            self.fields[self.name_of(widget)] = forms.TypedChoiceField(
                label=widget.name, choices=choices, coerce=int, empty_value=None, required=False
            )

    @staticmethod
    def name_of(widget: Widget) -> str:
        """The field of a website."""
        return f"site-{widget.pk}"

    def group_of(self, widget: Widget) -> int | None:
        """The group that was chosen for a website; as it is where there are no groups."""
        chosen: int | None = self.cleaned_data.get(self.name_of(widget), widget.group_id)
        return chosen

    def settings(self) -> dict[str, Any]:
        """What the action takes; a number that was left empty is 0."""
        values = {name: self.cleaned_data[name] for name in self.base_fields}
        return {name: 0 if value is None else value for name, value in values.items()}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for name in ("reassign_seconds", "alert_seconds"):
            if 0 < (data.get(name) or 0) < 10:
                self.add_error(name, _("Enter 0, or at least 10 seconds."))
        return data
