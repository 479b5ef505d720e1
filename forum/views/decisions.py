"""Doors of members: reporting a post, and reading and objecting to what was decided about their own."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.doors import PersonRequest, signed_in_page
from core.errors import Refused, not_found
from core.limits import limited, person_or_address
from forum.actions.reporting import report_post
from forum.actions.undoing import object_to_act
from forum.links import post_path
from forum.models import ModerationAct, Objection, Post, State
from forum.moderation_forms import ObjectionForm, ReportForm
from forum.queries import moderation as queries

READ_AND_WRITE = ["GET", "HEAD", "POST"]


@require_http_methods(READ_AND_WRITE)
@never_cache
@signed_in_page
@limited("forum.report", by=person_or_address, methods=("POST",))
def report(request: PersonRequest, public_id: UUID, number: int) -> HttpResponse:
    """Reports a post: from the form on the topic's page, or from this page where something is missing."""
    post = queries.find_posts([f"{public_id}:{number}"])[0]
    if post.state != State.PUBLISHED or post.topic.state != State.PUBLISHED:
        raise not_found()
    form = ReportForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                report_post(post=post, reporter=request.user, **form.cleaned_data)
            except Refused as error:
                if error.status in (404, 429):
                    raise
                form.add_error(None, str(error.message))
            else:
                messages.success(request, _("Thank you. A moderator looks at it, and you hear what becomes of it."))
                return redirect(_way_back(request, post))
    context = {"form": form, "post": post, "topic": post.topic, "back": _way_back(request, post)}
    return render(request, "forum/report.html", context, status=status)


def _way_back(request: HttpRequest, post: Post) -> str:
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target
    return post_path(post)


@require_safe
@never_cache
@signed_in_page
def decisions(request: PersonRequest) -> HttpResponse:
    """Everything that was decided about what this member wrote, newest first."""
    before = request.GET.get("before", "")
    number = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    acts, following = queries.list_decisions(request.user, number)
    return render(request, "forum/decisions.html", {"acts": acts, "following": following})


@require_http_methods(READ_AND_WRITE)
@never_cache
@signed_in_page
@limited("forum.object", by=person_or_address, methods=("POST",))
def decision(request: PersonRequest, public_id: UUID) -> HttpResponse:
    """One decision with its reason, and the form with which its author objects."""
    act = queries.find_decision(request.user, public_id)
    form = ObjectionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            object_to_act(act=act, member=request.user, text=form.cleaned_data["text"])
        except Refused as error:
            if error.status == 404:
                raise
            form.add_error(None, str(error.message))
        else:
            messages.success(request, _("Your objection is with the moderators. You get the answer by mail and here."))
            return redirect("forum:decision", public_id)
    context = {"act": act, "objection": _objection(act), "form": form}
    return render(request, "forum/decision.html", context, status=400 if form.errors else 200)


def _objection(act: ModerationAct) -> Objection | None:
    return getattr(act, "objection", None)
