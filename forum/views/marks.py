"""Doors of small marks: helpful, accepted, watched, named; and the link that ends mails."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.doors import PersonRequest, signed_in_page
from accounts.queries import public_person
from core.errors import not_found
from core.limits import limited, person_or_address
from forum import actions, queries, threads
from forum.actions.reading import stop_mails
from forum.links import post_path, read_stop_token, topic_path
from forum.models import Category, Topic
from forum.views.base import EDIT, is_agent
from forum.views.reading import _topic_rows

marks = limited("forum.marks", by=person_or_address)


@require_POST
@signed_in_page
@marks
def helpful(request: PersonRequest, public_id: UUID, number: int) -> HttpResponse:
    post = queries.find_post_for(request.user, public_id, number)
    actions.react(post=post, user=request.user, is_on=request.POST.get("on") == "yes")
    return redirect(post_path(post))


@signed_in_page
@require_POST
@marks
def accept(request: PersonRequest, public_id: UUID, number: int) -> HttpResponse:
    agent = is_agent(request)
    post = queries.find_post_for(request.user, public_id, number, sees_all=agent)
    wanted = post if request.POST.get("on") == "yes" else None
    actions.accept_answer(topic=post.topic, post=wanted, by=request.user, by_staff=agent)
    messages.success(request, _("Marked as the answer.") if wanted else _("The question is open again."))
    return redirect(post_path(post))


@require_POST
@signed_in_page
@marks
def watch_topic(request: PersonRequest, public_id: UUID) -> HttpResponse:
    topic = queries.find_topic_for(request.user, public_id, sees_all=is_agent(request))
    _watch(request, topic=topic)
    return redirect(topic_path(topic))


@require_POST
@signed_in_page
@marks
def watch_category(request: PersonRequest, slug: str) -> HttpResponse:
    category = queries.find_category(slug)
    _watch(request, category=category)
    return redirect("forum:category", slug=category.slug)


def _watch(request: PersonRequest, *, topic: Topic | None = None, category: Category | None = None) -> None:
    how = request.POST.get("how", "")
    if how not in ("mail", "site", "off"):
        raise not_found()
    if how != "off":
        actions.watch(user=request.user, topic=topic, category=category, by_mail=how == "mail")
        told = _("You get a mail when something new is here.") if how == "mail" else _("You watch it on the site.")
        messages.success(request, told)
        return
    watch = queries.find_watch(request.user, topic=topic, category=category)
    if watch is not None:
        actions.end_watch(watch=watch)
    messages.success(request, _("You watch it no more."))


@require_safe
@signed_in_page
def mine(request: PersonRequest) -> HttpResponse:
    """What a member watches, and where others named them."""
    mentions = queries.list_mentions(request.user)
    people = threads.people_of([mention.post for mention in mentions])
    member = queries.find_forum_member(request.user.pk)
    context = {
        "rows": _topic_rows(queries.list_watched(request.user)),
        "mentions": [
            {"mention": one, "person": people[one.post.author_id], "url": post_path(one.post)} for one in mentions
        ],
        "removes_posts": member is not None and member.removes_posts,
        "warned_at": member.warned_at if member is not None else None,
        "person": public_person(request.user),
    }
    response = render(request, "forum/mine.html", context)
    if any(one.seen_at is None for one in mentions):
        actions.see_mentions(user=request.user)
    return response


@require_POST
@signed_in_page
def choose(request: PersonRequest) -> HttpResponse:
    """What becomes of one's posts when one leaves."""
    removes = request.POST.get("removes_posts") == "yes"
    actions.choose_when_gone(user=request.user, removes_posts=removes)
    kept = _("Saved. When you leave, your posts stay, signed “Deleted member”.")
    messages.success(request, _("Saved. When you leave, your posts go with you.") if removes else kept)
    return redirect("forum:mine")


@csrf_exempt  # mail programs post here without a cookie (RFC 8058); the signed token is the right to do it
@require_http_methods(EDIT)
@limited("forum.stop")
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ends the mails of one watch, without a login; a GET only shows the button."""
    ident = read_stop_token(token)
    if ident is None:
        raise not_found()
    watch = queries.find_watch_by_id(ident)
    if request.method == "POST" and watch is not None:
        stop_mails(watch=watch)
    place = (watch.topic.title if watch.topic else watch.category.name if watch.category else "") if watch else ""
    return render(request, "forum/stop.html", {"place": place, "is_done": request.method == "POST" or watch is None})
