"""Pages of requesters, members and guests: the home, asking, reading, answering, closing, rating (S15, S30, S31)."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST, require_safe

from accounts.actions import confirm_age
from accounts.doors import signed_in_page
from core.errors import Refused
from core.limits import TooMany, count_use, limited, person_or_address
from support import answers, queries, screens
from support.actions import requests as actions
from support.forms import LostForm, MessageForm, RatingForm, RequestForm
from support.models import SupportRequest
from support.opened import list_opened, note_opened
from support.views.files import send_file

EDIT = ["GET", "HEAD", "POST"]
HOME_ROWS = 3


@require_safe
@never_cache
@limited("support.search", by=person_or_address)
def home(request: HttpRequest) -> HttpResponse:
    """The support centre: search over the forum's answers, ways to a person, and one's own requests (S17)."""
    text = request.GET.get("q", "").replace("\x00", "").strip()[:200]
    own = queries.list_requests_of(request.user, limit=HOME_ROWS) if request.user.is_authenticated else []
    context = {
        "q": text,
        "found": answers.suggest(text, limit=10) if text else None,
        "categories": answers.list_categories(),
        "topics": answers.list_new_topics(),
        "own": [(one, screens.say_status(one), screens.badge_of(one)) for one in own[:HOME_ROWS]],
        "has_more": len(own) > HOME_ROWS,
    }
    return render(request, "support/home.html", context)


@require_http_methods(EDIT)
@never_cache
def new(request: HttpRequest) -> HttpResponse:
    """Asking. What was typed stands there again whatever is wrong, at the rate limit too."""
    company = _company(request)
    if request.method != "POST":
        subject = request.GET.get("subject", "").replace("\x00", "")[:200]
        form = RequestForm(user=request.user, employer=company, initial={"subject": subject})
        return _form_page(request, form)
    form = RequestForm(request.POST, request.FILES, user=request.user, employer=company)
    if not form.is_valid():
        return _form_page(request, form, status=400)
    has_files = any(one.name for one in request.FILES.getlist("files"))
    if not form.cleaned_data["offered"] and not has_files:
        found = answers.suggest(f"{form.cleaned_data['subject']} {form.cleaned_data['text']}")
        if found:
            return _form_page(request, form, found=found, confirm=True)
    try:
        made = _make(request, form)
    except Refused as refusal:
        return _refuse(request, form, refusal)
    note_opened(request, made)
    return redirect("support:sent", made.number)


def _make(request: HttpRequest, form: RequestForm) -> SupportRequest:
    count_use("support.new", person_or_address(request))
    user: Any = request.user if request.user.is_authenticated else None
    if user is not None and user.over_thirteen_at is None:
        confirm_age(user=user)
    return actions.make_request(
        contact=form.contact(), subject=form.cleaned_data["subject"], written=form.written(),
        kind=form.cleaned_data["kind"], user=user, uploads=form.uploads(),
        language=getattr(request, "LANGUAGE_CODE", "en"),
    )  # fmt: skip


def _company(request: HttpRequest) -> str:
    membership = getattr(request, "membership", None)
    return membership.account.company if membership else ""


def _form_page(request: HttpRequest, form: RequestForm, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "support/new.html", {"form": form, "company": form.employer, **more}, status=status)


def _refuse(request: HttpRequest, form: Any, refusal: Refused, page: Any = None) -> HttpResponse:
    """The form again with its text and the sentence; at a limit with 429 and when to try again."""
    more = {"refusal": str(refusal.message), "had_files": bool(request.FILES)}
    if page is None:
        response = _form_page(request, form, status=refusal.status, **more)
    else:
        response = _request_page(request, page, form=form, status=refusal.status, **more)
    if isinstance(refusal, TooMany):
        response["Retry-After"] = str(refusal.retry_after)
    return response


@require_POST
@never_cache
@limited("support.search", by=person_or_address)
def suggest(request: HttpRequest) -> HttpResponse:
    """The forum's answers to what is being typed, as a part of the form."""
    text = f"{request.POST.get('subject', '')} {request.POST.get('text', '')}".replace("\x00", "")[:2000]
    return render(request, "support/_suggested.html", {"found": answers.suggest(text)})


@require_GET
@never_cache
def sent(request: HttpRequest, number: int) -> HttpResponse:
    """The number, and what happens next."""
    found = queries.find_request_of(request.user, list_opened(request), number)
    return render(request, "support/sent.html", {"made": found})


@require_GET
@never_cache
@signed_in_page
def mine(request: HttpRequest) -> HttpResponse:
    """A member's requests; those that were sent as a guest from a proved address become theirs (S31)."""
    actions.adopt_requests(user=request.user)
    asked = request.GET.get("before", "")
    before = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None
    found = queries.list_requests_of(request.user, before=before)
    rows = found[: queries.PAGE]
    context = {
        "rows": [(one, screens.say_status(one), screens.badge_of(one)) for one in rows],
        "next": rows[-1].number if len(found) > queries.PAGE else None,
        "is_first": before is None,
    }
    return render(request, "support/mine.html", context)


