"""Forms of moderators and of whoever reports or objects: HTML input to clean keyword arguments."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forum.models import Category, ModerationAct, Objection, Reason, Report, Topic
from forum.models.moderation import REPORTED

Kind = ModerationAct.Kind
WITH_POSTS = (Kind.APPROVE, Kind.KEEP, Kind.HIDE, Kind.DELETE, Kind.RESTORE)
WITH_TOPIC = (Kind.LOCK, Kind.UNLOCK, Kind.PIN, Kind.UNPIN, Kind.MOVE, Kind.SPLIT, Kind.MERGE)
WITH_MEMBER = (Kind.WARN, Kind.SUSPEND, Kind.CLEAN_UP)
WITH_DATE = (Kind.SUSPEND, Kind.CLEAN_UP)
DEFAULT_DAYS = {Kind.SUSPEND: 7, Kind.CLEAN_UP: 30}
# what fits an act; the first one is chosen until the moderator chooses another
REASONS: dict[str, tuple[Reason, ...]] = {
    Kind.APPROVE: (Reason.FINE, Reason.USEFUL, Reason.OTHER),
    Kind.KEEP: (Reason.FINE, Reason.USEFUL, Reason.OTHER),
    Kind.RESTORE: (Reason.FINE, Reason.USEFUL, Reason.OTHER),
    Kind.LOCK: (Reason.SETTLED, Reason.OFF_TOPIC, Reason.ABUSE, Reason.DOUBLE, Reason.OTHER),
    Kind.UNLOCK: (Reason.FINE, Reason.USEFUL, Reason.OTHER),
    Kind.PIN: (Reason.USEFUL, Reason.OTHER),
    Kind.UNPIN: (Reason.SETTLED, Reason.OTHER),
    Kind.MOVE: (Reason.PLACE, Reason.OFF_TOPIC, Reason.OTHER),
    Kind.SPLIT: (Reason.OFF_TOPIC, Reason.PLACE, Reason.OTHER),
    Kind.MERGE: (Reason.DOUBLE, Reason.PLACE, Reason.OTHER),
}
AGAINST = (Reason.ADVERT, Reason.ABUSE, Reason.PERSONAL, Reason.UNLAWFUL, Reason.OFF_TOPIC, Reason.DOUBLE, Reason.OTHER)


def reasons_for(kind: str) -> list[tuple[str, Any]]:
    """The reasons that fit an act, as choices."""
    return [(reason.value, reason.label) for reason in REASONS.get(kind, AGAINST)]


class ActForm(forms.Form):
    """One act: what, on what, why. Which of the other fields it needs depends on its kind."""

    kind = forms.ChoiceField(choices=Kind.choices, widget=forms.HiddenInput)
    reason = forms.ChoiceField(label=_("Reason"), choices=Reason.choices)
    text = forms.CharField(
        label=_("In your words"), max_length=ModerationAct.LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The author reads it."),
    )  # fmt: skip
    days = forms.IntegerField(
        label=_("Hide all posts of the last days"), min_value=1, max_value=ModerationAct.MOST_CLEANED_DAYS,
        required=False, help_text=_("1 to 90"),
    )  # fmt: skip
    until = forms.DateField(label=_("Suspended until"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    category = forms.ModelChoiceField(
        label=_("New category"), queryset=Category.objects.none(), to_field_name="slug", required=False
    )
    title = forms.CharField(label=_("Title of the new topic"), max_length=Topic.LONGEST_TITLE, required=False)
    numbers = forms.CharField(
        label=_("Numbers of the posts"), max_length=2000, required=False,
        help_text=_("For example: 4, 6-9. The opening post stays."),
    )  # fmt: skip
    into = forms.CharField(
        label=_("The other topic"), max_length=300, required=False, help_text=_("Its address, copied from the browser.")
    )
    NEEDS = {Kind.MOVE: ("category",), Kind.SPLIT: ("numbers", "title"), Kind.MERGE: ("into",),
             Kind.SUSPEND: ("until",), Kind.CLEAN_UP: ("days", "until")}  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["category"].queryset = Category.objects.filter(is_archived=False)  # type: ignore[attr-defined]  # a ModelChoiceField
        kind = str(self["kind"].value() or "")
        self.fields["reason"].choices = reasons_for(kind)  # type: ignore[attr-defined]  # a ChoiceField
        needed = self.NEEDS.get(kind, ())  # type: ignore[call-overload]  # any text
        for name in ("days", "until", "category", "title", "numbers", "into"):
            if name not in needed:
                del self.fields[name]
            else:
                self.fields[name].required = True

    def clean_numbers(self) -> list[int]:
        """ "4, 6-9" as numbers."""
        found: set[int] = set()
        for part in self.cleaned_data["numbers"].replace(";", ",").split(","):
            first, _dash, last = part.strip().partition("-")
            first, last = first.strip(), last.strip()
            last = last or first
            if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in (first, last)):
                raise forms.ValidationError(_("Write numbers of posts, such as 4, 6-9"))
            if int(last) - int(first) > 1000:
                raise forms.ValidationError(_("That are more than %(n)d posts. Take fewer."), params={"n": 1000})
            found |= set(range(int(first), int(last) + 1))
        return sorted(found)

    def clean_until(self) -> datetime:
        """The end of that day."""
        day: date = self.cleaned_data["until"]
        return datetime.combine(day, time.max, tzinfo=timezone.get_current_timezone())


def default_until(kind: str, today: date) -> date:
    """The day that a form offers as the end of a suspension."""
    return today + timedelta(days=DEFAULT_DAYS.get(Kind(kind), 7))


class ReportForm(forms.Form):
    """Why a post should not stay."""

    reason = forms.ChoiceField(
        label=_("What is wrong with it?"), choices=[(reason.value, reason.label) for reason in REPORTED],
        error_messages={"required": _("Choose what is wrong with the post")},
    )  # fmt: skip
    text = forms.CharField(
        label=_("Anything that helps to see it"), max_length=Report.LONGEST, required=False,
        widget=forms.Textarea(attrs={"rows": 3}), help_text=_("Moderators read it; the author does not."),
    )  # fmt: skip


class ObjectionForm(forms.Form):
    """Why a decision is wrong."""

    text = forms.CharField(
        label=_("Why do you not agree?"), max_length=Objection.LONGEST, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Another moderator reads it where there is one, and answers by mail and here."),
        error_messages={"required": _("Write why you do not agree")},
    )  # fmt: skip


class SentenceForm(forms.Form):
    """A reason in words, for undoing an act and for answering an objection."""

    text = forms.CharField(
        label=_("Reason"), max_length=ModerationAct.LONGEST, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("The author reads it."), error_messages={"required": _("Write the reason in a sentence")},
    )  # fmt: skip
