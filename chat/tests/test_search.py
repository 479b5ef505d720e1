"""The index follows the rows: what is written is found, and what is edited, removed or erased is not."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import account_scope, scopes_disabled
from chat.actions.chats import close_chat
from chat.actions.search_index import compact_index
from chat.actions.visitors import delete_visitor
from chat.archive.search import ArchiveFilter, schema, search_chats
from chat.archive.search.postgresql import HasWords
from chat.models import Chat, Message, Visitor
from chat.testing import make_chat, make_operator, say
from core.search import read_query
from operators.models import Operator
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator(alice_member: Membership) -> Operator:
    return make_operator(alice_member)


def make_closed(account: Account, operator: Operator, *texts: str, **visitor: Any) -> Chat:
    chat = make_chat(account, text=texts[0], operator=operator, **visitor)
    for text in texts[1:]:
        say(chat, text, operator=operator)
    with account_scope(account):
        return close_chat(chat_pk=chat.pk, by="operator", operator=operator)


def find(account: Account, text: str) -> list[tuple[str, str]]:
    with account_scope(account):
        found = search_chats(account, ArchiveFilter(text=text), account.zone)
        return [(chat.visitor.name, chat.hit) for chat in found]  # type: ignore[attr-defined]


def names(account: Account, text: str) -> set[str]:
    return {name for name, _hit in find(account, text)}


def index_holds(word: str) -> bool:
    """Whether the index itself, not the tables, still finds a word."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            found = []
            for table in (schema.LINES, schema.NAMES):
                cursor.execute(f"SELECT count(*) FROM {table} WHERE {table} MATCH %s", [word])  # noqa: S608
                found.append(cursor.fetchone()[0])
            return any(found)
        cursor.execute("SELECT count(*) FROM chat_message WHERE words @@ %s::tsquery", [word])
        return bool(cursor.fetchone()[0])


def test_words_phrases_and_beginnings_are_found_whatever_case_and_accents(acme: Account, operator: Operator) -> None:
    make_closed(acme, operator, "Mein Sattel quietscht über Ägypten", "Der rote Sattel ist da", name="Jörg Müller")
    make_closed(acme, operator, "The saddle is red", "Call 0800-555 or it's-late@shop.example", name="Kim Testcase",
                email="kim.t@specimen.example")  # fmt: skip
    for text, who in {
        "SATTEL": "Jörg Müller", "agypten": "Jörg Müller", "ÜBER": "Jörg Müller", "quiet*": "Jörg Müller",
        '"rote sattel"': "Jörg Müller", "“rote Sattel”": "Jörg Müller", "muller": "Jörg Müller", "jo*": "Jörg Müller",
        "red saddle": "Kim Testcase", "shop.example": "Kim Testcase", "0800": "Kim Testcase",
        "kim.t@specimen.example": "Kim Testcase", "specimen": "Kim Testcase", '"the saddle is re"*': "Kim Testcase",
    }.items():  # fmt: skip
        assert names(acme, text) == {who}, text
    for text in ('"red saddle"', "sattel saddle", "satte", "!!!", '""', "*", "saddle nothing"):
        assert names(acme, text) == set(), text
    assert find(acme, "rote") == [("Jörg Müller", "Der rote Sattel ist da")]


ODD = ['"', '"a', "a AND", "NOT a", "NEAR(a b)", "(", "a:b", "words:red", "-", "^a", "a'; DROP TABLE x; --", "{a b}",
       "a || b", "\\", "%", "_", "\x00red", "'red':*", "& | !", "<->", "red\ud7ff", "🚲", "a" * 200, "* " * 100,
       "ﬁ ﷺ ²", "@1", "red\ud800"]  # fmt: skip


def test_odd_syntax_is_only_words_and_never_an_error(acme: Account, operator: Operator) -> None:
    make_closed(acme, operator, "The saddle is red", name="Kim Testcase")
    for text in ODD:
        assert names(acme, text) <= {"Kim Testcase"}, text


def test_another_account_finds_nothing_of_it(acme: Account, cakes: Account, operator: Operator) -> None:
    make_closed(acme, operator, "Needle in a haystack", name="Needle Person")
    assert names(acme, "needle") == {"Needle Person"}
    assert names(cakes, "needle") == set()


