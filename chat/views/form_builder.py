"""The page on which an account builds the form before the chat: add, remove and order questions, without script."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.doors import MemberRequest, member_page
from chat import queries
from chat.actions.widgets import change_widget
from chat.models import Widget
from chat.window.prechat import (
    LABEL,
    MOST_OPTIONS,
    MOST_QUESTIONS,
    OPTION,
    Ask,
    FormRefused,
    Kind,
    PreChat,
    Question,
    new_question,
    read_form,
)
from operators.queries import list_groups


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@member_page("widget.edit")
def form_builder(request: MemberRequest, key: str) -> HttpResponse:
    """The form of one website. Each button sends everything, so nothing that was typed is lost; only Save stores."""
    widget = queries.find_own_widget(key)
    if request.method != "POST":
        return _show(request, widget, read_form(widget.form))
    form = _read(request.POST)
    deed, _dash, place = request.POST.get("do", "save").partition("-")
    if deed != "save":
        form, focus = _change(form, deed, int(place) if place.isdecimal() and len(place) < 3 else -1)
        return _show(request, widget, form, focus=focus)
    try:
        change_widget(widget=widget, by=request.membership, form=form.stored())
    except FormRefused as refusal:
        return _show(request, widget, form, wrong=refusal.fields, status=400)
    messages.success(request, _("The form is saved. Visitors who open the chat from now on see it."))
    return redirect("chat:form_builder", widget.key)


def _read(sent: QueryDict) -> PreChat:
    """What the page sent, as it was typed: it is checked when it is saved."""
    rows = []
    for number in range(MOST_QUESTIONS + 1):
        if f"q{number}-id" not in sent:
            break
        told = {name: sent.get(f"q{number}-{name}", "") for name in ("id", "label", "kind", "options")}
        kind = told["kind"] if told["kind"] in Kind.values else Kind.LINE
        options = tuple(line.strip()[:OPTION] for line in told["options"].splitlines()[: MOST_OPTIONS + 1])
        required = f"q{number}-required" in sent
        rows.append(Question(told["id"][:12], told["label"][:LABEL], kind, required, options))
    asked = {name: sent.get(name, "") for name in ("name", "email")}
    return PreChat(
        **{name: value if value in Ask.values else Ask.OPTIONAL for name, value in asked.items()},
        group="group" in sent,
        questions=tuple(rows),
    )


def _change(form: PreChat, deed: str, place: int) -> tuple[PreChat, str]:
    """The form after a button, and the id of the element that gets the focus then."""
    rows = list(form.questions)
    focus = "preview-h" if deed == "preview" else "questions-h"
    if deed == "add" and len(rows) < MOST_QUESTIONS:
        rows.append(new_question())
        focus = f"q{len(rows) - 1}-label"
    elif deed == "remove" and 0 <= place < len(rows):
        del rows[place]
    elif deed in ("up", "down") and 0 <= place < len(rows):
        target = min(max(place + (1 if deed == "down" else -1), 0), len(rows) - 1)
        rows.insert(target, rows.pop(place))
        focus = f"q{target}-{deed}"
    return replace(form, questions=tuple(rows)), focus


def _show(
    request: HttpRequest, widget: Widget, form: PreChat, *, focus: str = "", wrong: Any = None, status: int = 200
) -> HttpResponse:
    wrong = wrong or {}
    rows = [
        {"question": one, "error": wrong.get(one.id, ""), "options": "\n".join(one.options)} for one in form.questions
    ]
    groups = [group for group in list_groups(widget.account) if group.people]  # type: ignore[attr-defined]  # annotated
    context = {
        "widget": widget,
        "form": form,
        "rows": rows,
        "wrong": wrong,
        "focus": focus,
        "asks": Ask.choices,
        "kinds": Kind.choices,
        "most": MOST_QUESTIONS,
        "longest": LABEL,
        "has_groups": len(groups) > 1,
        "groups": groups if form.group and len(groups) > 1 else [],
        "company": widget.account.company,
        "open": True,
    }
    return render(request, "chat/form_builder.html", context, status=status)
