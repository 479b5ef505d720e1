"""G9 and G10: statements and times of the pages at 1,000 and at 1,000,000 messages, on SQLite and on PostgreSQL.

BENCH_MESSAGES sets the larger number (a quick look: 50000); BENCH_PAGES=0 leaves this program out; BENCH_POSTGRES
names the PostgreSQL server, "" leaves PostgreSQL out.
"""

import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bench.harness import ROOT, postgres

SMALL, LARGE = 1_000, int(os.environ.get("BENCH_MESSAGES", "1000000"))
PER_CHAT = 17
LIVE = 30
ROUNDS = 9
INBOX_MOST, SHAPE_MOST = 10, 3
PAGES = ("inbox", "conversation", "archive", "archive_old", "archive_operator", "archive_rated", "archive_days",
         "transcript", "visitors", "team")  # fmt: skip
SEARCHES = {"common": "hello", "middle": "w40", "rare": "w1999", "phrase": '"hello w7"', "beginning": "w19*", "two": "w40 w11",
            "nothing": "nowhere", "neighbour": "stranger", "name": "kim"}  # fmt: skip


def clock() -> float:
    """Seconds of this process's processor where the database lies in it (SQLite), else of the wall."""
    return time.perf_counter() if os.environ.get("DATABASE_URL") else time.process_time()


# ---- one site, in a process of its own: it fills its database, then answers what it is asked ----------------------
def texts() -> Iterator[str]:
    """Lines whose words are as unevenly common as words are."""
    source = random.Random(7)
    words = [f"w{number}" for number in range(2000)]
    while True:
        line = " ".join(words[int(2000 ** source.random()) - 1] for _ in range(12))
        yield f"hello {line}" if source.random() < 0.2 else line


