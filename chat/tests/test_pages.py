"""The operators' pages: what they show, how many queries they take, and what they refuse."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.actions.chats import close_chat, rate_chat
from chat.models import Chat, Widget
from chat.testing import make_chat, make_operator, make_widget, say
from operators.models import Operator

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]


@pytest.fixture
def operator(alice_member: Membership) -> Operator:
    return make_operator(alice_member)


@pytest.fixture
def desk(client_of: SignIn, alice: User, operator: Operator) -> Client:
    return client_of(alice)


def make_closed(account: Account, operator: Operator, *texts: str, rating: str = "", name: str = "Pat") -> Chat:
    chat = make_chat(account, text=texts[0], operator=operator, name=name)
    for text in texts[1:]:
        say(chat, text, operator=operator)
    with account_scope(account):
        close_chat(chat_pk=chat.pk, by="operator", operator=operator)
        if rating:
            rate_chat(chat_pk=chat.pk, value=rating, comment="quick")
    return chat


def test_the_console_shows_who_waits_with_the_time_and_my_chats_with_what_is_unread(
    acme: Account, operator: Operator, desk: Client
):
    waiting = make_chat(acme, text="Wrong saddle", name="Robin Mockup")
    mine = make_chat(acme, text="Hello", operator=operator, name="Sky Demo")
    say(mine, "And the discount code?")
    with account_scope(acme):
        Chat.objects.filter(pk=waiting.pk).update(started_at=timezone.now() - timedelta(minutes=2, seconds=40))
    page = desk.get("/app/chats/").content.decode()
    assert "<title>Chats (1 waiting) · livechat</title>" in page
    assert re.search(r"2 min [45]\d s", page)
    assert "when-late" in page
    assert "Wrong saddle" in page
    assert "And the discount code?" in page
    assert "data-unread" in page
    assert "1 of 5" in page


def test_an_account_without_a_chat_is_led_to_the_tag_by_who_may_change_it(
    acme: Account, operator: Operator, desk: Client, client_of: SignIn, bob: User, bob_member: Membership
):
    way = 'href="/app/settings/widget/">Put the chat on your website'
    assert way in desk.get("/app/chats/").text
    assert way not in client_of(bob).get("/app/chats/").text
    make_closed(acme, operator, "Hello")
    assert way not in desk.get("/app/chats/").text


def test_a_conversation_has_its_own_address_with_the_newest_lines_and_earlier_ones_on_request(
    acme: Account, operator: Operator, desk: Client
):
    chat = make_chat(acme, text="line 1", operator=operator, name="Pat")
    for number in range(2, 61):
        say(chat, f"line {number}.", operator=operator if number % 2 else None)
    page = desk.get(f"/app/chats/{chat.public_id}/").content.decode()
    assert "line 60." in page
    assert "line 13." in page
    assert "line 10." not in page
    assert "Location" in page
    assert "Not collected" in page
    older = desk.get(f"/app/chats/{chat.public_id}/?before=12", headers={"X-Part": "lines"}).content.decode()
    assert "line 10." in older
    assert "line 1<" in older
    assert "line 11." not in older
    assert "data-older" not in older
    assert "<html" not in older


def test_what_people_write_is_shown_as_text(acme: Account, operator: Operator, desk: Client):
    chat = make_closed(acme, operator, "<img src=x onerror=alert(1)>", "<b>saddle</b>", name="<i>Pat</i>")
    for path in (f"/app/chats/{chat.public_id}/", f"/app/archive/{chat.public_id}/?q=saddle", "/app/archive/?q=img"):
        page = desk.get(path).content.decode()
        assert "<img src=x" not in page
        assert "<i>Pat" not in page
        assert "<b>saddle" not in page


def test_the_archive_finds_words_of_messages_names_and_filters(acme: Account, operator: Operator, desk: Client):
    make_closed(acme, operator, "My saddle squeaks", "We send a new one", rating="good", name="Robin Mockup")
    make_closed(acme, operator, "Invoice please", "It is on its way", rating="bad", name="Kim Testcase")
    make_chat(acme, text="saddle, and still waiting", name="Waiting Wanda")

    def found(query: str) -> set[str]:
        page = desk.get(f"/app/archive/?{query}").content.decode().replace("<mark>", "").replace("</mark>", "")
        return {name for name in ("Robin Mockup", "Kim Testcase", "Waiting Wanda") if name in page}

    assert found("") == {"Robin Mockup", "Kim Testcase"}
    assert found("q=SADDLE") == {"Robin Mockup"}
    assert found("q=its+way") == {"Kim Testcase"}
    assert found("q=kim") == {"Kim Testcase"}
    assert found("q=nothing+of+it") == set()
    assert found("rating=good") == {"Robin Mockup"}
    assert found("rating=none") == set()
    assert found(f"operator={operator.pk}&rating=bad") == {"Kim Testcase"}
    assert found("since=2001-01-01&until=2001-01-31") == set()
    assert found("operator=99999&rating=nonsense&since=never&before=nonsense") == {"Robin Mockup", "Kim Testcase"}
    assert "<mark>saddle</mark>" in desk.get("/app/archive/?q=saddle").content.decode()
    assert "No chat with “saddel”" in desk.get("/app/archive/?q=saddel").content.decode()


def test_older_pages_of_the_archive_show_each_chat_once(acme: Account, operator: Operator, desk: Client):
    for number in range(45):
        make_closed(acme, operator, "hello", name=f"Person-{number:02d}")
    seen: list[str] = []
    path = "/app/archive/"
    for _ in range(3):
        answer = desk.get(path)
        seen += [chat.visitor.name for chat in answer.context["chats"]]
        path = f"/app/archive/?before={answer.context['next']}"
    assert seen == [f"Person-{number:02d}" for number in range(44, -1, -1)]
    assert answer.context["next"] is None


def test_a_transcript_says_until_when_it_is_kept_and_downloads_as_text(acme: Account, operator: Operator, desk: Client):
    chat = make_closed(acme, operator, "My saddle squeaks", "We send a new one", rating="good")
    page = desk.get(f"/app/archive/{chat.public_id}/").content.decode()
    last_day = (timezone.now() + timedelta(days=acme.chat_keep_days)).astimezone(acme.zone)
    assert f"Kept until {last_day.day} {last_day:%b %Y}" in page
    assert "Rated good: “quick”" in page
    answer = desk.get(f"/app/archive/{chat.public_id}/text/")
    assert answer["Content-Disposition"].startswith("attachment")
    text = answer.content.decode()
    assert "Pat: My saddle squeaks" in text
    assert (
        text.index("squeaks") < text.index("Alice Example: We send a new one") < text.index("Closed by Alice Example")
    )


def test_another_company_finds_nothing_of_a_chat(
    acme: Account, operator: Operator, client_of: SignIn, carol: User, carol_member: Membership
):
    make_operator(carol_member)
    chat = make_closed(acme, operator, "My saddle squeaks")
    stranger = client_of(carol)
    for path in (
        f"/app/chats/{chat.public_id}/", f"/app/archive/{chat.public_id}/", f"/app/archive/{chat.public_id}/text/",
    ):  # fmt: skip
        assert stranger.get(path).status_code == 404
    assert "squeaks" not in stranger.get(f"/app/archive/?before={chat.public_id}").content.decode()
    assert Client().get(f"/app/chats/{chat.public_id}/").status_code == 302


def test_the_owner_changes_origins_and_colour_and_is_told_what_does_not_fit(acme: Account, desk: Client):
    widget = make_widget(acme)
    page = desk.get("/app/settings/widget/").content.decode()
    assert f"/widget/{widget.key}.js&quot; async" in page
    wrong = {"name": "Acme", "allowed_origins": "not an address!", "brand_colour": "yellow"}
    answer = desk.post("/app/settings/widget/", wrong)
    assert answer.status_code == 400
    assert "is not a web address" in answer.content.decode()
    pale = desk.post("/app/settings/widget/", {**wrong, "allowed_origins": "https://shop.example"})
    assert "Enter a colour like #20524a." in pale.content.decode()
    assert Widget.of(acme).get().allowed_origins == widget.allowed_origins
    right = {
        "name": "Acme", "greeting": "Hello", "ask_thirteen": "on", "brand_colour": "#0b6372",
        "allowed_origins": "https://shop.example/path\nhttp://127.0.0.1:8001\n",
    }  # fmt: skip
    assert desk.post("/app/settings/widget/", right).status_code == 302
    saved = Widget.of(acme).get()
    assert saved.allowed_origins == ["https://shop.example", "http://127.0.0.1:8001"]
    assert (saved.brand_colour, saved.ask_thirteen, saved.greeting) == ("#0b6372", True, "Hello")


def test_an_operator_has_no_page_for_the_widget(client_of: SignIn, bob: User, bob_member: Membership):
    make_operator(bob_member)
    bobs = client_of(bob)
    assert bobs.get("/app/settings/widget/").status_code == 404
    assert "/app/settings/widget/" not in bobs.get("/app/archive/").content.decode()


def test_the_frame_may_be_shown_by_the_listed_websites_only(acme: Account, client: Client):
    widget = make_widget(acme)
    answer = client.get(f"/widget/frame/{widget.key}/")
    policy = answer["Content-Security-Policy"]
    assert f"frame-ancestors {widget.allowed_origins[0]};" in f"{policy};"
    assert "X-Frame-Options" not in answer
    assert not answer.cookies
    assert " style=" not in answer.content.decode()


def test_the_loader_is_served_to_any_site_and_everything_else_only_to_ours(client: Client):
    from livechat.static_headers import add_headers

    found: dict[str, str] = {}
    add_headers(found, "/x", "/static/widget/loader.js")
    assert found == {"Cross-Origin-Resource-Policy": "cross-origin"}
    found.clear()
    add_headers(found, "/x", "/static/css/site.css")
    assert found == {}
