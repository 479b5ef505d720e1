"""Doors of who reads: the whole forum, a category, a topic, a post's history, a member."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.links import absolute
from accounts.models import User
from accounts.queries import find_member, public_person
from core.errors import Refused, not_found
from core.limits import count_use, person_or_address
from forum import actions, queries, threads
from forum.actions.reading import rest_mails
from forum.forms import ReplyForm
from forum.links import post_path, topic_path
from forum.models import Category, State, Topic
from forum.queries.moderation import find_merged, find_moved
from forum.rendering import body_of, excerpt
from forum.views.base import ask_for_work, is_agent, may_write, number_in, reader_of
from forum.views.menus import menus_of, notices_for

FILTERS = queries.SHOWS


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The categories with the newest topics, or what was searched for."""
    user = reader_of(request)
    if request.GET.get("q", "").strip():
        return _search(request, user)
    categories = queries.list_categories(user)
    page = queries.list_topics(user=user)
    context = {
        "categories": categories,
        "has_news": any(getattr(one, "has_news", False) for one in categories),
        "rows": _topic_rows(page.topics[:8], {one.pk: one for one in categories}),
        "canonical": absolute(reverse("forum:index")),
    }
    return render(request, "forum/index.html", context)


def _search(request: HttpRequest, user: User | None) -> HttpResponse:
    count_use("forum.search", person_or_address(request))
    text = request.GET["q"][:200]
    categories = queries.list_categories(user)
    category = next((one for one in categories if one.slug == request.GET.get("in")), None)
    found = queries.search_posts(text, below=number_in(request, "below", 0) or None, category=category)
    people = threads.people_of(found.posts)
    rows = [
        {
            "post": post,
            "person": people[post.author_id],
            "url": post_path(post),
            "title": found.query.mark(post.topic.title),
            "words": found.query.cut(" ".join(body_of(post).split())),
        }
        for post in found.posts
    ]
    more = {"q": text, "below": found.next_below, **({"in": category.slug} if category else {})}
    context = {
        "q": text,
        "rows": rows,
        "category": category,
        "categories": categories,
        "next_url": f"{reverse('forum:index')}?{urlencode(more)}" if found.next_below else "",
    }
    return render(request, "forum/search.html", context)


def _topic_rows(topics: list[Topic], categories: dict[int, Category] | None = None) -> list[dict[str, Any]]:
    """Topics with their authors, addresses, and whether there is something new for the reader."""
    people = threads.people_of(topics)
    rows = []
    for topic in topics:
        read = getattr(topic, "read_number", None)
        rows.append(
            {
                "topic": topic,
                "person": people[topic.author_id],
                "url": topic_path(topic),
                "is_new": read is not None and read < topic.last_number,
                "category": (categories or {}).get(topic.category_id),
            }
        )
    return rows


@require_safe
def everything(request: HttpRequest) -> HttpResponse:
    """Topics of all categories."""
    return _list(request, None, ("latest", "mine", "unread"))


@require_safe
def category(request: HttpRequest, slug: str) -> HttpResponse:
    """Topics of one category."""
    return _list(request, slug, FILTERS)


def _list(request: HttpRequest, slug: str | None, shows: tuple[str, ...]) -> HttpResponse:
    user = reader_of(request)
    show = request.GET.get("show", "latest")
    after = queries.read_place(request.GET["after"]) if "after" in request.GET else None
    if show not in shows or ("after" in request.GET and after is None):
        raise not_found()
    categories = queries.list_categories(user)
    found = next((one for one in categories if one.slug == slug), None)
    if slug is not None and found is None:
        raise not_found()
    page = queries.list_topics(category=found, show=show, user=user, after=after)
    if user is not None and found is not None and getattr(found, "watch_mailed", None):
        watch = queries.find_watch(user, category=found)
        if watch is not None:
            rest_mails(watch=watch)
    path = reverse("forum:category", args=[slug]) if slug else reverse("forum:everything")
    context = {
        "category": found,
        "categories": categories,
        "show": show,
        "shows": [one for one in shows if user is not None or one not in ("mine", "unread")],
        "rows": _topic_rows(page.topics, None if found else {one.pk: one for one in categories}),
        "path": path,
        "is_later": after is not None,
        "next_url": f"{path}?{urlencode({'show': show, 'after': page.next_place})}" if page.next_place else "",
        "canonical": absolute(path) if show == "latest" and after is None else "",
    }
    return render(request, "forum/category.html", context)


