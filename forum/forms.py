"""What is typed on the forum's pages, as clean arguments for actions."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from forum.models import Category, Post, Topic
from forum.warning import WARNING_VERSION

TOO_LONG = _("This text is too long. Up to 50,000 characters are possible.")


class WarnedForm(forms.Form):
    """A form of somebody who writes: asks once for the box under the warning, as long as it is not acknowledged."""

    def __init__(self, *args: Any, warned: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not warned:
            self.fields["warned"] = forms.BooleanField(
                label=_("I have read it"),
                error_messages={"required": _("Read the note, and tick the box under it")},
            )

    @property
    def version(self) -> int:
        """The version of the warning that stood on the page."""
        value = str(self.data.get("warning_version", ""))
        return int(value) if value.isascii() and value.isdigit() and len(value) < 5 else WARNING_VERSION


class ReplyForm(WarnedForm):
    """An answer."""

    text = forms.CharField(
        label=_("Your answer"),
        max_length=Post.LONGEST,
        strip=False,
        widget=forms.Textarea,
        error_messages={"required": _("Write something first."), "max_length": TOO_LONG},
    )
    by_mail = forms.BooleanField(label=_("E-mail me new replies"), required=False)


class TopicForm(WarnedForm):
    """A new topic."""

    category = forms.ModelChoiceField(
        label=_("Category"),
        queryset=Category.objects.filter(is_archived=False),
        to_field_name="slug",
        empty_label=None,
        error_messages={"required": _("Choose a category"), "invalid_choice": _("Choose a category from the list")},
    )
    title = forms.CharField(
        label=_("Title"),
        max_length=Topic.LONGEST_TITLE,
        min_length=3,
        error_messages={"required": _("Give your topic a title that says what it is about.")},
    )
    text = forms.CharField(
        label=_("Your question"),
        max_length=Post.LONGEST,
        strip=False,
        widget=forms.Textarea,
        error_messages={"required": _("Write something first."), "max_length": TOO_LONG},
    )
    by_mail = forms.BooleanField(label=_("E-mail me new replies"), required=False)


class EditForm(forms.Form):
    """A changed post; the title where it is the opening one."""

    title = forms.CharField(label=_("Title"), max_length=Topic.LONGEST_TITLE, min_length=3)
    text = forms.CharField(
        label=_("Text"),
        max_length=Post.LONGEST,
        strip=False,
        widget=forms.Textarea,
        error_messages={"required": _("Write something first."), "max_length": TOO_LONG},
    )

    def __init__(self, *args: Any, is_opening: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not is_opening:
            del self.fields["title"]


class DraftForm(forms.Form):
    """What was typed so far; nothing of it is required."""

    draft = forms.UUIDField(required=False)
    topic = forms.UUIDField(required=False)
    category = forms.SlugField(required=False)
    title = forms.CharField(required=False, strip=False)
    text = forms.CharField(required=False, strip=False)
