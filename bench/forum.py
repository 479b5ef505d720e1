"""G9 and G10 for the forum: statements and times at 2,000 and at 1,000,000 posts, beside a bare Django view.

BENCH_TOPICS sets the larger number of topics (each has ten posts; a quick look: 20000); BENCH_FORUM=0 leaves this
program out; BENCH_POSTGRES names the PostgreSQL server, "" leaves PostgreSQL out.
"""

import json
import os
import random
import sys
import time
from collections import Counter
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from bench.pages import child, clock, compare, print_results, shape_of, texts

SMALL, LARGE = 200, int(os.environ.get("BENCH_TOPICS", "100000"))
POSTS, CATEGORIES, AUTHORS = 10, 4, 50
LONG = 10_000  # posts of one topic of the larger site
LIST_MOST, THREAD_MOST, THREAD_MEMBER_MOST, SHAPE_MOST = 6, 8, 12, 3
PAGES = ("bare", "index", "category", "category_old", "unanswered", "solved", "mine", "unread", "topic", "topic_last",
         "author", "feed", "map", "member:index", "member:category", "member:topic")  # fmt: skip
SEARCHES = {"common": "hello", "middle": "w40", "rare": "w1999", "phrase": '"hello w7"', "beginning": "w19*",
            "two": "w40 w11", "nothing": "nowhere"}  # fmt: skip
LISTS = ("index", "category", "category_old", "unanswered", "solved", "member:index", "member:category")
ROWS = """<!doctype html><title>Bare</title><ul>{% for row in rows %}
<li><a href="/{{ row.slug }}">{{ row.title }}</a> {{ row.post_count }} {{ row.last_post_at }}</li>{% endfor %}</ul>"""


def bare(request: HttpRequest) -> HttpResponse:
    """The floor: twenty topics, by one statement, in a template; no middleware, no session."""
    from forum.models import Topic

    rows = list(Topic.objects.order_by("-pk")[:20])
    return HttpResponse(engines["django"].from_string(ROWS).render({"rows": rows}))


urlpatterns = [path("bare/", bare)]


# ---- one site, in a process of its own -----------------------------------------------------------------------------
def fill(count: int) -> dict[str, Any]:
    """Topics with ten posts each, one topic that is long, and their index; answers the addresses of pages."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from accounts.testing import make_texts, make_user
    from forum.finding import schema
    from forum.models import Category, Topic
    from forum.testing import make_writer

    make_texts()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            schema.drop_triggers(connection)
            cursor.execute("PRAGMA synchronous=OFF")
        else:
            cursor.execute(f"DROP INDEX {schema.POSTS}, {schema.TITLES}")
    now, source, said = timezone.now(), random.Random(3), texts()
    reader = make_writer(make_user(), name="Reader", is_new=True)
    authors = User.objects.bulk_create(
        User(email=f"a{n}@bench.example", name="A", display_name=f"Author {n}", handle=f"handle{n:04}", password="!")
        for n in range(AUTHORS)
    )
    places = [Category.objects.create(slug=f"c{n}", name=f"Category {n}", order=n) for n in range(CATEGORIES)]
    ended, topics = [next(said) for _ in range(2000)], []
    for start in range(0, count, 5000):
        size = min(5000, count - start)
        topics += Topic.objects.bulk_create(
            Topic(
                slug=f"t{start + n}", category=places[(start + n) % CATEGORIES], title=source.choice(ended)[:110],
                author=reader if (start + n) % (count // 30) == 3 else source.choice(authors), post_count=source.choice([1, POSTS, POSTS]),
                last_number=POSTS, is_solved=source.random() < 0.4, created_at=(at := now - timedelta(minutes=count - start - n)),
                last_post_at=at,
            ) for n in range(size)
        )  # fmt: skip
        pour(topics[-size:], POSTS, authors, said)
    long = topics[len(topics) // 2]
    most = LONG if count > SMALL else 60
    pour([long], most, authors, said, first=POSTS + 1)
    Topic.objects.filter(pk=long.pk).update(last_number=most, post_count=most)
    for place in places:
        Category.objects.filter(pk=place.pk).update(topic_count=count // CATEGORIES)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            schema.make_triggers(connection)
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        else:
            for table, _column, index in schema.COLUMNS:
                cursor.execute(f"CREATE INDEX {index} ON {table} USING gin (search)")
            cursor.execute("VACUUM ANALYZE")
    return {"user": reader.pk, "paths": paths_of(topics, long, most, authors)}


def pour(topics: list[Any], most: int, authors: list[Any], said: Any, first: int = 1) -> None:
    """The posts with the numbers `first` to `most` of these topics, by the product's own bulk insert."""
    from core.bulk import db_time, insert_rows

    columns = (("topic_id", "bigint"), ("number", "integer"), ("author_id", "bigint"), ("by_staff", "boolean"),
               ("text", "text"), ("rendered", "text"), ("renderer", "smallint"), ("words", "text"), ("state", "text"),
               ("helpful_count", "integer"), ("created_at", "timestamptz"))  # fmt: skip
    rows = []
    for topic in topics:
        at = db_time(topic.created_at)
        for number in range(first, most + 1):
            text, author = next(said), authors[(topic.pk + number) % AUTHORS].pk
            words = f"{topic.title}\n{text}" if number == 1 else text
            rows.append((topic.pk, number, author, False, text, f"<p>{text}</p>\n", 1, words, "published", 0, at))
            if len(rows) > 20_000:
                insert_rows("forum_post", columns, rows)
                rows = []
    if rows:
        insert_rows("forum_post", columns, rows)