@require_safe
def topic(request: HttpRequest, public_id: UUID, slug: str = "") -> HttpResponse:
    """One page of a topic."""
    user, agent = reader_of(request), is_agent(request)
    try:
        found = queries.find_topic_for(user, public_id, sees_all=agent)
    except Refused:
        into = find_merged(public_id)
        if into is None:
            raise
        return redirect(topic_path(into))
    if found.state == State.DELETED and (into := find_merged(public_id)) is not None:
        return redirect(topic_path(into))  # moderators see deleted topics, and this one is empty
    page = number_in(request, "page")
    if slug != found.slug:
        return HttpResponseRedirect(topic_path(found, page), status=301)
    if not 1 <= page <= queries.count_pages(found):
        raise not_found()
    typed = {"text": getattr(found, "draft_text", None) or ""}
    if user is not None and "quote" in request.GET:
        post = queries.find_post_for(user, public_id, number_in(request, "quote"), sees_all=agent)
        typed = {"text": typed["text"] + threads.quote(post, public_person(post.author)), "reply_to": str(post.number)}
    response = show_topic(request, found, page, typed=typed)
    if user is not None:
        _mark(user, found, page)
    return response


def _mark(user: User, topic: Topic, page: int) -> None:
    """Remembers what was read; a mail may go out again for what comes next."""
    known: int | None = getattr(topic, "read_number", None)
    last = min(page * queries.POSTS_A_PAGE, topic.last_number)
    actions.mark_read(user=user, topic=topic, number=last, known=known)
    if getattr(topic, "watch_mailed", 0):
        watch = queries.find_watch(user, topic=topic)
        if watch is not None:
            rest_mails(watch=watch)


def show_topic(
    request: HttpRequest, topic: Topic, page: int, *, typed: dict[str, str] | None = None, form: Any = None,
    preview: str = "", status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The page of a topic, with what was typed so far in the composer."""
    user, agent = reader_of(request), is_agent(request)
    lines, stale = threads.read_lines(topic, page, user, sees_all=agent)
    if stale:
        actions.store_rendered(posts=stale)
    writing = may_write(user, getattr(topic, "warned", None) or 0) if user is not None else may_write(None)
    pages = queries.count_pages(topic)
    data = threads.describe(topic, lines, page)
    context = {
        "topic": topic,
        "lines": lines,
        "data": data,
        "description": threads.description_of(lines),
        "page": page,
        "pages": pages,
        "previous_url": topic_path(topic, page - 1) if page > 1 else "",
        "next_url": topic_path(topic, page + 1) if page < pages else "",
        "last_url": f"{topic_path(topic, pages)}#p{topic.last_number}",
        "canonical": absolute(topic_path(topic, page)),
        "share_url": absolute(topic_path(topic)),
        "similar": threads.list_similar(topic),
        "is_agent": agent,
        "is_closed": topic.is_locked or topic.category.is_archived,
        "is_watched": getattr(topic, "watched", None) is not None,
        "watched_by_mail": bool(getattr(topic, "watched", None)),
        "me": public_person(user) if user is not None else None,
        "typed": typed or {},
        "form": form or ReplyForm(),
        "preview": preview,
        **writing,
    }
    if agent:
        context |= menus_of(topic)
    elif user is not None:
        context |= {**notices_for(user), **ask_for_work(user, f"reply:{topic.pk}")}
    return render(request, "forum/topic.html", context, status=status)


@require_safe
def post(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """The stable address of a post: leads to the page on which it stands."""
    moved = find_moved(public_id, number)
    if moved is not None:
        public_id, number = moved.topic.public_id, moved.number
    found = queries.find_post_for(reader_of(request), public_id, number, sees_all=is_agent(request))
    return redirect(post_path(found))


@require_safe
def go(request: HttpRequest, public_id: UUID, where: str) -> HttpResponse:
    """To the last post, or to the first one that the reader has not read."""
    found = queries.find_topic_for(reader_of(request), public_id, sees_all=is_agent(request))
    number = found.last_number
    if where == "unread":
        number = min(number, (getattr(found, "read_number", None) or 0) + 1)
    return redirect(f"{topic_path(found, queries.page_of(number))}#p{number}")


@require_safe
def history(request: HttpRequest, public_id: UUID, number: int) -> HttpResponse:
    """The earlier texts of a post."""
    found = queries.find_post_for(reader_of(request), public_id, number, sees_all=is_agent(request))
    context = {"post": found, "url": post_path(found), "versions": queries.list_versions(found)}
    return render(request, "forum/history.html", {**context, "person": public_person(found.author)})


@require_safe
def member(request: HttpRequest, handle: str) -> HttpResponse:
    """What a member wrote in public (S84: the chosen name, and nothing else of them)."""
    found = find_member(handle)
    if found is None:
        raise not_found()
    posts = queries.list_posts_of(found.pk, below=number_in(request, "below", 0) or None)
    page, more = posts[: queries.POSTS_A_PAGE], len(posts) > queries.POSTS_A_PAGE
    path = reverse("forum:member", args=[handle])
    context = {
        "person": public_person(found),
        "rows": [
            {
                "post": one,
                "url": post_path(one),
                "words": excerpt(body_of(one), 240),
            }
            for one in page
        ],
        "next_url": f"{path}?below={page[-1].pk}" if more else "",
        "is_me": request.user.is_authenticated and request.user.pk == found.pk,
    }
    return render(request, "forum/member.html", context)