@require_GET
@never_cache
@limited("support.open")
def open_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """A guest's secret link: this browser may read the request from now on, and the address bar forgets the secret."""
    found = queries.find_by_secret(secret)
    note_opened(request, found)
    response = redirect("support:request", found.number)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_http_methods(EDIT)
@never_cache
@limited("support.lost_page", methods=("POST",))
def lost(request: HttpRequest) -> HttpResponse:
    """Sends the links to an address again. The answer is the same for every address (SAFETY: enumeration)."""
    form = LostForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.resend_links(email=form.cleaned_data["email"])
        except TooMany as refusal:
            return _too_often(request, form, refusal)
        return render(request, "support/lost.html", {"sent_to": form.cleaned_data["email"]})
    return render(request, "support/lost.html", {"form": form}, status=400 if form.is_bound else 200)


def _too_often(request: HttpRequest, form: LostForm, refusal: TooMany) -> HttpResponse:
    response = render(request, "support/lost.html", {"form": form, "refusal": refusal.message}, status=429)
    response["Retry-After"] = str(refusal.retry_after)
    return response


# ---- one request --------------------------------------------------------------------------------------------
@require_GET
@never_cache
def show(request: HttpRequest, number: int) -> HttpResponse:
    """A request with its messages, files and progress; notes of agents are not among them."""
    try:
        found = _find(request, number)
    except Refused:
        if request.user.is_authenticated:
            raise
        return render(request, "support/locked.html", {"number": number}, status=404)
    if found.merged_into is not None:
        if found.user_id is None:
            note_opened(request, found.merged_into)
        return redirect("support:request", found.merged_into.number)
    return _request_page(request, found)


def _find(request: HttpRequest, number: int) -> SupportRequest:
    return queries.find_request_of(request.user, list_opened(request), number)


def _user(request: HttpRequest) -> Any:
    return request.user if request.user.is_authenticated else None


def _request_page(
    request: HttpRequest, found: SupportRequest, *, form: MessageForm | None = None, status: int = 200, **more: Any
) -> HttpResponse:
    thread = queries.list_thread(found, notes=False)
    others = queries.list_requests_of(request.user, limit=5) if request.user.is_authenticated else []
    context = {
        "asked": found,
        "status_words": screens.say_status(found),
        "badge": screens.badge_of(found),
        "thread": thread,
        "steps": screens.list_steps(found, queries.list_events(found)),
        "others": [(one, screens.say_status(one), screens.badge_of(one)) for one in others if one.pk != found.pk][:5],
        "form": form or MessageForm(),
        "site": settings.SITE_NAME,
        **more,
    }
    return render(request, "support/request.html", context, status=status)


@require_POST
@never_cache
def reply(request: HttpRequest, number: int) -> HttpResponse:
    """The requester writes again; with `do=close` the same form says that it is solved."""
    found = _find(request, number)
    if request.POST.get("do") == "close" and not request.POST.get("text", "").strip():
        return close(request, number)
    form = MessageForm(request.POST, request.FILES)
    if not form.is_valid():
        return _request_page(request, found, form=form, status=400)
    try:
        count_use("support.reply", person_or_address(request))
        actions.reply_as_requester(request=found, written=form.written(), user=_user(request), uploads=form.uploads())
    except Refused as refusal:
        return _refuse(request, form, refusal, found)
    if request.POST.get("do") == "close":
        return close(request, number)
    messages.success(request, _("Your message is with us."))
    return redirect("support:request", number)


@require_POST
@never_cache
def close(request: HttpRequest, number: int) -> HttpResponse:
    """It is solved, says the requester."""
    actions.close_as_requester(request=_find(request, number), user=_user(request))
    messages.success(request, _("Good to hear. How was it?"))
    return redirect("support:request", number)


@require_POST
@never_cache
def reopen(request: HttpRequest, number: int) -> HttpResponse:
    """It is not solved, says the requester."""
    actions.reopen_as_requester(request=_find(request, number), user=_user(request))
    messages.success(request, _("It is open again. Write what is missing."))
    return redirect("support:request", number)


@require_POST
@never_cache
def rate(request: HttpRequest, number: int) -> HttpResponse:
    """How it was."""
    found = _find(request, number)
    form = RatingForm(request.POST)
    if not form.is_valid():
        return _request_page(request, found, status=400, rating_error=_("Choose good or bad."))
    given = form.cleaned_data
    try:
        actions.rate(request=found, rating=given["rating"], comment=given["comment"], user=_user(request))
    except Refused as refusal:
        return _request_page(request, found, status=refusal.status, rating_error=refusal.message)
    messages.success(request, _("Thank you."))
    return redirect("support:request", number)


@require_GET
@limited("support.file", by=person_or_address)
def file(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A file of a message that the requester may read; checked at each download."""
    return send_file(queries.find_file_of(request.user, list_opened(request), public_id))
