"""Goals, sales and refunds by the API, and the pages of goals and refunds."""

from typing import Any

import pytest

from accounts.actions import create_api_key
from accounts.scoping import account_scope
from chat.testing import make_chat, make_operator, make_visitor
from facts.models import Goal, Sale
from facts.testing import count_of, make_goal


@pytest.fixture
def chat(acme: Any, alice_member: Any) -> Any:
    return make_chat(acme, visitor=make_visitor(acme), operator=make_operator(alice_member))


@pytest.fixture
def send(client: Any, acme: Any, alice_member: Any) -> Any:
    with account_scope(acme):
        _key, secret = create_api_key(membership=alice_member, name="Shop", scopes=["sales.record"], days=30)

    def post(path: str, **body: Any) -> tuple[int, dict[str, Any]]:
        answer = client.post(
            f"/api/v1/{path}", body, content_type="application/json", headers={"Authorization": f"Bearer {secret}"}
        )
        return answer.status_code, answer.json()

    return post


ORDER = {"order": "A-1", "amount": "12.50", "currency": "EUR"}


def test_a_server_records_a_sale_once_and_a_refund(send: Any, chat: Any, acme: Any) -> None:
    said = {**ORDER, "visitor": str(chat.visitor.public_id)}
    sale = {"order": "A-1", "amount": "12.50", "refunded": "0.00", "currency": "EUR", "direct": True, "checked": True}
    assert send("sales/", **said) == (200, {"counted": True, "sale": sale})
    assert send("sales/", **said) == (200, {"counted": False, "sale": sale})
    assert send("sales/", **{**said, "amount": "13.00"})[1]["code"] == "conflict"
    assert send("sales/refunds/", order="A-1", amount="2.50") == (200, {**sale, "refunded": "2.50"})
    assert send("sales/refunds/", order="A-1", amount="10.01")[1]["code"] == "too_much"
    assert send("sales/refunds/", order="A-9")[0] == 404
    assert count_of(acme, "sale", name="EUR.direct.checked") == (1, 1250)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [({"amount": 12.5}, 400, "invalid"), ({"amount": "12,50"}, 400, "bad_amount"), ({"order": ""}, 400, "invalid"),
     ({"currency": "XXX"}, 400, "bad_currency"), ({"visitor": "nobody"}, 400, "invalid"),
     ({"visitor": "00000000-0000-4000-8000-000000000000"}, 404, "not_found")],
)  # fmt: skip
def test_what_is_not_right_is_refused_and_nothing_is_kept(
    send: Any, chat: Any, acme: Any, changes: Any, status: int, code: str
) -> None:
    answer = send("sales/", **{**ORDER, "visitor": str(chat.visitor.public_id), **changes})
    assert (answer[0], answer[1]["code"]) == (status, code)
    assert not Sale.of(acme).exists()


def test_a_visitor_of_another_account_is_not_there(send: Any, acme: Any, cakes: Any) -> None:
    foreign = make_visitor(cakes)
    assert send("sales/", **ORDER, visitor=str(foreign.public_id))[0] == 404


def test_a_program_says_that_a_goal_was_reached(send: Any, chat: Any, acme: Any, alice_member: Any) -> None:
    make_goal(alice_member, source="api", word="paid", pattern="")
    assert send("goals/", goal="Paid", chat=str(chat.public_id)) == (200, {"counted": True})
    assert send("goals/", goal="paid", visitor=str(chat.visitor.public_id)) == (200, {"counted": False})
    assert send("goals/", goal="other", chat=str(chat.public_id))[0] == 404
    assert count_of(acme, "goal")[0] == 1


def test_goals_are_added_changed_and_removed_on_their_page(client_of: Any, alice: Any, acme: Any) -> None:
    client = client_of(alice)
    body = {"name": "Booked", "source": "page", "pattern": "", "word": "", "window_days": "7", "touch": "last"}
    refused = client.post("/app/settings/goals/", body)
    assert refused.status_code == 400
    assert "like /thank-you/" in refused.content.decode()
    assert 'value="Booked"' in refused.content.decode()
    assert client.post("/app/settings/goals/", {**body, "pattern": "/booked/"}).status_code == 302
    goal = Goal.of(acme).get()
    own = f"/app/settings/goals/{goal.public_id}/"
    assert client.post(own, {**body, "pattern": "/booked/", "window_days": "40"}).status_code == 400
    assert client.post(own, {**body, "pattern": "/booked/", "window_days": "30"}).status_code == 302
    assert Goal.of(acme).get().window_days == 30
    assert (
        client.post("/app/settings/goals/sales/", {"sales-window_days": "14", "sales-touch": "first"}).status_code
        == 302
    )
    assert "/booked/" in client.get("/app/settings/goals/").content.decode()
    assert client.post(f"{own}remove/").status_code == 302
    assert client.get(own).status_code == 404


def test_a_refund_is_noted_on_its_page(client_of: Any, alice: Any, send: Any, chat: Any, acme: Any) -> None:
    send("sales/", **ORDER, chat=str(chat.public_id))
    client, sale = client_of(alice), Sale.of(acme).get()
    path = f"/app/reports/sales/{sale.public_id}/refund/"
    assert "A-1" in client.get("/app/reports/goals/").content.decode()
    assert client.post(path, {"amount": "20.00"}).status_code == 400
    assert client.post(path, {"amount": "12.50"}).status_code == 302
    assert client.get(path).status_code == 404
    assert "€12.50 given back" in client.get("/app/reports/goals/").content.decode()
