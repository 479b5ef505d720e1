"""Promises that the forum keeps: only chosen names in public, and nobody writes before they were warned."""

import re
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Exists, OuterRef, Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import escape
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.queries import public_people
from core.looking import look_at
from core.promises import Evidence, probe
from forum import decided, threads  # noqa: F401  decided registers its probe
from forum.links import topic_path
from forum.models import ForumMember, Post, State, Topic

NEWEST = 5000
PEOPLE = 300  # authors whose public face is looked at
PAGES = 3
TOPICS = 200  # whose posts are counted again


@probe(
    "forum_names_only",
    rows=("S84",),
    how=gettext_lazy(
        "Reads what the forum shows of its newest authors, and its newest pages, and looks in them for an e-mail "
        "address, a surname that was not chosen, and keys of people."
    ),
)
def forum_names_only() -> Evidence:
    rows = Post.objects.filter(state=State.PUBLISHED, topic__state=State.PUBLISHED, author__isnull=False)
    newest = list(rows.order_by("-pk").values_list("author_id", "topic_id")[:PEOPLE])
    authors = User.objects.in_bulk({author for author, _topic in newest})
    faces = public_people(authors)
    shown = [(user, " ".join(map(str, vars(faces[user.pk]).values()))) for user in authors.values()]
    pages = list(dict.fromkeys(topic for _author, topic in newest))[:PAGES]
    for key in pages:
        text = _page_without_words(key)
        shown += [(user, text) for user in authors.values()]
    told = {user.pk for user, text in shown if _tells(user, text)}
    figure = _("%(told)d of %(authors)d authors told more than their name; %(pages)d pages read") % {
        "told": len(told), "authors": len(authors), "pages": len(pages),
    }  # fmt: skip
    return Evidence(not told, figure)


def _tells(user: User, text: str) -> bool:
    """Whether a text holds the e-mail, a key, or the real name of somebody who did not choose it as the public one."""
    real = user.get_full_name()
    secrets = [user.email, str(user.public_id), user.public_id.hex]
    if user.surname and real not in user.display_name:
        secrets.append(real)
    return any(secret in text for secret in secrets)


def _page_without_words(topic_key: int) -> str:
    """The page of a topic as a stranger gets it, without what people wrote themselves."""
    from django.template.loader import render_to_string

    topic = Post.objects.select_related("topic__category").filter(topic=topic_key).order_by("number")[0].topic
    lines, _stale = threads.read_lines(topic, 1, None)
    request = HttpRequest()
    request.user = AnonymousUser()
    data = threads.describe(topic, lines, 1) or {}
    for line in lines:
        line.post.rendered = ""
    context: dict[str, Any] = {"topic": topic, "lines": lines, "page": 1, "pages": 1, "is_closed": True, "similar": []}
    html = render_to_string("forum/topic.html", context, request=request)
    names = re.findall(r"'name': '((?:[^'\\]|\\.)*)'", str(data.get("mainEntity", {}).get("suggestedAnswer", "")))
    return html.replace(escape(topic.title), "") + " ".join(names)


@probe(
    "forum_warned",
    rows=("S30", "S33"),
    how=gettext_lazy("Looks at the newest 5,000 posts for an author who had not confirmed the warning before."),
)
def forum_warned() -> Evidence:
    newest = Post.objects.filter(author__isnull=False).order_by("-pk").values("pk")[:NEWEST]
    before = ForumMember.objects.filter(user=OuterRef("author"), first_warned_at__lte=OuterRef("created_at"))
    rows = Post.objects.filter(pk__in=list(newest.values_list("pk", flat=True)))
    posts, unwarned = rows.count(), rows.filter(~Exists(before)).count()
    figure = _("%(unwarned)d of the newest %(posts)d posts without it") % {"unwarned": unwarned, "posts": posts}
    return Evidence(not unwarned, figure)


@probe(
    "forum_readable",
    rows=("S32",),
    how=gettext_lazy(
        "Reads the forum and its newest topics as a stranger without a login, and counts the posts of the newest 200 "
        "topics again."
    ),
)
def forum_readable() -> Evidence:
    rows = Topic.objects.filter(state=State.PUBLISHED).order_by("-pk")
    published = Count("posts", filter=Q(posts__state=State.PUBLISHED))
    counts = list(rows.annotate(published=published).values_list("post_count", "published")[:TOPICS])
    wrong = sum(said != counted for said, counted in counts)
    newest = list(rows.select_related("category")[:PAGES])
    pages = [look_at(path) for path in (reverse("forum:index"), *map(topic_path, newest))]
    shut = sum(page.status_code != 200 or bool(page.cookies) for page in pages)
    figure = _("%(pages)d pages read, %(shut)d closed to strangers; %(topics)d topics, %(wrong)d counted wrongly") % {
        "pages": len(pages), "shut": shut, "topics": len(counts), "wrong": wrong,
    }  # fmt: skip
    return Evidence(not shut and not wrong, figure)