def fill(messages: int) -> dict[str, Any]:
    """One account with nearly all of it and a neighbour; answers addresses and the owner's key."""
    from django.db import connection, transaction
    from django.utils import timezone

    from accounts.models import Membership
    from accounts.scoping import account_scope
    from accounts.testing import make_account, make_member
    from chat.actions.chats import close_chat
    from chat.archive.search import schema
    from chat.models import Chat, ChatTag, Tag, Visitor
    from chat.testing import make_chat, make_operator, make_widget, say
    from operators.models import Operator

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous=OFF")
        else:
            cursor.execute("DROP INDEX chat_search, chat_search_name")
    account, neighbour = make_account(), make_account()
    owner = Membership.objects.select_related("user", "account").get(account=account)
    for number in range(9):
        make_member(account, name=f"Operator {number}")
    with account_scope(neighbour):
        other = make_operator(Membership.objects.get(account=neighbour))
    for _ in range(20):
        strange = make_chat(neighbour, text="stranger", operator=other)
        with account_scope(neighbour):
            close_chat(chat_pk=strange.pk, by="operator", operator=other)
    now, source = timezone.now(), random.Random(3)
    widget = make_widget(account)
    make_operator(owner)
    with account_scope(account), transaction.atomic():
        operators = list(Operator.objects.order_by("pk"))
        tag = Tag.objects.create(account=account, name="refund")
        count = messages // PER_CHAT
        visitors = Visitor.objects.bulk_create(
            (Visitor(account=account, widget=widget, number=100 + n, secret_hash=uuid.uuid4().hex * 2, seen_at=now,
                     name="Kim Test" if n % 500 == 0 else "") for n in range(count)), batch_size=2000,
        )  # fmt: skip
        chats = Chat.objects.bulk_create(
            (Chat(
                account=account, widget=widget, visitor=visitor, state="closed",
                operator=operators[3] if n % 2 else source.choice(operators),
                started_at=(began := now - timedelta(minutes=10 * (count - n))), accepted_at=began, closed_at=began,
                last_at=began, last_seq=PER_CHAT, message_count=PER_CHAT, last_text="hello",
                rating="bad" if n % 2 else source.choice(["good", *[""] * 9]),
                page_url=f"https://shop.example/{n % 50}",
            ) for n, visitor in enumerate(visitors)), batch_size=2000,
        )  # fmt: skip
        ChatTag.objects.bulk_create(
            (ChatTag(account=account, chat=chat, tag=tag) for chat in chats[::10]), batch_size=2000
        )
        pour(chats, account.pk)
    for place in range(LIVE):
        chat = make_chat(account, text="hello", operator=operators[0] if place < 4 else None)
    last = make_chat(account, text="hello", operator=operators[1])
    for _ in range(60):
        say(last, "and on", operator=operators[1])
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in schema.INDEXES:
                cursor.execute(statement)
            cursor.execute("VACUUM ANALYZE")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    middle = chats[len(chats) // 2]
    day = (now - timedelta(minutes=5 * count)).date()
    return {
        "user": owner.user_id, "account": account.pk, "paths": {
            "inbox": "/app/chats/", "conversation": f"/app/chats/{chat.public_id}/", "archive": "/app/archive/",
            "archive_old": f"/app/archive/?before={middle.public_id}",
            "archive_operator": f"/app/archive/?operator={operators[3].pk}", "archive_rated": "/app/archive/?rating=bad",
            "archive_days": f"/app/archive/?since={day - timedelta(days=2)}&until={day}",
            "transcript": f"/app/archive/{middle.public_id}/", "visitors": "/app/visitors/", "team": "/app/team/",
        },
    }  # fmt: skip


def pour(chats: list[Any], account_pk: int) -> None:
    """The lines of the chats, by the product's own bulk insert."""
    from chat.actions.messages import MESSAGE_COLUMNS
    from chat.models import Message
    from core.bulk import db_time, db_uuid, insert_rows

    said, rows = texts(), []
    for chat in chats:
        at = db_time(chat.started_at)
        for seq in range(1, PER_CHAT + 1):
            by = None if seq % 2 else chat.operator_id
            values = {
                "account_id": account_pk, "chat_id": chat.pk, "seq": seq, "client_id": db_uuid(uuid.uuid4()),
                "author": "operator" if by else "visitor", "operator_id": by, "event": "", "text": next(said),
                "created_at": at,
            }  # fmt: skip
            rows.append(tuple(values.get(name) for name, _kind in MESSAGE_COLUMNS))
        if len(rows) > 20_000:
            insert_rows(Message._meta.db_table, MESSAGE_COLUMNS, rows)
            rows = []
    if rows:
        insert_rows(Message._meta.db_table, MESSAGE_COLUMNS, rows)


def shape_of(sql: str) -> str:
    """A statement without its values."""
    return re.sub(r"\([%s, ]+\)", "(…)", re.sub(r"'[^']*'|\b\d+\b", "%s", sql))


class Site:
    """The child's side: a filled site and a browser in front of it."""

    def __init__(self, messages: int) -> None:
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        from accounts.models import Account, User

        settings.ALLOWED_HOSTS = ["*"]
        call_command("migrate", verbosity=0, skip_checks=True)
        self.made = fill(messages)
        self.account = Account.objects.get(pk=self.made["account"])
        self.browser = Client(HTTP_HOST="127.0.0.1")
        user = User.objects.get(pk=self.made["user"])
        self.browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])

    def page(self, name: str) -> dict[str, Any]:
        """One visit: milliseconds of the page and of its SQL, and its statements by shape."""
        from django.core.cache import cache
        from django.db import connection

        seen: list[tuple[str, float]] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            began = clock()
            try:
                return execute(sql, params, many, context)
            finally:
                seen.append((shape_of(sql), clock() - began))

        cache.clear()
        with connection.execute_wrapper(watch):
            began = clock()
            answer = self.browser.get(self.made["paths"][name])
            took = clock() - began
        assert answer.status_code == 200, (name, answer.status_code)
        shapes = Counter(sql for sql, _took in seen if not sql.startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")))
        return {"ms": took * 1000, "sql_ms": sum(one for _sql, one in seen) * 1000, "statements": shapes.total(),
                "most_alike": max(shapes.values())}  # fmt: skip

    def search(self, name: str) -> dict[str, Any]:
        """One search: its milliseconds, and how many it found."""
        from accounts.scoping import account_scope
        from chat.archive.search import ArchiveFilter, search_chats

        with account_scope(self.account):
            began = clock()
            found = search_chats(self.account, ArchiveFilter(text=SEARCHES[name]), self.account.zone, limit=21)
            return {"ms": (clock() - began) * 1000, "found": len(found)}


def serve(messages: int) -> None:
    """The child: a line asks, a line answers."""
    began = time.monotonic()
    site = Site(messages)
    print(json.dumps({"filled_s": round(time.monotonic() - began)}), flush=True)
    for line in sys.stdin:
        kind, name = line.split()
        print(json.dumps(getattr(site, kind)(name)), flush=True)


# ---- the parent asks both in turn, so that what the machine does besides hits both -----------------------------
class Child:
    """A site with so many messages."""

    def __init__(self, messages: int, env: dict[str, str], program: str = "bench.pages") -> None:
        words = [sys.executable, "-W", "ignore", "-m", program, str(messages)]
        self.process = subprocess.Popen(
            words, cwd=ROOT, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.ready: dict[str, Any] = {}

    def ask(self, question: str) -> dict[str, Any]:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(question + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())  # type: ignore[no-any-return]

    def wait(self) -> dict[str, Any]:
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())  # type: ignore[no-any-return]


@contextmanager
def child(messages: int, on_postgres: bool, program: str = "bench.pages") -> Iterator[Child]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="livechat-bench-"))
        env = {**os.environ, "DJANGO_SETTINGS_MODULE": "livechat.settings", "LIVECHAT_DEV": "1", "VAR": str(Path(folder)),
               "LOG_LEVEL": "ERROR"}  # fmt: skip
        env.pop("REDIS_URL", None)
        env.pop("DATABASE_URL", None)
        if on_postgres:
            env["DATABASE_URL"] = stack.enter_context(postgres())
        one = Child(messages, env, program)
        try:
            yield one
        finally:
            if one.process.stdin:
                one.process.stdin.close()
            one.process.wait(60)


