"""Doors for programs that read: Atom feeds, the map of the site, and what robots may look at."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from accounts.links import absolute
from core.errors import not_found
from core.limits import limited
from forum import queries, threads
from forum.links import post_path, topic_path
from forum.models import Category, Topic

ATOM = "application/atom+xml; charset=utf-8"
XML = "application/xml; charset=utf-8"
for_a_while = cache_control(public=True, max_age=300)


def _feed(
    request: HttpRequest, *, title: str, path: str, category: Category | None = None, topic: Topic | None = None
) -> HttpResponse:
    posts = queries.list_feed(category=category, topic=topic)
    people = threads.people_of(posts)
    context = {
        "title": title,
        "page_url": absolute(path),
        "feed_url": absolute(request.path),
        "updated": max((post.edited_at or post.created_at for post in posts), default=None),
        "entries": [
            {
                "post": post,
                "name": people[post.author_id].name,
                "url": absolute(post_path(post)),
            }
            for post in posts
        ],
    }
    return render(request, "forum/feed.xml", context, content_type=ATOM)


@require_safe
@limited("forum.feeds")
@for_a_while
def site_feed(request: HttpRequest) -> HttpResponse:
    return _feed(request, title="", path=reverse("forum:index"))


@require_safe
@limited("forum.feeds")
@for_a_while
def category_feed(request: HttpRequest, slug: str) -> HttpResponse:
    category = queries.find_category(slug)
    path = reverse("forum:category", args=[slug])
    return _feed(request, title=category.name, path=path, category=category)


@require_safe
@limited("forum.feeds")
@for_a_while
def topic_feed(request: HttpRequest, public_id: UUID) -> HttpResponse:
    topic = queries.find_topic_for(None, public_id)
    return _feed(request, title=topic.title, path=topic_path(topic), topic=topic)


@require_safe
@limited("forum.feeds")
@for_a_while
def site_map(request: HttpRequest) -> HttpResponse:
    """The list of the pages of the map."""
    pages = range(1, queries.count_map_pages() + 1)
    urls = [absolute(reverse("forum:map_page", args=[page])) for page in pages]
    return render(request, "forum/map_index.xml", {"urls": urls}, content_type=XML)


@require_safe
@limited("forum.feeds")
@for_a_while
def map_page(request: HttpRequest, page: int) -> HttpResponse:
    """The topics of one page of the map."""
    if not 1 <= page <= queries.count_map_pages():
        raise not_found()
    base = absolute("")
    rows = [
        {"url": f"{base}/forum/t/{ident}/{slug}/", "at": at.date().isoformat()}
        for ident, slug, at in queries.list_for_map(page)
    ]
    return render(request, "forum/map_page.xml", {"rows": rows}, content_type=XML)


@require_safe
@for_a_while
def robots(request: HttpRequest) -> HttpResponse:
    """What search engines may look at, and where the map is."""
    lines = [
        "User-agent: *",
        "Disallow: /app/",
        "Disallow: /account/",
        "Disallow: /admin/",
        "Disallow: /api/",
        "Disallow: /forum/drafts/",
        "Disallow: /forum/mine/",
        "Disallow: /*?q=",
        f"Sitemap: {absolute(reverse('forum:map'))}",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
