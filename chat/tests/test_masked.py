"""Who may delete visitors looks at the lines that an erasure masked, and keeps or removes each."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.erasing import erase_at_once
from accounts.scoping import account_scope, scopes_disabled
from audit.models import Entry
from chat.actions.chats import close_chat
from chat.actions.masked import keep_masked, remove_masked
from chat.archive.search import ArchiveFilter, search_chats
from chat.desk.masked import PAGE, list_masked
from chat.models import Chat, Message
from chat.testing import make_chat, make_operator, say
from core.errors import Refused
from core.personal_data import Subject, SubjectRef

pytestmark = pytest.mark.django_db
WHERE = "/app/settings/cases/masked/"


@pytest.fixture
def operator(bob_member: Any) -> Any:
    return make_operator(bob_member)


def make_masked(account: Any, operator: Any, *lines: str) -> list[Message]:
    """The masked lines of an ended chat of an erased visitor named Dave."""
    chat = make_chat(account, text="Hello there", operator=operator, name="Dave")
    for line in lines:
        say(chat, line, operator=operator)
    with account_scope(account):
        close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=operator)
    erase_at_once(SubjectRef(Subject.VISITOR, chat.visitor_id))
    with account_scope(account):
        return list(Message.objects.filter(chat=chat, masked_at__isnull=False).order_by("seq"))


def test_a_line_is_shown_between_its_neighbours_and_with_its_chat(
    acme: Any, alice: Any, operator: Any, client_of: Any
) -> None:
    (line,) = make_masked(acme, operator, "We open at ten", "Come by, Dave, at four", "By the lake")
    page = client_of(alice).get(WHERE).content.decode()
    name = Chat.objects.with_scopes_disabled().select_related("visitor").get(pk=line.chat_id).visitor.name
    assert "We open at ten" in page and f"Come by, {name}, at four" in page and "By the lake" in page
    assert f"/app/archive/{line.chat.public_id}/#chat" in page and "Dave" not in page
    cases = client_of(alice).get("/app/settings/cases/").content.decode()
    assert "1 line of your operators was masked" in cases and WHERE in cases


@pytest.mark.parametrize(
    ("do", "text", "action"),
    [("keep", "Come by, Visitor", "chat.masked_kept"), ("remove", "[message removed ", "chat.masked_removed")],
)
def test_a_line_is_decided_once_and_stands_in_the_log(
    acme: Any, alice: Any, operator: Any, client_of: Any, do: str, text: str, action: str
) -> None:
    (line,) = make_masked(acme, operator, "Come by, Dave")
    owner, where = client_of(alice), f"{WHERE}{line.chat.public_id}/{line.seq}/"
    first = owner.post(where, {"do": do}, follow=True).content.decode()
    assert "Nothing to look at" in first and ("The line is removed." in first) == (do == "remove")
    with scopes_disabled():
        line.refresh_from_db()
        assert line.masked_at is None and line.text.startswith(text)
        assert Chat.objects.get(pk=line.chat_id).last_text == line.text
        once = line.text
    for again in ("remove", "keep"):
        assert "already" in owner.post(where, {"do": again}, follow=True).content.decode()
    with scopes_disabled():
        line.refresh_from_db()
    assert line.text == once
    assert list(Entry.objects.filter(action__startswith="chat.masked").values_list("action", flat=True)) == [action]
    assert "masked" not in owner.get("/app/settings/cases/").content.decode()


def test_a_removed_line_is_found_by_no_search_and_others_stay_in_the_list_of_chats(
    acme: Any, alice_member: Any, operator: Any
) -> None:
    first, last = make_masked(acme, operator, "Dave likes pelicans", "Dave likes herons")
    with account_scope(acme):
        assert remove_masked(line=first, by=alice_member) and not remove_masked(line=first, by=alice_member)
        assert keep_masked(line=last, by=alice_member)
        assert not search_chats(acme, ArchiveFilter(text="pelicans"), acme.zone)
        assert search_chats(acme, ArchiveFilter(text="herons"), acme.zone)
        assert Chat.objects.get().last_text.endswith("likes herons")


def test_nobody_else_decides(acme: Any, operator: Any, carol_member: Any, bob: Any, client_of: Any) -> None:
    (line,) = make_masked(acme, operator, "Come by, Dave")
    assert client_of(bob).get(WHERE).status_code in (403, 404)
    with account_scope(carol_member.account), pytest.raises(Refused, match="not_found"):
        remove_masked(line=line, by=carol_member)
    with account_scope(acme), pytest.raises(Refused, match="not_found"):
        keep_masked(line=line, by=operator.membership)
    with scopes_disabled():
        assert Message.objects.filter(pk=line.pk, masked_at__isnull=False).exists()


def test_lines_come_in_pages_and_more_of_them_ask_no_more_questions(
    acme: Any, alice: Any, operator: Any, client_of: Any
) -> None:
    owner = client_of(alice)
    assert "Nothing to look at" in owner.get(WHERE).content.decode()

    def count() -> int:
        with CaptureQueriesContext(connection) as asked, account_scope(acme):
            list_masked(acme)
        return len(asked)

    make_masked(acme, operator, "Dave 1", "Dave 2")
    few = count()
    make_masked(acme, operator, *(f"Dave {number}" for number in range(PAGE)))
    assert count() == few
    page = owner.get(WHERE).content.decode()
    assert page.count('value="remove"') == PAGE and "Older" in page
    with account_scope(acme):
        lines, older = list_masked(acme)
        assert older is not None and len(list_masked(acme, before=older)[0]) == 2
    rest = owner.get(f"{WHERE}?before={older}").content.decode()
    assert rest.count('value="remove"') == 2 and "Back to the newest" in rest
    for nonsense in ("x", "9" * 30, "-1"):
        assert owner.get(f"{WHERE}?before={nonsense}").status_code == 200


def test_masked_lines_go_with_their_chat(acme: Any, operator: Any) -> None:
    from privacy.actions.retention import apply_retention

    make_masked(acme, operator, "Come by, Dave")
    apply_retention(now=timezone.now() + timedelta(days=acme.chat_keep_days + 1))
    with account_scope(acme):
        assert list_masked(acme) == ([], None)