def test_pages_of_hits_follow_each_other_without_a_hole(acme: Account, operator: Operator) -> None:
    for number in range(5):
        make_closed(acme, operator, "saddle", "saddle again", name="Saddle" if number % 2 else f"V{number}")
    with account_scope(acme):
        whole = [chat.pk for chat in search_chats(acme, ArchiveFilter(text="saddle"), acme.zone)]
        assert len(whole) == 5 and whole == sorted(whole, reverse=True)
        steps, before = [], None
        while page := search_chats(acme, ArchiveFilter(text="saddle"), acme.zone, before=before, limit=2):
            before = page[-1].pk
            steps += [chat.pk for chat in page]
    assert steps == whole


def test_an_edited_and_a_removed_line_leave_the_index(acme: Account, operator: Operator) -> None:
    chat = make_closed(acme, operator, "First zanzibar", "Second", name="Pat")
    with account_scope(acme):
        line = Message.objects.filter(chat=chat, seq=1)
        line.update(text="First madagascar")
        assert (names(acme, "zanzibar"), names(acme, "madagascar")) == (set(), {"Pat"})
        assert not index_holds("zanzibar")
        line.update(text="", removed_at=timezone.now())
    assert names(acme, "madagascar") == set()
    assert not index_holds("madagascar")


def test_a_line_that_was_edited_before_the_chat_ended_is_found_as_it_is_now(acme: Account, operator: Operator) -> None:
    chat = make_chat(acme, text="First zanzibar", operator=operator, name="Pat")
    with account_scope(acme):
        Message.objects.filter(chat=chat, seq=1).update(text="First madagascar")
        close_chat(chat_pk=chat.pk, by="operator", operator=operator)
        assert (names(acme, "zanzibar"), names(acme, "madagascar")) == (set(), {"Pat"})
        Chat.objects.filter(pk=chat.pk).update(state="open", closed_at=None)
        assert names(acme, "madagascar") == set()
        Message.objects.filter(chat=chat, seq=1).update(text="First borneo")
        Chat.objects.filter(pk=chat.pk).update(state="closed", closed_at=timezone.now())
    assert (names(acme, "madagascar"), names(acme, "borneo")) == (set(), {"Pat"})


def test_a_renamed_a_deleted_and_an_expired_visitor_leave_the_index(acme: Account, operator: Operator) -> None:
    gone = make_closed(acme, operator, "zanzibar", name="Wilhelmina One", email="w@specimen.example")
    old = make_closed(acme, operator, "borneo", name="Theodora Two")
    with account_scope(acme):
        Visitor.objects.filter(pk=gone.visitor_id).update(name="Renate One")
        assert (names(acme, "wilhelmina"), names(acme, "renate")) == (set(), {"Renate One"})
        delete_visitor(visitor=Visitor.objects.get(pk=gone.visitor_id))
        past = timezone.now() - timedelta(days=200)
        Chat.objects.filter(pk=old.pk).update(closed_at=past)
        Visitor.objects.filter(pk=old.visitor_id).update(seen_at=past)
    apply_retention()
    with scopes_disabled():
        assert list(Visitor.objects.values_list("pk", flat=True)) == [gone.visitor_id]
        alias = Visitor.objects.get().name
    assert names(acme, alias) == {alias} and names(acme, "removed") == {alias}
    for word in ("zanzibar", "borneo", "wilhelmina", "renate", "theodora", "specimen"):
        assert names(acme, word) == set()
        assert not index_holds(word)


def test_after_the_nightly_work_no_page_of_the_index_holds_a_deleted_word(acme: Account, operator: Operator) -> None:
    gone = make_closed(acme, operator, "zanzibarquux", name="Wilhelminaquux")
    for number in range(6):
        make_closed(acme, operator, f"borneo{number}", name=f"Person{number}")
    with account_scope(acme):
        delete_visitor(visitor=Visitor.objects.get(pk=gone.visitor_id))
    compact_index()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            for table in (schema.LINES, schema.NAMES):
                cursor.execute(f"SELECT block FROM {table}_data")  # noqa: S608
                pages = b"".join(bytes(row[0]) for row in cursor.fetchall())
                assert b"zanzi" not in pages and b"wilhel" not in pages and (b"borneo" in pages or b"person" in pages)
    assert names(acme, "borneo3") == names(acme, "person3") == {"Person3"}
    assert compact_index() <= 2


