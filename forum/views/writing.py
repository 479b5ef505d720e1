"""Doors of who writes: a new topic, an answer, a change, a removal, drafts."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.doors import PersonRequest, signed_in_page
from accounts.queries import member_gaps
from core import text as writing
from core.errors import Refused
from core.limits import limited, person_or_address
from forum import actions, queries
from forum.forms import DraftForm, EditForm, ReplyForm, TopicForm, WarnedForm
from forum.links import post_path, topic_path
from forum.models import Post, State
from forum.views.base import EDIT, ask_for_work, is_agent, may_write, read_sent, to_member_page
from forum.views.menus import notices_for
from forum.views.reading import show_topic

HELD = "held"


def preview_of(text: str) -> str:
    """The text as it will look; empty where it is too long to be posted."""
    return str(writing.render(text)) if len(text) <= Post.LONGEST else ""


def warn(request: PersonRequest, form: WarnedForm) -> None:
    """Stores that the note under the composer was read, when its box was ticked."""
    if form.cleaned_data.get("warned"):
        actions.acknowledge_warning(user=request.user, version=form.version)


def tell(request: HttpRequest, post: Post) -> None:
    """Says what became of what was posted."""
    if post.state == State.PUBLISHED:
        messages.success(request, _("Posted. Everybody can read it now."))
    else:
        messages.info(request, _("Thank you. A moderator looks at it first, then everybody can read it."))


@require_http_methods(EDIT)
@signed_in_page
@limited("forum.topics", by=person_or_address, methods=("POST",))
def new_topic(request: PersonRequest, slug: str = "") -> HttpResponse:
    user, here = request.user, request.get_full_path()
    if member_gaps(user):
        return to_member_page(request, here)
    context = {**may_write(user), **({} if is_agent(request) else {**notices_for(user), **ask_for_work(user, "topic")})}
    draft = _draft_of(request)
    context["draft_key"] = str(draft.public_id) if draft else request.POST.get("draft") or str(uuid4())
    if request.method != "POST":
        first = {"category": slug, "title": draft.title, "text": draft.text} if draft else {"category": slug}
        if draft and draft.category:
            first["category"] = draft.category.slug
        form = TopicForm(initial=first, warned=context["is_warned"])
        return render(request, "forum/new_topic.html", {**context, "form": form, "draft": draft, "slug": slug})
    form = TopicForm(request.POST, warned=context["is_warned"])
    page = {**context, "form": form, "draft": draft, "slug": slug}
    if "preview" in request.POST:
        form.errors.clear()
        page["preview"] = preview_of(request.POST.get("text", ""))
        return render(request, "forum/new_topic.html", page)
    if not form.is_valid():
        return render(request, "forum/new_topic.html", page, status=400)
    clean = form.cleaned_data
    try:
        warn(request, form)
        topic = actions.start_topic(
            author=user, category=clean["category"], title=clean["title"], text=clean["text"],
            by_mail=clean["by_mail"], by_staff=is_agent(request), sent=read_sent(request, "topic"),
        )  # fmt: skip
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return render(request, "forum/new_topic.html", page, status=refused.status)
    if draft is not None:
        actions.forget_draft(draft=draft)
    opening = queries.find_opening(topic)
    assert opening is not None
    tell(request, opening)
    return redirect(topic_path(topic))


def _draft_of(request: PersonRequest) -> Any:
    """The draft that goes on: named in the address, or in the form."""
    text = request.POST.get("draft") or request.GET.get("draft")
    if not text:
        return None
    try:
        return queries.find_draft_for(request.user, UUID(text))
    except (Refused, ValueError):
        return None  # posted or removed meanwhile; what was typed is in the form


@require_POST
@signed_in_page
@limited("forum.posts", by=person_or_address)
def reply(request: PersonRequest, public_id: UUID) -> HttpResponse:
    user, agent = request.user, is_agent(request)
    topic = queries.find_topic_for(user, public_id, sees_all=agent)
    if member_gaps(user):
        actions.save_draft(user=user, text=request.POST.get("text", "")[: Post.LONGEST], topic=topic)
        return to_member_page(request, topic_path(topic))
    warned = may_write(user, getattr(topic, "warned", None) or 0)["is_warned"]
    form, last = ReplyForm(request.POST, warned=warned), queries.count_pages(topic)
    typed = {name: request.POST.get(name, "") for name in ("text", "reply_to")}
    if "preview" in request.POST:
        form.errors.clear()
        return show_topic(request, topic, last, typed=typed, form=form, preview=preview_of(typed["text"]))
    if not form.is_valid():
        return show_topic(request, topic, last, typed=typed, form=form, status=400)
    try:
        warn(request, form)
        answered = _answered(request, public_id, typed["reply_to"])
        mail = form.cleaned_data["by_mail"]
        keep = not mail and getattr(topic, "watched", None) is None and "watch_shown" not in request.POST
        post = actions.add_post(
            author=user, topic=topic, text=form.cleaned_data["text"], reply_to=answered,
            by_mail=None if keep else mail, by_staff=agent, sent=read_sent(request, f"reply:{topic.pk}"),
        )  # fmt: skip
    except Refused as refused:
        form.add_error(None, str(refused.message))
        return show_topic(request, topic, last, typed=typed, form=form, status=refused.status)
    tell(request, post)
    post.topic = topic
    return redirect(post_path(post))


def _answered(request: PersonRequest, public_id: UUID, number: str) -> Post | None:
    """The post that is quoted; None where the form names none that can be read."""
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        return None
    try:
        return queries.find_post_for(request.user, public_id, int(number), sees_all=is_agent(request))
    except Refused:
        return None


@require_http_methods(EDIT)
@signed_in_page
@limited("forum.posts", by=person_or_address, methods=("POST",))
def edit(request: PersonRequest, public_id: UUID, number: int) -> HttpResponse:
    agent = is_agent(request)
    post = queries.find_own_post(request.user, public_id, number)
    is_opening = post.number == 1
    first = {"title": post.topic.title, "text": post.text}
    form = EditForm(request.POST if request.method == "POST" else None, initial=first, is_opening=is_opening)
    context: dict[str, Any] = {"post": post, "form": form, "url": post_path(post)}
    if request.method == "POST" and "preview" in request.POST:
        form.errors.clear()
        context["preview"] = preview_of(request.POST.get("text", ""))
    elif request.method == "POST" and form.is_valid():
        clean = form.cleaned_data
        try:
            post = actions.edit_post(
                post=post, editor=request.user, text=clean["text"], title=clean.get("title"), by_staff=agent
            )
        except Refused as refused:
            form.add_error(None, str(refused.message))
            return render(request, "forum/edit.html", context, status=refused.status)
        tell(request, post)
        return redirect(reverse("forum:post", args=[public_id, number]))
    status = 400 if form.is_bound and form.errors else 200
    return render(request, "forum/edit.html", context, status=status)


@require_http_methods(EDIT)
@signed_in_page
def delete(request: PersonRequest, public_id: UUID, number: int) -> HttpResponse:
    post = queries.find_own_post(request.user, public_id, number)
    if request.method != "POST":
        return render(request, "forum/delete.html", {"post": post, "url": post_path(post)})
    try:
        actions.delete_own_post(post=post, author=request.user)
    except Refused as refused:
        context = {"post": post, "url": post_path(post), "error": refused.message}
        return render(request, "forum/delete.html", context, status=refused.status)
    messages.success(request, _("Removed, with its earlier texts."))
    if number == 1:
        return redirect("forum:category", slug=post.topic.category.slug)
    return redirect(topic_path(post.topic, queries.page_of(number)))


# ---- drafts ---------------------------------------------------------------------------------------------------------
@require_POST
@signed_in_page
@limited("forum.drafts", by=person_or_address)
def save_draft(request: PersonRequest) -> HttpResponse:
    """Keeps what was typed so far: asked by a module while somebody types, and by a button without scripts."""
    form = DraftForm(request.POST)
    if not form.is_valid():
        raise Refused("invalid", _("This draft cannot be kept."))
    clean = form.cleaned_data
    topic = queries.find_topic_for(request.user, clean["topic"], sees_all=is_agent(request)) if clean["topic"] else None
    category = queries.find_category(clean["category"]) if clean["category"] else None
    draft = actions.save_draft(
        user=request.user, text=clean["text"], title=clean["title"], topic=topic, category=category,
        public_id=clean["draft"],
    )  # fmt: skip
    if "keep" in request.POST:
        return redirect("forum:drafts")
    return JsonResponse({"draft": str(draft.public_id) if draft else None})


@require_safe
@signed_in_page
def drafts(request: PersonRequest) -> HttpResponse:
    return render(request, "forum/drafts.html", {"drafts": queries.list_drafts(request.user)})


@require_POST
@signed_in_page
def forget_draft(request: PersonRequest, public_id: UUID) -> HttpResponse:
    actions.forget_draft(draft=queries.find_draft_for(request.user, public_id))
    messages.success(request, _("The draft is removed."))
    return redirect("forum:drafts")
