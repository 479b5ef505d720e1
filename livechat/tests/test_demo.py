import asyncio
import json
import time
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts import queries
from accounts.models import Account, User
from accounts.scoping import account_scope
from accounts.staff import is_support_agent
from chat.models import Chat, Message, Visitor, Widget
from livechat import demo
from notifications.models import Preference
from operators.queries import list_operators
from policies.models import Acceptance
from reports.testing import make_day

SECOND_ORIGIN = "http://127.0.0.1:8001"


@pytest.fixture
def in_development(settings: Any, tmp_path: Any) -> Any:
    """A development site with a second origin and a folder of its own."""
    settings.DEV, settings.VAR, settings.DEMO_ORIGIN = True, tmp_path, SECOND_ORIGIN
    demo._known.clear()
    return settings


def seed() -> str:
    out = StringIO()
    call_command("seed_demo", stdout=out)
    return out.getvalue()


def get(path: str, method: str = "GET") -> tuple[int, dict[str, str], str]:
    """One request to the second origin."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(demo.application({"type": "http", "method": method, "path": path}, None, send))
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, sent[1]["body"].decode()


@pytest.mark.django_db
def test_the_demo_has_people_who_can_log_in_and_three_weeks_of_chats(in_development: Any) -> None:
    started = time.monotonic()
    said = seed()
    assert time.monotonic() - started < 15  # four seconds alone
    acme = Account.objects.get(slug="acme-bikes")
    assert [row.display_name for row in list_operators(acme)] == [
        "Ada Example",
        "Ben Sample",
        "Cleo Demo",
        "Lee Placeholder",
    ]
    logins = json.loads((in_development.VAR / "demo.json").read_text())
    assert {login["email"] for login in logins} >= {"ada@acme-bikes.example", "admin@livechat.example"}
    for login in logins:
        assert User.objects.get(email=login["email"]).check_password(login["password"])
        assert login["password"] in said
    admin = User.objects.get(email="admin@livechat.example")
    assert admin.is_staff and admin.is_superuser and not admin.memberships.exists()
    agent = User.objects.get(email="nora@livechat.example")
    assert is_support_agent(agent) and not agent.is_superuser and not agent.memberships.exists()
    assert queries.public_name(agent) == "Nora of livechat"
    assert Acceptance.objects.filter(user__email="ada@acme-bikes.example").count() == 2
    assert Preference.objects.get().user.email == "ada@acme-bikes.example"
    with account_scope(acme):
        assert Chat.objects.count() >= 250
        assert Chat.objects.exclude(state="closed").count() >= 10
        days = {start.date() for start in Chat.objects.values_list("started_at", flat=True)}
        assert len(days) >= 20
        assert Message.objects.exclude(author="system").values("text").distinct().count() >= 150
        for chat in Chat.objects.all():
            seqs = list(Message.objects.filter(chat=chat).order_by("seq").values_list("seq", flat=True))
            assert seqs == list(range(1, chat.last_seq + 1))
        for operator in list_operators(acme):
            held = Chat.objects.filter(state="open", operator=operator).count()
            assert operator.open_chats == held <= operator.chat_limit


@pytest.mark.django_db
def test_each_page_has_something_to_show(in_development: Any, client_of: Any) -> None:
    seed()
    client = client_of(User.objects.get(email="ada@acme-bikes.example"))
    for path, words in {
        "/app/settings/tags/": ("test ride", "refund"), "/app/settings/replies/": ("#ride-bring", "{visitor.name}"),
        "/app/settings/blocked/": ("Insults in every line", "Advertising"),
        "/app/settings/groups/": ("Bookings", "Workshop"), "/app/surveys/": ("After the test ride", ">16<"),
        "/app/chats/": ("Answer by e-mail", "Dana Proto"), "/app/archive/": ("test ride", "By e-mail"),
    }.items():  # fmt: skip
        body = client.get(path).content.decode()
        assert [word for word in words if word not in body] == [], path
    with account_scope(Account.objects.get(slug="acme-bikes")):
        chat = Chat.objects.get(state="open", visitor__name="Pat Specimen")
    body = client.get(f"/app/chats/{chat.public_id}/").content.decode()
    for word in ("Bookings", "weekday", "The blue demo bike", "Asked before the chat", "Viewed the price list"):
        assert word in body


@pytest.mark.django_db
def test_seeding_twice_adds_nothing(in_development: Any) -> None:
    def counts() -> list[int]:
        acme = Account.objects.get(slug="acme-bikes")
        rows = [Chat.of(acme), Message.of(acme), Visitor.of(acme), Widget.of(acme)]
        return [query.count() for query in rows] + [User.objects.count(), Acceptance.objects.count()]

    first = seed(), counts()
    assert (seed()[:4], counts()) == ("Log ", first[1])


@pytest.mark.django_db
def test_a_real_site_gets_no_demo(settings: Any) -> None:
    settings.DEV = False
    with pytest.raises(CommandError, match="for development"):
        seed()
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_customer_s_page_carries_the_tag_of_the_demo_widget(in_development: Any) -> None:
    seed()
    acme = Account.objects.get(slug="acme-bikes")
    make_day(acme, acme.created_at, chats=1)
    widget = Widget.of(acme).get()
    assert SECOND_ORIGIN in widget.allowed_origins
    for path in ("/demo/", "/demo/cargo/", "/demo/test-ride/"):
        status, headers, body = get(path)
        assert status == 200
        assert f'src="{in_development.PUBLIC_ORIGIN}/widget/{widget.key}.js"' in body
        assert headers["content-security-policy"].startswith("default-src 'none'; script-src http")
        assert "<style" not in body and "style=" not in body


@pytest.mark.django_db(transaction=True)
def test_another_port_at_the_next_start_may_frame_the_chat(in_development: Any) -> None:
    seed()
    in_development.DEMO_ORIGIN = "http://127.0.0.1:9001"
    get("/demo/")
    widget = Widget.of(Account.objects.get(slug="acme-bikes")).get()
    assert widget.allowed_origins == ["https://acme-bikes.example", "http://127.0.0.1:9001"]


@pytest.mark.django_db(transaction=True)
def test_before_the_seed_the_shop_says_that_there_is_no_chat(in_development: Any) -> None:
    status, _, body = get("/demo/")
    assert status == 200 and "There is no chat here yet" in body and "<script" not in body


def test_other_paths_and_methods_are_refused(in_development: Any) -> None:
    assert get("/demo/nothing/")[0] == 404
    assert get("/demo/", method="POST")[0] == 405
    assert get("/")[1]["location"] == "/demo/"
    assert "--leaf" in get("/demo/shop.css")[2]


@pytest.mark.django_db
def test_a_newcomer_takes_the_agents_second_step_with_the_code_that_the_command_says(
    in_development: Any, client: Any
) -> None:
    seed()
    (login,) = [row for row in json.loads((in_development.VAR / "demo.json").read_text()) if "second_step" in row]
    answer = client.post("/account/login/", {"login": login["email"], "password": login["password"]})
    assert answer["Location"] == "/account/2fa/authenticate/"
    out = StringIO()
    call_command("demo_code", stdout=out)
    answer = client.post("/account/2fa/authenticate/", {"code": out.getvalue().strip()})
    assert answer.status_code == 302 and client.get("/app/profile/").status_code == 200


def test_the_code_is_for_development_only(settings: Any) -> None:
    settings.DEV = False
    with pytest.raises(CommandError):
        call_command("demo_code")
