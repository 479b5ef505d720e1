"""Doors of who is asked: in the chat window, in the app, by a link; and the page that takes a name back."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.doors import MemberRequest, member_page
from accounts.scoping import scopes_disabled
from chat.views.widget import read_body, visitor_in
from core.errors import Refused, not_found
from core.limits import limited
from surveys import actions, queries
from surveys.actions.filling import Asked
from surveys.filling import Filled, read_filled, say_consent, show_questions
from surveys.models import Contact, MemberContact, Survey, VisitorContact

LONGEST_BODY = 100_000  # bytes: ten texts of 2,000 characters, each up to four bytes
EDIT = ["GET", "HEAD", "POST"]


def _context(survey: Survey, *, sent: Mapping[str, Sequence[str]] | None = None, filled: Filled | None = None) -> Any:
    """What the form shows: the questions, what was written so far, and what is wrong with it."""
    sent, errors = sent or {}, filled.errors if filled else {}
    return {
        "survey": survey,
        "rows": show_questions(queries.list_questions(survey), sent, errors),
        "consent": _consent(survey) if survey.asks_name else "",
        "sent": {name: (sent.get(name) or [""])[0] for name in ("name", "email")},
        "errors": errors,
    }


def _consent(survey: Survey) -> str:
    from django.conf import settings

    return say_consent(survey.account.company if survey.account else settings.SITE_NAME)


def _fill_in(survey: Survey, asked: Asked, sent: Mapping[str, Sequence[str]]) -> tuple[Filled, Contact | None]:
    filled = read_filled(queries.list_questions(survey), sent, asks_name=survey.asks_name)
    if filled.errors:
        return filled, None
    with queries.scope_of(survey.account):
        return filled, actions.fill_in(survey=survey, asked=asked, filled=filled, consent=_consent(survey))


# ---- in the chat window ------------------------------------------------------------------------------------------
@csrf_exempt  # no cookie is read; the Origin and the secret in the body are the proof
@require_POST
@never_cache
@limited("widget.survey")
def ask_visitor(request: HttpRequest) -> HttpResponse:
    """The survey that this visitor is asked after the chat, as a part of the window; nothing when there is none."""
    visitor = visitor_in(read_body(request))
    with queries.scope_of(visitor.account), translation.override(visitor.language or "en"):
        survey = queries.find_for_visitor(visitor)
        if survey is None:
            return HttpResponse(status=204)
        return render(request, "surveys/_widget.html", _context(survey))


@csrf_exempt
@require_POST
@never_cache
@limited("widget.survey")
def answer_visitor(request: HttpRequest) -> HttpResponse:
    """Stores what the visitor filled in, or a "no thanks"; what does not fit comes back with a sentence."""
    body = read_body(request, LONGEST_BODY)
    visitor = visitor_in(body)
    with queries.scope_of(visitor.account), translation.override(visitor.language or "en"):
        survey = queries.find_for_visitor(visitor)
        if survey is None or str(survey.public_id) != body.get("survey"):
            raise not_found()
        asked = Asked(visitor=visitor)
        if body.get("no"):
            actions.decline(survey=survey, asked=asked)
            return HttpResponse(status=204)
        sent = _sent(body.get("answers"))
        filled, contact = _fill_in(survey, asked, sent)
        if filled.errors:
            return render(request, "surveys/_widget.html", _context(survey, sent=sent, filled=filled))
        return render(request, "surveys/_thanks.html", {"survey": survey, "contact": contact})


def _sent(answers: Any) -> dict[str, list[str]]:
    """The fields of a JSON object as a form would hold them."""
    if not isinstance(answers, dict):
        raise Refused("bad_body", _("Send a small JSON object."))
    return {
        name: [text.replace("\x00", "").encode("utf-8", "ignore").decode() for text in values if isinstance(text, str)]
        for name, values in list(answers.items())[:50]
        if isinstance(values, list)
    }


# ---- in the app --------------------------------------------------------------------------------------------------
@require_http_methods(EDIT)
@never_cache
@member_page("profile.read")
def ask_member(request: MemberRequest, public_id: UUID) -> HttpResponse:
    """A survey for people who work here; who answered it or said no is not asked again."""
    survey = queries.find_for_member(request.user, request.membership.account_id, public_id)
    if survey is None:
        raise not_found()
    asked = Asked(user=request.user)
    if request.method != "POST":
        return render(request, "surveys/asked.html", _context(survey))
    if request.POST.get("no"):
        with queries.scope_of(survey.account):
            actions.decline(survey=survey, asked=asked)
        return redirect("chat:console")
    sent = dict(request.POST.lists())
    filled, contact = _fill_in(survey, asked, sent)
    if filled.errors:
        return render(request, "surveys/asked.html", _context(survey, sent=sent, filled=filled), status=400)
    return render(request, "surveys/thanked.html", {"survey": survey, "contact": contact})


# ---- by a link ---------------------------------------------------------------------------------------------------
@require_http_methods(EDIT)
@never_cache
@limited("survey.link", methods=("POST",))
def ask_by_link(request: HttpRequest, key: str) -> HttpResponse:
    """A survey for whoever has the link. We do not know who that is, and set nothing to find out."""
    survey = queries.find_survey_by_key(key)
    if request.method != "POST":
        return render(request, "surveys/link.html", _context(survey))
    if request.POST.get("no"):
        return render(request, "surveys/link_end.html", {"survey": survey, "declined": True})
    sent = dict(request.POST.lists())
    filled, contact = _fill_in(survey, Asked(), sent)
    if filled.errors:
        return render(request, "surveys/link.html", _context(survey, sent=sent, filled=filled), status=400)
    return render(request, "surveys/link_end.html", {"survey": survey, "contact": contact})


@require_http_methods(EDIT)
@never_cache
@limited("survey.link")
def take_back(request: HttpRequest, key: str) -> HttpResponse:
    """Takes name and e-mail back from the answers: a page that asks, and a button that does it at once."""
    contact: VisitorContact | MemberContact | None
    with scopes_disabled():  # the word in the link names the one row that may be deleted
        contact = VisitorContact.objects.select_related("sheet__survey").filter(key=key).first()
        contact = contact or MemberContact.objects.select_related("sheet__survey").filter(key=key).first()
        if contact is None:
            raise not_found()
        survey = contact.sheet.survey
        if request.method == "POST":
            actions.take_back(contact=contact)
            return render(request, "surveys/link_end.html", {"survey": survey, "taken_back": True})
        return render(request, "surveys/take_back.html", {"survey": survey, "contact": contact})