def compare(small: Child, large: Child, question: str) -> tuple[dict[str, Any], dict[str, Any], float]:
    """The best of each, and the median ratio of the rounds."""
    pairs = []
    for turn in range(ROUNDS + 1):
        order = (small, large) if turn % 2 else (large, small)
        answers = {one: one.ask(question) for one in order}
        if turn:  # the first warms both
            pairs.append((answers[small], answers[large]))
    ratio = statistics.median(big["ms"] / little["ms"] for little, big in pairs)
    best = [min((pair[side] for pair in pairs), key=lambda one: one["ms"]) for side in (0, 1)]
    return best[0], best[1], ratio


def measure(on_postgres: bool) -> list[dict[str, Any]]:
    name = "PostgreSQL" if on_postgres else "SQLite"
    with child(SMALL, on_postgres) as small:
        small.wait()
        with child(LARGE, on_postgres) as large:
            filled = large.wait()["filled_s"]
            pages = {page: compare(small, large, f"page {page}") for page in PAGES}
            searches = {one: compare(small, large, f"search {one}") for one in SEARCHES}
    same = all(little["statements"] == big["statements"] for little, big, _ratio in pages.values())
    alike = max(big["most_alike"] for _little, big, _ratio in pages.values())
    inbox = pages["inbox"][1]["statements"]
    slow = {page: round(big["ms"] / little["ms"], 2) for page, (little, big, ratio) in pages.items()
            if min(ratio * little["ms"], big["ms"]) > 1.2 * little["ms"] + 1}  # fmt: skip
    most, ceiling = (5.0, 1000.0) if on_postgres else (40.0, 20.0)
    late = {one: round(big["ms"], 2) for one, (little, big, ratio) in searches.items()
            if min(ratio, big["ms"] / little["ms"]) > most or big["ms"] >= ceiling}  # fmt: skip
    return [
        {
            "goal": "G9", "limit": f"{name}: as many statements at {LARGE:,} messages as at {SMALL:,}, no shape more than "
            f"{SHAPE_MOST} times, inbox <= {INBOX_MOST}",
            "statements": {page: big["statements"] for page, (_little, big, _ratio) in pages.items()},
            "different": {page: [little["statements"], big["statements"]] for page, (little, big, _r) in pages.items()
                          if little["statements"] != big["statements"]},
            "most_alike": alike, "holds": same and alike <= SHAPE_MOST and inbox <= INBOX_MOST,
        },
        {
            "goal": "G10", "limit": f"{name}: pages at {LARGE:,} / {SMALL:,} messages <= 1.2 (+1 ms)", "filled_s": filled,
            "ms": {page: [round(little["ms"], 1), round(big["ms"], 1)] for page, (little, big, _r) in pages.items()},
            "sql_ms": {page: [round(little["sql_ms"], 1), round(big["sql_ms"], 1)] for page, (little, big, _r) in pages.items()},
            "slow": slow, "holds": not slow,
        },
        {
            "goal": "G10", "limit": f"{name}: search <= {most:g}x" + ("" if on_postgres else " and < 20 ms"),
            "ms": {one: [round(little["ms"], 2), round(big["ms"], 2)] for one, (little, big, _r) in searches.items()},
            "found": {one: big["found"] for one, (_little, big, _r) in searches.items()},
            "slow": late, "holds": not late,
        },
    ]  # fmt: skip


def print_results(measure: Callable[[bool], list[dict[str, Any]]], switch: str, goal: str = "G10") -> None:
    """A line for each result on SQLite and on PostgreSQL; the variable `switch` at "0" leaves the program out."""
    if os.environ.get(switch) == "0":
        print(json.dumps({"goal": goal, "limit": f"left out by {switch}=0", "holds": True}))
        return
    for on_postgres in [False] if os.environ.get("BENCH_POSTGRES") == "" else [False, True]:
        for result in measure(on_postgres):
            print(json.dumps(result), flush=True)


if __name__ == "__main__":
    serve(int(sys.argv[1])) if len(sys.argv) > 1 else print_results(measure, "BENCH_PAGES")
