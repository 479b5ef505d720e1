"""The builder's form: the survey, its aim, and ten questions that are added, moved and removed without script."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from chat.models import Chat, Tag, Widget
from chat.realtime.protocol import clean_text
from operators.models import Group
from surveys.actions.building import Aim, Draft
from surveys.models import Question, Survey


class SurveyForm(forms.Form):
    """Title, words and aim of a survey."""

    title = forms.CharField(label=_("Title"), max_length=120)
    intro = forms.CharField(label=_("A sentence above the questions"), max_length=500, required=False)
    audience = forms.ChoiceField(label=_("Who is asked"), choices=Survey.Audience.choices)
    sample = forms.IntegerField(label=_("Of them, how many in a hundred"), min_value=1, max_value=100, initial=100)
    since = forms.DateField(label=_("From this day"), required=False)
    until = forms.DateField(label=_("Until this day"), required=False)
    rating = forms.ChoiceField(
        label=_("Rating of the chat"), required=False, choices=[("", _("Any rating")), *Chat.Rating.choices]
    )
    widget = forms.TypedChoiceField(label=_("Website"), required=False, coerce=int, empty_value=None)
    group = forms.TypedChoiceField(label=_("Group"), required=False, coerce=int, empty_value=None)
    tag = forms.TypedChoiceField(label=_("Tag of the chat"), required=False, coerce=int, empty_value=None)
    asks_name = forms.BooleanField(label=_("Ask for name and e-mail, both voluntary"), required=False)

    def __init__(self, *args: Any, account: Account | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        audiences: Any = self.fields["audience"]
        if account is None:
            audiences.choices = [one for one in Survey.Audience.choices if one[0] != Survey.Audience.VISITORS]
            for name in ("rating", "widget", "group", "tag"):
                del self.fields[name]
            return
        lists: dict[str, tuple[Any, Any]] = {
            "widget": (_("Every website"), Widget.of(account).filter(removed_at=None)),
            "group": (_("Every group"), Group.of(account)),
            "tag": (_("Any tag, or none"), Tag.of(account)),
        }
        for name, (every, rows) in lists.items():
            field: Any = self.fields[name]
            field.choices = [("", every), *rows.order_by("name", "pk").values_list("pk", "name")]

    def aim(self) -> Aim:
        """Who is asked, and when."""
        data = self.cleaned_data
        names = ("audience", "sample", "since", "until", "widget", "group", "tag")
        return Aim(**{name: data[name] for name in names if name in data}, rating=data.get("rating") or "")


def start_of(survey: Survey) -> dict[str, Any]:
    """What the form shows of a stored survey."""
    names = ("title", "intro", "audience", "sample", "since", "until", "rating", "asks_name")
    return {name: getattr(survey, name) for name in names} | {
        name: getattr(survey, f"{name}_id") for name in ("widget", "group", "tag")
    }


def read_drafts(sent: Any) -> list[Draft]:
    """The questions of a posted builder, in their order."""
    found = []
    for place in range(1, Survey.MOST_QUESTIONS + 2):
        if f"q{place}-kind" not in sent:
            break
        options = [_line(line) for line in sent.get(f"q{place}-options", "").splitlines()]
        kind = sent[f"q{place}-kind"]
        found.append(
            Draft(
                kind=kind,
                label=_line(sent.get(f"q{place}-label", "")),
                options=[line for line in options if line] if kind in ("choice", "choices") else [],
                is_required=bool(sent.get(f"q{place}-required")),
            )
        )
    return found


def _line(text: str) -> str:
    return " ".join(clean_text(text).split())


def change_drafts(drafts: list[Draft], deed: str) -> list[Draft]:
    """The questions after a button of the builder: "add:text", "up:2", "down:2", "remove:2"; others change nothing."""
    word, _colon, rest = deed.partition(":")
    if word == "add" and rest in Question.Kind.values and len(drafts) < Survey.MOST_QUESTIONS:
        return [*drafts, Draft(rest, "")]
    place = int(rest) - 1 if rest.isascii() and rest.isdecimal() and len(rest) < 3 else -1
    if not 0 <= place < len(drafts):
        return drafts
    changed = list(drafts)
    if word == "remove":
        del changed[place]
    elif word in ("up", "down"):
        other = place + (-1 if word == "up" else 1)
        if 0 <= other < len(changed):
            changed[place], changed[other] = changed[other], changed[place]
    return changed
