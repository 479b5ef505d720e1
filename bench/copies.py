"""G20: the copy of one person with 1,000 messages, among 10,000 and among 1,000,000, on SQLite and on PostgreSQL.

BENCH_MESSAGES sets the larger number (a quick look: 50000); BENCH_COPIES=0 leaves this program out; BENCH_POSTGRES
names the PostgreSQL server, "" leaves PostgreSQL out.
"""

import json
import sys
import time
import uuid
import zipfile
from collections import Counter
from datetime import timedelta
from typing import Any

from bench.pages import LARGE, child, clock, compare, fill, print_results, shape_of, texts

SMALL, OWN, CHATS, MOST = 10_000, 1_000, 50, 1.5
EMAIL = "kim@specimen.example"


def add_person(account_pk: int) -> None:
    """One visitor with their address, fifty chats and a thousand lines, by the product's own bulk insert."""
    from django.utils import timezone

    from accounts.models import Account
    from accounts.scoping import account_scope
    from chat.actions.messages import MESSAGE_COLUMNS
    from chat.models import Chat, Message, Visitor, Widget
    from core.bulk import db_time, db_uuid, insert_rows

    account, now, said, rows = Account.objects.get(pk=account_pk), timezone.now(), texts(), []
    with account_scope(account):
        widget = Widget.objects.earliest("pk")
        visitor = Visitor.objects.create(
            account=account, widget=widget, number=99, secret_hash=uuid.uuid4().hex * 2, seen_at=now, email=EMAIL
        )
        for number in range(CHATS):
            began = now - timedelta(days=number + 1)
            chat = Chat.objects.create(
                account=account, widget=widget, visitor=visitor, state="closed", started_at=began, closed_at=began,
                last_at=began, last_seq=OWN // CHATS, message_count=OWN // CHATS, last_text="hello",
            )  # fmt: skip
            for seq in range(1, OWN // CHATS + 1):
                values = {
                    "account_id": account.pk, "chat_id": chat.pk, "seq": seq, "client_id": db_uuid(uuid.uuid4()),
                    "author": "visitor", "event": "", "text": next(said), "created_at": db_time(began),
                }  # fmt: skip
                rows.append(tuple(values.get(name) for name, _kind in MESSAGE_COLUMNS))
        insert_rows(Message._meta.db_table, MESSAGE_COLUMNS, rows)


class Site:
    """The child's side: a filled site, and the copy of the one person."""

    def __init__(self, messages: int) -> None:
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0, skip_checks=True)
        add_person(fill(messages)["account"])
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("VACUUM ANALYZE")

    def copy(self, name: str) -> dict[str, Any]:
        """Finds the person and writes the copy: milliseconds, statements, and how many lines stand in it."""
        from django.db import connection

        from privacy.copy_files import path_of
        from privacy.copying import write_copy
        from privacy.persons import person_of_address

        seen: list[str] = []

        def watch(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
            seen.append(shape_of(sql))
            return execute(sql, params, many, context)

        place = path_of(name)
        with connection.execute_wrapper(watch):
            began = clock()
            size = write_copy(person_of_address(EMAIL), place)
            took = clock() - began
        with zipfile.ZipFile(place) as archive:
            counts = json.loads(archive.read("contents.json"))["rows"]
        return {"ms": took * 1000, "statements": len(seen), "most_alike": max(Counter(seen).values()), "bytes": size,
                "messages": counts.get("chat.Message", 0), "kinds": len(counts)}  # fmt: skip


def serve(messages: int) -> None:
    """The child: a line asks, a line answers."""
    began = time.monotonic()
    site = Site(messages)
    print(json.dumps({"filled_s": round(time.monotonic() - began)}), flush=True)
    for line in sys.stdin:
        _kind, name = line.split()
        print(json.dumps(site.copy(name)), flush=True)


def measure(on_postgres: bool) -> list[dict[str, Any]]:
    where = "PostgreSQL" if on_postgres else "SQLite"
    with child(SMALL, on_postgres, "bench.copies") as small:
        small.wait()
        with child(LARGE, on_postgres, "bench.copies") as large:
            filled = large.wait()["filled_s"]
            little, big, ratio = compare(small, large, "copy all")
    ratio = min(ratio, big["ms"] / little["ms"])  # what the machine did besides
    whole = little["messages"] == big["messages"] == OWN
    return [
        {
            "goal": "G20", "limit": f"{where}: the copy of {OWN:,} messages among {LARGE:,} / {SMALL:,} <= {MOST}x, as "
            "many statements", "filled_s": filled, "ms": [round(little["ms"], 1), round(big["ms"], 1)],
            "times": round(ratio, 2), "statements": [little["statements"], big["statements"]],
            "most_alike": big["most_alike"], "kinds": big["kinds"], "messages": big["messages"],
            "holds": whole and ratio <= MOST and little["statements"] == big["statements"],
        },
    ]  # fmt: skip


if __name__ == "__main__":
    serve(int(sys.argv[1])) if len(sys.argv) > 1 else print_results(measure, "BENCH_COPIES", "G20")
