"""The archive's pages: filters that stand in the address, the chats beside one, and the export."""

import csv
import io
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from audit.models import Entry
from chat.actions.chats import close_chat, rate_chat
from chat.models import Chat, ChatTag, Tag
from chat.testing import make_chat, make_operator
from operators.models import Group, Operator

pytestmark = pytest.mark.django_db
FORMULA = "=HYPERLINK(1)"


@pytest.fixture
def operator(alice_member: Membership) -> Operator:
    return make_operator(alice_member)


@pytest.fixture
def desk(client_of: Any, alice: User, operator: Operator) -> Client:
    return client_of(alice)


def make_closed(account: Account, operator: Operator | None, text: str = "hello", **visitor: Any) -> Chat:
    chat = make_chat(account, text=text, operator=operator, **visitor)
    with account_scope(account):
        return close_chat(chat_pk=chat.pk, by="operator", operator=operator)


def fresh(desk: Client) -> Client:
    """A person who has just proved who it is."""
    import time

    session = desk.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()
    return desk


def test_each_filter_stands_in_the_address_and_as_a_chip_that_takes_it_away(
    acme: Account, operator: Operator, desk: Client
) -> None:
    one, other = make_closed(acme, operator, name="Robin One"), make_closed(acme, None, name="Kim Two")
    with account_scope(acme):
        group, tag = Group.objects.create(account=acme, name="Sales"), Tag.objects.create(account=acme, name="refund")
        ChatTag.objects.create(account=acme, chat=one, tag=tag)
        rate_chat(chat_pk=one.pk, value="good")
        past = timezone.now() - timedelta(days=10)
        Chat.objects.filter(pk=one.pk).update(group=group, page_url="https://shop.example/pricing?x=1", started_at=past)
        Chat.objects.filter(pk=other.pk).update(by_mail=True)
    today = timezone.localdate(timezone=acme.zone)
    for query, chip, who in (
        (f"operator={operator.pk}", f"Operator: {operator.display_name}", "Robin One"),
        (f"tag={tag.pk}", "Tag: refund", "Robin One"),
        (f"group={group.pk}", "Group: Sales", "Robin One"), ("page=/PRICING", "Page: /PRICING", "Robin One"),
        ("rating=none", "Rating: Not rated", "Kim Two"), ("kind=mail", "Answer: Answered by e-mail", "Kim Two"),
        ("kind=answered", "Answer: Answered in the chat", "Robin One"),
        (f"since={today}", "From:", "Kim Two"), (f"until={today - timedelta(days=1)}", "Until:", "Robin One"),
    ):  # fmt: skip
        page = desk.get(f"/app/archive/?{query}&q=hello").content.decode()
        assert {name for name in ("Robin One", "Kim Two") if f">{name}</a>" in page} == {who}, query
        assert f'<span class="chip">{chip}' in page, query
        assert 'href="/app/archive/?q=hello" aria-label="Remove the filter' in page
    both = desk.get(f"/app/archive/?tag={tag.pk}&kind=mail").content.decode()
    assert "No chat fits these filters" in both
    assert "kept until" in desk.get("/app/archive/").content.decode()


def test_a_chat_knows_the_ones_before_and_after_it_in_the_list_that_was_asked_for(
    acme: Account, operator: Operator, desk: Client
) -> None:
    chats = [make_closed(acme, operator, text="saddle" if number % 2 else "bell") for number in range(23)]
    saddles = [chat for chat in chats if chat.last_text == "saddle"]

    def steps(chat: Chat, query: str = "") -> dict[str, Any]:
        context = desk.get(f"/app/archive/{chat.public_id}/{query}").context
        return {"newer": context["newer"], "older": context["older"]}

    assert steps(chats[22]) == {"newer": None, "older": chats[21]}
    assert steps(chats[3]) == {"newer": chats[4], "older": chats[2]}  # the last of the first page
    assert steps(chats[0]) == {"newer": chats[1], "older": None}
    assert steps(saddles[3], "?q=saddle") == {"newer": saddles[4], "older": saddles[2]}
    page = desk.get(f"/app/archive/{chats[3].public_id}/").content.decode()
    assert f"/app/archive/{chats[2].public_id}/?before={chats[3].public_id}#chat" in page


