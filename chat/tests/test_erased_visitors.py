"""What an erasure leaves of chats: no word of the person, one pseudonym, and everything that the company counts."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.actions.erasing import erase_at_once
from accounts.scoping import account_scope, scopes_disabled
from chat.actions import chats, seeing, visitors
from chat.actions.edits import edit_line
from chat.actions.notes import add_note
from chat.actions.resuming import resume_chat
from chat.actions.tags import tag_chat
from chat.archive.search import ArchiveFilter, search_chats
from chat.desk.blocks import find_visitor_for as find_to_block
from chat.desk.finding import find_anything
from chat.models import Attachment, Block, Chat, ChatTag, Message, MessageVersion, Note, Visitor
from chat.queries import find_visitor_by_secret, find_visitor_for, list_visitors, list_visitors_seen
from chat.testing import DEVICE, PAGE, make_chat, make_operator, make_visitor, make_widget, say, send_file
from chat.touching import find_visitor_said
from chat.window.mail_links import CONTINUE, find_linked_chat, issue_pass, link_to, read_pass
from core.errors import Refused
from core.personal_data import Subject, SubjectRef, registry
from privacy.actions.retention import apply_retention
from privacy.persons import find_own_visitor, list_controllers, person_of_address, person_of_visitor
from privacy.queries.holdings import list_kinds

pytestmark = pytest.mark.django_db
EMAIL = "quill@needle.example"
SAID = "My number is +49 170 1234567, or write to other@needle.example"
QUOTED = "Quillfeather Longname, I call 0170 1234567 and write to QUILL@needle.example and other@needle.example today"


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Any) -> None:
    settings.VAR, settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path, tmp_path / "media", tmp_path / "files"


@pytest.fixture
def operator(bob_member: Any) -> Any:
    return make_operator(bob_member)


@pytest.fixture
def chat(acme: Any, operator: Any) -> Any:
    """An ended chat in which the operator quotes the visitor."""
    made = make_chat(acme, text=SAID, operator=operator, name="Quillfeather Longname", email=EMAIL)
    say(made, QUOTED, operator=operator)
    say(made, "Our shop opens at ten", operator=operator)
    with account_scope(acme):
        chats.close_chat(chat_pk=made.pk, by=Chat.ClosedBy.OPERATOR, operator=operator)
        chats.rate_chat(chat_pk=made.pk, value="good", comment="Longname says thanks")
        Chat.objects.filter(pk=made.pk).update(answers=[{"question": "Order?", "answer": "12345678"}])
        made.refresh_from_db()
    return made


def erase(*keys: int) -> None:
    for key in keys:
        erase_at_once(SubjectRef(Subject.VISITOR, key))


def texts_of(chat: Any) -> list[str]:
    with scopes_disabled():
        return list(Message.objects.filter(chat=chat).exclude(text="").order_by("seq").values_list("text", flat=True))


def everything(account: Any) -> str:
    """Every value of the rows of chats, visitors and lines."""
    with scopes_disabled():
        models: list[Any] = [Visitor, Chat, Message, MessageVersion, Note, Attachment]
        return json.dumps([list(m.objects.filter(account=account).values()) for m in models], default=str)


# ---- lines -----------------------------------------------------------------------------------------------------
def test_the_visitors_words_are_removed_and_what_names_them_is_masked_in_the_rest(chat: Any, acme: Any) -> None:
    erase(chat.visitor_id)
    visitor = Visitor.objects.with_scopes_disabled().get(pk=chat.visitor_id)
    day = f"{timezone.now():%Y-%m-%d}"
    assert texts_of(chat) == [
        f"[message removed {day}]",
        f"{visitor.name}, I call [removed] and write to [removed] and [removed] today",
        "Our shop opens at ten",
    ]
    with account_scope(acme):
        waits = list(Message.objects.exclude(masked_at=None).values_list("text", flat=True))
        assert len(waits) == 1 and "I call" in waits[0]
    for word in ("Quill", "Longname", "needle", "1234567", "12345678"):
        assert word.lower() not in everything(acme).lower()


def test_what_stays_is_counted_as_before(chat: Any, acme: Any) -> None:
    before = Chat.objects.with_scopes_disabled().get(pk=chat.pk)
    erase(chat.visitor_id)
    after = Chat.objects.with_scopes_disabled().get(pk=chat.pk)
    for name in ("rating", "state", "started_at", "closed_at", "closed_by", "message_count", "last_seq", "operator_id",
                 "visitor_lines", "operator_lines", "replies", "reply_ms", "visitor_id"):  # fmt: skip
        assert getattr(after, name) == getattr(before, name), name
    assert (after.rating_comment, after.answers, after.page_url, after.page_title) == ("", [], "", "")
    assert after.last_text == "Our shop opens at ten"


def test_a_second_time_changes_nothing_and_a_removed_line_keeps_its_day(chat: Any, acme: Any) -> None:
    with scopes_disabled():
        Message.objects.filter(chat=chat, seq=1).update(text="[message removed 2026-01-02]")
    erase(chat.visitor_id)
    assert texts_of(chat)[0] == "[message removed 2026-01-02]"
    once = everything(acme)
    erase(chat.visitor_id)  # finds nothing any more
    for name in ("chat.Message", "chat.Chat", "chat.Visitor"):  # a plan knows the keys
        entry, model = registry.find(name), {"Message": Message, "Chat": Chat, "Visitor": Visitor}[name[5:]]
        with scopes_disabled():
            keys = list(model.objects.values_list("pk", flat=True))
            assert entry.replace is not None
            entry.replace(keys)
    assert everything(acme) == once


def test_the_step_of_the_lines_done_again_before_the_visitors_changes_nothing(chat: Any, acme: Any) -> None:
    entry = registry.find("chat.Message")
    with scopes_disabled():
        assert entry.replace is not None and entry.rows_of is not None
        keys = list(entry.rows_of(SubjectRef(Subject.VISITOR, chat.visitor_id)).values_list("pk", flat=True))
        entry.replace(keys)
        once = everything(acme)
        entry.replace(keys)
    assert everything(acme) == once and "Quillfeather" in once  # the visitor's row is the last step
    erase(chat.visitor_id)
    alias = Visitor.objects.with_scopes_disabled().get(pk=chat.visitor_id).name
    assert texts_of(chat)[1].startswith(f"{alias}, ")


def test_what_was_said_earlier_is_known_again_and_goes(acme: Any, operator: Any) -> None:
    live = make_chat(acme, text="I am at 0170 1234567", operator=operator, name="Dave")
    with account_scope(acme):
        edit_line(chat_pk=live.pk, seq=1, client_id=uuid.uuid4(), text="Never mind")
        add_note(chat_pk=live.pk, operator=operator, client_id=uuid.uuid4(), text="Call Dave")
    say(live, "Shall I call 0170/1234567?", operator=operator)
    erase(live.visitor_id)
    assert texts_of(live)[-1] == "Shall I call [removed]?"
    with scopes_disabled():
        assert not MessageVersion.objects.exists() and not Note.objects.exists()


def test_files_go_and_their_lines_say_so(acme: Any, operator: Any, settings: Any, commits: Any) -> None:
    live = make_chat(acme, operator=operator, name="Dave")
    send_file(live, "passport-of-dave.pdf")
    send_file(live, "bill-for-dave.pdf", operator=operator)
    send_file(live, "prices.pdf", text="Our prices", operator=operator)
    with commits():
        erase(live.visitor_id)
    day = f"{timezone.now():%Y-%m-%d}"
    assert texts_of(live)[1:] == [f"[message removed {day}]", f"[file removed {day}]", "Our prices"]
    with scopes_disabled():
        assert not Attachment.objects.exists() and not Message.objects.filter(file__isnull=False).exists()
    assert not [path for path in settings.FILES_ROOT.rglob("*") if path.is_file()]


def test_tags_stay_with_the_chat_and_others_are_untouched(chat: Any, acme: Any, operator: Any) -> None:
    other = make_chat(acme, text="Quillfeather is a fine name", operator=operator, name="Somebody Else")
    say(other, "Is it, Somebody?", operator=operator)
    with account_scope(acme):
        tag_chat(operator=operator, chat_pk=chat.pk, name="refund")
    erase(chat.visitor_id)
    with account_scope(acme):
        assert ChatTag.objects.filter(chat=chat).count() == 1
    assert texts_of(other) == ["Quillfeather is a fine name", "Is it, Somebody?"]


# ---- the visitor -----------------------------------------------------------------------------------------------
def test_nothing_in_the_row_leads_to_the_person_and_nothing_to_the_row(chat: Any, acme: Any, operator: Any) -> None:
    before = Visitor.objects.with_scopes_disabled().get(pk=chat.visitor_id)
    link = link_to(CONTINUE, chat).rstrip("/").rpartition("/")[2]
    word = issue_pass(before)
    with scopes_disabled():
        Visitor.objects.filter(pk=before.pk).update(external_id="C-4711", identified_at=timezone.now())
        Block.objects.create(account=acme, visitor=before, reason="x", until=timezone.now() + timedelta(hours=1))
    erase(before.pk)
    after = Visitor.objects.with_scopes_disabled().get(pk=before.pk)
    assert after.name == f"Visitor {after.alias:04X}" == str(after.shown_name) and after.is_erased
    for name in ("email", "browser", "system", "page_url", "page_title", "referrer", "external_id", "language",
                 "previous_secret_hash", "ip_address", "identified_at"):  # fmt: skip
        assert getattr(after, name) in ("", None), name
    for name in ("public_id", "number", "secret_hash", "name"):
        assert getattr(after, name) != getattr(before, name), name
    assert (after.peek_allowed, after.seen_allowed) == (False, False)
    assert after.number == before.number + 1
    with pytest.raises(Refused, match="not_found"):
        find_linked_chat(CONTINUE, link)
    assert read_pass(make_widget(acme), word) is None
    with scopes_disabled():
        assert not Block.objects.exists()
        assert find_visitor_by_secret(before.widget, before.secret_hash) is None
    assert make_visitor(acme).number == after.number + 1


def test_an_erased_visitor_is_nobody_for_every_door(chat: Any, acme: Any, bob_member: Any, operator: Any) -> None:
    pk = chat.visitor_id
    erase(pk)
    gone = Visitor.objects.with_scopes_disabled().select_related("account", "widget").get(pk=pk)
    widget = make_widget(acme)
    device = {**DEVICE, "ip_address": None}
    with account_scope(acme):
        assert list_visitors(acme) == [] == list_visitors_seen(acme, [pk])
        assert not [one for one in find_anything(bob_member, operator, gone.name) if one["key"] == "visitors"]
        assert find_visitor_by_secret(widget, gone.secret_hash) is None
        assert visitors.open_widget(widget=widget, visitor=gone, device=device, page=PAGE)[0].pk != pk
        visitors.set_email(visitor_pk=pk, email=EMAIL)
        visitors.allow_peek(visitor_pk=pk, on=True)
        assert visitors.see_page(visitor_pk=pk, url="https://acme.example/me", title="Me") is False
        refused: list[Any] = [
            lambda: find_visitor_for(bob_member, gone.public_id),
            lambda: find_to_block(bob_member, gone.public_id),
            lambda: find_visitor_said(acme, visitor=gone.public_id, chat=None, external_id=""),
            lambda: find_visitor_said(acme, visitor=None, chat=chat.public_id, external_id=""),
            lambda: find_own_visitor(acme, gone.public_id),
            lambda: chats.start_chat(visitor=gone, client_id=uuid.uuid4(), text="Me again"),
            lambda: chats.rate_chat(chat_pk=chat.pk, value="good", comment="It was me"),
            lambda: chats.mark_read(chat_pk=chat.pk, seq=1, by_visitor=True),
            lambda: resume_chat(account=acme, chat_pk=chat.pk, visitor_pk=pk, client_id=uuid.uuid4(), text="Me"),
            lambda: seeing.allow_seeing(visitor_pk=pk, on=True),
            lambda: seeing.identify_visitor(visitor_pk=pk, token="x"),  # noqa: S106  no secret
        ]
        for door in refused:
            with pytest.raises(Refused, match="not_found"):
                door()
        assert visitors.delete_visitor(visitor=gone) == 0
    person = person_of_visitor(pk)
    assert list_kinds(person) == [] and list_controllers(person) == [(None, person.without(Subject.VISITOR))]
    assert person_of_address(EMAIL).refs == ()
    after = Visitor.objects.with_scopes_disabled().get(pk=pk)
    assert (after.email, after.peek_allowed, after.seen_allowed) == ("", False, False)


def test_rows_of_one_person_in_one_account_have_one_pseudonym(acme: Any, cakes: Any, operator: Any) -> None:
    first, second = (make_chat(acme, text="Hi", name="Dave", operator=operator) for _ in range(2))
    silent, elsewhere = make_visitor(acme, name="Dave"), make_visitor(cakes, name="Dave")
    say(second, "Hello Dave", operator=operator)
    keys = [first.visitor_id, second.visitor_id, silent.pk, elsewhere.pk]
    with scopes_disabled():
        lines = list(Message.objects.values_list("pk", flat=True))
        for name, rows in (("chat.Message", lines), ("chat.Visitor", keys)):
            entry = registry.find(name)
            assert entry.replace is not None
            entry.replace(rows)
        aliases = dict(Visitor.objects.values_list("pk", "alias"))
        names = dict(Visitor.objects.values_list("pk", "name"))
    assert len({aliases[pk] for pk in keys[:3]}) == 1
    assert texts_of(second)[-1] == f"Hello {names[silent.pk]}"
    own = [make_visitor(acme).pk for _ in range(20)]
    erase(*own)  # each is a person of their own
    with scopes_disabled():
        found = set(Visitor.objects.filter(pk__in=own).values_list("alias", flat=True))
        assert len(found) > 15 and Visitor.objects.get(pk=elsewhere.pk).is_erased


# ---- chats that go on ------------------------------------------------------------------------------------------
def test_a_chat_that_goes_on_ends_and_gives_back_the_operators_place(acme: Any, operator: Any) -> None:
    live = make_chat(acme, operator=operator, name="Dave")
    waiting = make_chat(acme, name="Pat")
    erase(live.visitor_id, waiting.visitor_id)
    operator.refresh_from_db()
    assert operator.open_chats == 0
    with account_scope(acme):
        for one in (live, waiting):
            one.refresh_from_db()
            assert (one.state, one.closed_by, one.answer_due_at) == ("closed", "system", None)
            assert one.closed_at is not None
        assert waiting.board_seq > live.board_seq


# ---- the company deletes its own log ---------------------------------------------------------------------------
def test_a_member_deletes_the_log_whole_with_its_files(
    acme: Any, alice_member: Any, operator: Any, settings: Any, commits: Any
) -> None:
    live = make_chat(acme, operator=operator, name="Dave")
    send_file(live, "bill.pdf")
    with account_scope(acme):
        tag_chat(operator=operator, chat_pk=live.pk, name="refund")
    with commits(), account_scope(acme):
        assert visitors.delete_visitor(visitor=live.visitor, by=alice_member) == 1
        assert not Chat.objects.exists() and not Message.objects.exists() and not Visitor.objects.exists()
    assert not [path for path in settings.FILES_ROOT.rglob("*") if path.is_file()]
    operator.refresh_from_db()
    assert operator.open_chats == 0


# ---- search and retention --------------------------------------------------------------------------------------
def test_the_archive_finds_what_stayed_and_no_word_that_went(chat: Any, acme: Any) -> None:
    erase(chat.visitor_id)
    alias = Visitor.objects.with_scopes_disabled().get(pk=chat.visitor_id).name

    def found(text: str) -> bool:
        with account_scope(acme):
            return bool(search_chats(acme, ArchiveFilter(text=text), acme.zone))

    assert [found(word) for word in ("shop opens", "I call", alias, alias[8:])] == [True] * 4
    assert [found(word) for word in ("Quillfeather", "Longname", "1234567", "quill", "number")] == [False] * 5


def test_the_chat_and_then_its_visitor_go_at_the_end_of_their_days(chat: Any, acme: Any) -> None:
    erase(chat.visitor_id)
    now = timezone.now()
    apply_retention(now=now + timedelta(days=acme.chat_keep_days - 1))
    with scopes_disabled():
        assert Chat.objects.filter(pk=chat.pk).exists()
        apply_retention(now=now + timedelta(days=acme.chat_keep_days + 1))
        assert not Chat.objects.filter(pk=chat.pk).exists()
        assert not Visitor.objects.filter(pk=chat.visitor_id).exists()


@pytest.mark.once  # of SQLite, which else makes a table anew, without the triggers of the search
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL never makes a table anew")
def test_the_columns_are_added_and_no_table_is_made_anew(capsys: Any) -> None:
    call_command("sqlmigrate", "chat", "0009")
    said = capsys.readouterr().out
    assert said.count("ADD COLUMN") == 3 and "new__" not in said