def paths_of(topics: list[Any], long: Any, most: int, authors: list[Any]) -> dict[str, str]:
    """The addresses of the pages by the names of PAGES."""
    from forum.links import topic_path
    from forum.queries import Place, page_of

    middle, common = topics[len(topics) // 2 + 1], topics[-1]
    slug = f"/forum/c/{middle.category.slug}/"
    pages = {
        "bare": "/bare/", "index": "/forum/", "category": slug,
        "category_old": f"{slug}?after={Place(False, middle.last_post_at, middle.pk)}",
        "unanswered": f"{slug}?show=unanswered", "solved": f"{slug}?show=solved",
        "mine": "/forum/all/?show=mine", "unread": "/forum/all/?show=unread", "topic": topic_path(common),
        "topic_last": topic_path(long, page_of(most)), "author": f"/forum/members/{authors[5].handle}/",
        "feed": "/forum/feed.atom", "map": "/forum/sitemap-1.xml",
    }  # fmt: skip
    return pages | {f"member:{name}": pages[name] for name in ("index", "category", "topic")}


class Site:
    """The child's side: a filled site, a member's browser, a stranger's, and one without middleware."""

    def __init__(self, count: int) -> None:
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        from accounts.models import User

        settings.ALLOWED_HOSTS = ["*"]
        call_command("migrate", verbosity=0, skip_checks=True)
        self.made = fill(count)
        self.stranger, self.member, self.plain = (Client(HTTP_HOST="127.0.0.1") for _ in range(3))
        user = User.objects.get(pk=self.made["user"])
        self.member.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])

    def page(self, name: str) -> dict[str, Any]:
        """One visit: milliseconds of the page and of its SQL, and its statements by shape."""
        from django.core.cache import cache
        from django.db import connection
        from django.test import override_settings

        from policies.queries import list_announced_shortly

        seen: list[tuple[str, float]] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            began = clock()
            try:
                return execute(sql, params, many, context)
            finally:
                seen.append((shape_of(sql), clock() - began))

        own = name.startswith("member:") or name in ("mine", "unread")
        browser = self.plain if name == "bare" else self.member if own else self.stranger
        changed = {"ROOT_URLCONF": "bench.forum", "MIDDLEWARE": []} if name == "bare" else {}
        cache.clear()
        list_announced_shortly()  # one statement a minute for the whole site, not one of a page
        with override_settings(**changed), connection.execute_wrapper(watch):
            began = clock()
            answer = browser.get(self.made["paths"][name])
            took = clock() - began
        assert answer.status_code == 200, (name, answer.status_code)
        shapes = Counter(sql for sql, _took in seen if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")))
        return {"ms": took * 1000, "sql_ms": sum(one for _sql, one in seen) * 1000, "statements": shapes.total(),
                "most_alike": max(shapes.values()), "bytes": len(answer.content)}  # fmt: skip

    def search(self, name: str) -> dict[str, Any]:
        """One search: its milliseconds, and how many it found."""
        from forum.queries import search_posts, suggest_topics

        began = clock()
        found = suggest_topics("w40 w11 w300 hello") if name == "suggest" else search_posts(SEARCHES[name]).posts
        return {"ms": (clock() - began) * 1000, "found": len(found)}


def serve(count: int) -> None:
    """The child: a line asks, a line answers."""
    began = time.monotonic()
    site = Site(count)
    print(json.dumps({"filled_s": round(time.monotonic() - began)}), flush=True)
    for line in sys.stdin:
        kind, name = line.split()
        print(json.dumps(getattr(site, kind)(name)), flush=True)


# ---- the parent ----------------------------------------------------------------------------------------------------
def measure(on_postgres: bool) -> list[dict[str, Any]]:
    where = "PostgreSQL" if on_postgres else "SQLite"
    with child(SMALL, on_postgres, "bench.forum") as small:
        small.wait()
        with child(LARGE, on_postgres, "bench.forum") as large:
            filled = large.wait()["filled_s"]
            pages = {page: compare(small, large, f"page {page}") for page in PAGES}
            searches = {one: compare(small, large, f"search {one}") for one in (*SEARCHES, "suggest")}
    numbers = {page: big["statements"] for page, (_little, big, _ratio) in pages.items()}
    different = [page for page, (little, big, _ratio) in pages.items() if little["statements"] != big["statements"]]
    alike = max(big["most_alike"] for _little, big, _ratio in pages.values())
    within = all(numbers[page] <= LIST_MOST for page in LISTS)
    within = within and numbers["topic"] <= THREAD_MOST and numbers["member:topic"] <= THREAD_MEMBER_MOST
    slow = {page: round(big["ms"] / little["ms"], 2) for page, (little, big, ratio) in pages.items()
            if page != "map" and min(ratio * little["ms"], big["ms"]) > 1.2 * little["ms"] + 1}  # fmt: skip
    most, ceiling = (5.0, 1000.0) if on_postgres else (40.0, 20.0)
    late = {one: round(big["ms"], 2) for one, (little, big, ratio) in searches.items()
            if (min(ratio, big["ms"] / little["ms"]) > most and big["ms"] > 5) or big["ms"] >= ceiling}  # fmt: skip
    floor = pages["bare"][1]["ms"]
    size = f"{LARGE:,} topics, {LARGE * POSTS:,} posts"
    return [
        {
            "goal": "G9", "limit": f"{where}, forum: as many statements at {size} as at {SMALL * POSTS:,} posts, lists <= "
            f"{LIST_MOST}, thread <= {THREAD_MOST} / {THREAD_MEMBER_MOST}, no shape more than {SHAPE_MOST} times",
            "statements": numbers, "different": different, "most_alike": alike,
            "holds": within and not different and alike <= SHAPE_MOST,
        },
        {
            "goal": "G10", "limit": f"{where}, forum: pages at {size} / {SMALL * POSTS:,} posts <= 1.2 (+1 ms)",
            "filled_s": filled, "ms": {page: [round(little["ms"], 1), round(big["ms"], 1)] for page, (little, big, _r) in pages.items()},
            "sql_ms": {page: [round(little["sql_ms"], 1), round(big["sql_ms"], 1)] for page, (little, big, _r) in pages.items()},
            "times_a_bare_view": {page: round(big["ms"] / floor, 1) for page, (_little, big, _r) in pages.items()},
            "slow": slow, "holds": not slow,
        },
        {
            "goal": "G10", "limit": f"{where}, forum: search <= {most:g}x or <= 5 ms" + ("" if on_postgres else ", and < 20 ms"),
            "ms": {one: [round(little["ms"], 2), round(big["ms"], 2)] for one, (little, big, _r) in searches.items()},
            "found": {one: big["found"] for one, (_little, big, _r) in searches.items()},
            "slow": late, "holds": not late,
        },
    ]  # fmt: skip


if __name__ == "__main__":
    serve(int(sys.argv[1])) if len(sys.argv) > 1 else print_results(measure, "BENCH_FORUM")