def test_more_than_a_thousand_chats_are_not_counted_to_the_end(acme: Account, operator: Operator, desk: Client) -> None:
    first = make_closed(acme, operator)
    with account_scope(acme):
        Chat.objects.bulk_create(
            Chat(account=acme, widget_id=first.widget_id, visitor_id=first.visitor_id, state="closed")
            for _ in range(1001)
        )
    page = desk.get("/app/archive/").content.decode()
    assert "1,000+ chats" in page
    assert "1002 chats" not in page and "1,002" not in page


def test_the_export_has_a_row_for_each_chat_of_the_list_and_no_formula(
    acme: Account, operator: Operator, desk: Client
) -> None:
    chat = make_closed(acme, operator, text="needle", name=FORMULA, email="pat@specimen.example")
    make_closed(acme, operator, text="another", name="Kim")
    with account_scope(acme):
        rate_chat(chat_pk=chat.pk, value="bad", comment="+1 too\nslow")
        for name in ("refund", "-stock"):
            ChatTag.objects.create(account=acme, chat=chat, tag=Tag.objects.create(account=acme, name=name))
        Chat.objects.filter(pk=chat.pk).update(answers=[{"question": "Order", "answer": "@A-1"}])
    answer = fresh(desk).get("/app/archive/chats.csv?q=needle")
    assert answer["Content-Disposition"].startswith('attachment; filename="chats-')
    data = b"".join(answer.streaming_content)
    assert data.startswith(b"\xef\xbb\xbf")
    heads, row = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
    told = dict(zip(heads, row, strict=True))
    assert (told["Chat"], told["Visitor"], told["Comment"]) == (str(chat.public_id), f"'{FORMULA}", "'+1 too\nslow")
    assert (told["Operator"], told["Tags"], told["Lines"]) == ("Alice Example", "'-stock, refund", "1")
    assert told["Answers before the chat"] == "Order: @A-1"
    book = openpyxl.load_workbook(io.BytesIO(b"".join(fresh(desk).get("/app/archive/chats.xlsx").streaming_content)))
    cells = list(book.active.iter_rows())
    assert [cell.value for cell in cells[0]] == heads
    assert len(cells) == 3
    [formula] = [cell for row in cells for cell in row if cell.value == FORMULA]
    assert formula.data_type != "f"
    facts = [entry.facts for entry in Entry.objects.filter(action="chats.exported").order_by("index")]
    assert facts == [{"kind": "csv", "rows": 1, "filters": ["text"]}, {"kind": "xlsx", "rows": 2, "filters": []}]


def test_an_export_asks_who_it_is_and_is_for_owners_and_admins(
    acme: Account, operator: Operator, desk: Client, client_of: Any, bob: User
) -> None:
    make_closed(acme, operator)
    asked = desk.get("/app/archive/chats.csv")
    assert asked.status_code == 302 and asked["Location"].startswith("/account/reauthenticate/")
    bobs = fresh(client_of(bob))
    assert bobs.get("/app/archive/chats.csv").status_code == 404
    assert "chats.csv" not in bobs.get("/app/archive/").content.decode()
    assert "chats.csv" in desk.get("/app/archive/").content.decode()


def test_a_long_export_reads_the_chats_in_steps(
    acme: Account, operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat.archive import exports
    from chat.archive.search import ArchiveFilter

    chats = [make_closed(acme, operator, name=f"Visitor {number}") for number in range(7)]
    say_nothing = ArchiveFilter()
    monkeypatch.setattr(exports, "STEP", 3)
    with account_scope(acme):
        file, count = exports.write_chats(acme, say_nothing, acme.zone, "csv")
    lines = list(csv.reader(io.TextIOWrapper(file, "utf-8-sig")))[1:]
    assert count == 7
    assert [line[0] for line in lines] == [str(chat.public_id) for chat in reversed(chats)]
