"""Input of requests: what is written is never lost, and everything but e-mail and message is optional (S15)."""

import uuid
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from accounts.names import NO_LINK, ONE_LINE
from core.errors import Refused
from core.personal_data import registry
from core.uploads import read_upload
from support.actions.files import MOST, Upload
from support.actions.requests import Contact, Written
from support.models import LONGEST_SUBJECT, LONGEST_TEXT, StaffGrant, SupportRequest
from support.queries import VIEWS, DeskFilter

TOO_LONG = _("This is longer than %(limit_value)d characters. Send the rest as a file.")


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesMixin:
    """Reads the files of a form: judged later, by content."""

    files: Any

    def uploads(self) -> list[Upload]:
        """The files as they came. Raises Refused `too_many_files`, `too_large`."""
        chosen: list[UploadedFile[Any]] = [one for one in self.files.getlist("files") if one.name]
        if len(chosen) > MOST:
            raise Refused("too_many_files", _("Send at most %(count)d files with one message.") % {"count": MOST})
        return [Upload(one.name or "file", read_upload(one)) for one in chosen]


class MessageForm(FilesMixin, forms.Form):
    """One message with files; `client_id` makes a form that is sent twice one message."""

    text = forms.CharField(
        label=_("Reply"), max_length=LONGEST_TEXT, strip=False, widget=forms.Textarea,
        error_messages={"required": _("Write a few words first."), "max_length": TOO_LONG},
    )  # fmt: skip
    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def written(self) -> Written:
        return Written(self.cleaned_data["text"], client_id=self.cleaned_data["client_id"])


class RequestForm(FilesMixin, forms.Form):
    """A new request. A member (`user`) is asked no address; who confirmed their age is not asked again (S49)."""

    kind = forms.ChoiceField(
        label=_("What is it about?"), choices=SupportRequest.Kind.choices, initial=SupportRequest.Kind.QUESTION,
        widget=forms.RadioSelect,
    )  # fmt: skip
    email = forms.EmailField(
        label=_("E-mail"), max_length=254,
        error_messages={"required": _("Write your e-mail address: the answer goes there.")},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )  # fmt: skip
    subject = forms.CharField(label=_("Subject"), max_length=LONGEST_SUBJECT, required=False, validators=[ONE_LINE])
    text = forms.CharField(
        label=_("What happened, and what did you expect?"), max_length=LONGEST_TEXT, strip=False,
        widget=forms.Textarea,
        error_messages={"required": _("Write what you would like to know."), "max_length": TOO_LONG},
    )  # fmt: skip
    name = forms.CharField(
        label=_("Name"), max_length=80, required=False, validators=[ONE_LINE, NO_LINK],
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )  # fmt: skip
    surname = forms.CharField(
        label=_("Surname"), max_length=80, required=False, validators=[ONE_LINE, NO_LINK],
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )  # fmt: skip
    company = forms.CharField(
        label=_("Company"), max_length=120, required=False, validators=[ONE_LINE],
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )  # fmt: skip
    address = forms.CharField(
        label=_("Address"), max_length=250, required=False, validators=[ONE_LINE],
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )  # fmt: skip
    website = forms.CharField(
        label=_("Website"), max_length=250, required=False, validators=[ONE_LINE],
        widget=forms.TextInput(attrs={"autocomplete": "url"}),
    )  # fmt: skip
    of_age = forms.BooleanField(
        label=_("I am 13 or older"), error_messages={"required": _("We answer people who are 13 or older.")}
    )
    offered = forms.CharField(required=False, widget=forms.HiddenInput)
    client_id = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid.uuid4)

    def __init__(self, *args: Any, user: Any, employer: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.employer = user, employer
        if user.is_authenticated:
            for name in ("email", "name", "surname", "company", "address", "website"):
                del self.fields[name]
            if user.over_thirteen_at:
                del self.fields["of_age"]
        else:
            self.fields["email"].help_text = registry.why("support.SupportRequest", "email")

    def contact(self) -> Contact:
        """Who asks."""
        if self.user.is_authenticated:
            return Contact(self.user.email, self.user.name, self.user.surname, self.employer)
        return Contact(**{name: self.cleaned_data[name] for name in Contact.__dataclass_fields__})

    def written(self) -> Written:
        return Written(self.cleaned_data["text"], client_id=self.cleaned_data["client_id"])


class LostForm(forms.Form):
    """To which address the links are sent again."""

    email = forms.EmailField(
        label=_("E-mail"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "email"})
    )


class RatingForm(forms.Form):
    """How it was."""

    rating = forms.ChoiceField(choices=SupportRequest.Rating.choices)
    comment = forms.CharField(required=False, max_length=1000)


# ---- the desk -----------------------------------------------------------------------------------------------
class DeskForm(forms.Form):
    """The filters of the desk: what does not fit is passed over, never refused."""

    view = forms.ChoiceField(choices=[(name, name) for name in VIEWS], required=False)
    q = forms.CharField(max_length=200, required=False)
    priority = forms.ChoiceField(choices=SupportRequest.Priority.choices, required=False)
    tag = forms.CharField(max_length=40, required=False)
    order = forms.CharField(required=False)

    def read(self) -> DeskFilter:
        self.is_valid()
        given = self.cleaned_data
        return DeskFilter(
            view=given.get("view") or "open", text=given.get("q") or "", priority=given.get("priority") or "",
            tag=given.get("tag") or "", newest_first=given.get("order") == "newest",
        )  # fmt: skip


class ChangeForm(forms.Form):
    """What becomes of one request or of many; an empty field leaves a thing as it is."""

    assignee = forms.CharField(required=False)  # "me", "nobody" or the handle of an agent
    status = forms.ChoiceField(choices=[("", ""), *SupportRequest.Status.choices], required=False)
    priority = forms.ChoiceField(choices=[("", ""), *SupportRequest.Priority.choices], required=False)
    add_tag = forms.CharField(max_length=200, required=False)
    remove_tag = forms.CharField(max_length=200, required=False)

    def tags(self, name: str) -> tuple[str, ...]:
        """The tags of a field, by commas."""
        return tuple(one for one in (part.strip() for part in self.cleaned_data[name].split(",")) if one)


class ReplyForm(forms.Form):
    """A saved reply."""

    title = forms.CharField(label=_("Title"), max_length=80)
    text = forms.CharField(label=_("Text"), max_length=LONGEST_TEXT, widget=forms.Textarea)


class GrantForm(forms.Form):
    """How long our agents may read an account's chats, and why."""

    hours = forms.TypedChoiceField(choices=[(hours, str(hours)) for hours in StaffGrant.HOURS], coerce=int, initial=24)
    reason = forms.CharField(max_length=300, min_length=10)


class EmergencyForm(forms.Form):
    """Whose chats an agent must read without a grant, and why."""

    slug = forms.CharField(max_length=60)
    reason = forms.CharField(max_length=300, min_length=10)