def test_the_name_of_a_file_is_found(acme: Account, operator: Operator) -> None:
    chat = make_closed(acme, operator, "See this", name="Pat")
    with account_scope(acme):
        Message.objects.create(
            account=acme,
            chat=chat,
            seq=90,
            client_id=uuid.uuid4(),
            author="visitor",
            file={"name": "Rechnung 20.pdf"},
        )
    assert find(acme, "rechnung") == [("Pat", "Rechnung 20.pdf")]


def test_hits_are_marked_and_everything_else_is_text() -> None:
    query = read_query('saddle "red bike" über be*')
    assert query.mark("a <b>Saddle</b>") == "a &lt;b&gt;<mark>Saddle</mark>&lt;/b&gt;"
    assert query.mark("Red bike, red car, BEtter U\u0308ber") == (
        "<mark>Red bike</mark>, red car, <mark>BEtter</mark> <mark>U\u0308ber</mark>"
    )
    long = query.cut("word " * 100 + "saddle" + " <i>" * 100)
    assert long.startswith("…") and long.endswith("…") and "<mark>saddle</mark> &lt;i&gt;" in long and len(long) < 500


def test_a_search_reads_the_index_from_its_newest_end(acme: Account, operator: Operator) -> None:
    make_closed(acme, operator, "saddle")
    with account_scope(acme), connection.cursor() as cursor, CaptureQueriesContext(connection) as seen:
        if connection.vendor == "postgresql":  # a small table is walked whatever there is: only the index is left
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("DROP INDEX chat_message_account")
            lines = Message.of(acme).exclude(author="system")
            plan = lines.filter(HasWords("pk", acme, read_query("saddle re*"))).explain()
            assert "Bitmap Index Scan on chat_search" in plan
        else:
            search_chats(acme, ArchiveFilter(text="saddle"), acme.zone)
            [sql] = [one["sql"] for one in seen.captured_queries if '"chat_search" WHERE' in one["sql"]]
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
            plan = "\n".join(str(row) for row in cursor.fetchall())
            assert "VIRTUAL TABLE" in plan.splitlines()[0] and "TEMP B-TREE" not in plan, plan


def test_rare_words_are_looked_up_and_common_ones_met_on_the_way(acme: Account, operator: Operator) -> None:
    """What PostgreSQL decides when it knows how often a word is; SQLite reads its index in both cases."""
    if connection.vendor != "postgresql":
        return
    make_closed(acme, operator, "saddle")
    with account_scope(acme), connection.cursor() as cursor:
        chats = Chat.of(acme).values_list("pk", flat=True)
        Message.objects.bulk_create(
            Message(account=acme, chat_id=chats[0], seq=100 + n, client_id=uuid.uuid4(), author="visitor", text=text)
            for n, text in enumerate(["the bell"] * 5000 + ["a mudguard"])
        )
        cursor.execute("ANALYZE chat_message, chat_chat")
        plans = []
        for word in ("bell", "mudguard"):
            with CaptureQueriesContext(connection) as seen:
                assert search_chats(acme, ArchiveFilter(text=word), acme.zone)
            [sql] = [one["sql"] for one in seen.captured_queries if "EXISTS" in one["sql"]]
            cursor.execute(f"EXPLAIN {sql}")
            plans.append("chat_search" in str(cursor.fetchall()))
    assert plans == [False, True]


@pytest.mark.django_db(transaction=True)
def test_a_migration_leaves_the_index_in_place(acme: Account, operator: Operator) -> None:
    make_closed(acme, operator, "zanzibar", name="Pat")
    if connection.vendor == "sqlite":  # as before a migration
        schema.drop_triggers(connection)
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'chat_search%'")
        else:
            cursor.execute("SELECT count(*) FROM pg_indexes WHERE indexname LIKE 'chat_search%'")
        assert cursor.fetchone()[0] == (len(schema.TRIGGERS) if connection.vendor == "sqlite" else 2)
    assert names(acme, "zanzibar") == {"Pat"}
