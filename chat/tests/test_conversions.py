"""Goals and sales: which chat they belong to, that each counts once, and that money stays exact (S19, S20)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.scoping import account_scope, scopes_disabled
from chat.actions.chats import close_chat
from chat.actions.conversions import count_goal, count_page, count_sale
from chat.actions.visitors import delete_visitor
from chat.models import Chat
from chat.testing import make_chat, make_operator, make_visitor
from core.errors import Refused
from facts.actions import change_sale_settings, refund_sale, remove_goal
from facts.models import Sale
from facts.testing import count_of, differing_sums, make_goal
from privacy.actions.retention import apply_retention


@pytest.fixture
def team(acme: Any, alice_member: Any, bob_member: Any) -> Any:
    return make_operator(alice_member), make_operator(bob_member)


def past_chat(acme: Any, visitor: Any, operator: Any, days: float) -> Chat:
    """A chat that ended some days ago."""
    chat = make_chat(acme, visitor=visitor, operator=operator)
    at = timezone.now() - timedelta(days=days)
    with account_scope(acme):
        close_chat(chat_pk=chat.pk, by="visitor")
        Chat.objects.filter(pk=chat.pk).update(started_at=at, last_at=at, closed_at=at)
    return chat


def reach(acme: Any, goal: Any, visitor: Any) -> bool:
    with account_scope(acme):
        return count_goal(account=acme, visitor_pk=visitor.pk, goal=goal)


def sell(acme: Any, visitor: Any, order: str = "A-1", amount: str = "12.50", checked: bool = False, **more: Any) -> Any:
    with account_scope(acme):
        return count_sale(
            account=acme, visitor_pk=visitor.pk if visitor else None, order=order, amount=amount,
            currency=more.get("currency", "EUR"), checked=checked,
        )  # fmt: skip


@pytest.mark.parametrize(("touch", "who"), [("first", 0), ("last", 1)])
def test_a_goal_belongs_to_the_first_or_the_last_chat_of_its_days(
    acme: Any, alice_member: Any, team: Any, touch: str, who: int
) -> None:
    visitor = make_visitor(acme)
    goal = make_goal(alice_member, touch=touch, window_days=7)
    past_chat(acme, visitor, team[0], days=30)  # before the days
    past_chat(acme, visitor, team[0], days=5)
    past_chat(acme, visitor, team[1], days=1)
    assert reach(acme, goal, visitor)
    assert not reach(acme, goal, visitor)
    assert count_of(acme, "goal", operator_ref=team[who].pk, name=str(goal.pk))[0] == 1
    assert count_of(acme, "goal")[0] == 1
    assert differing_sums(acme) == 0


def test_without_a_chat_that_somebody_took_no_goal_counts(acme: Any, alice_member: Any, team: Any) -> None:
    goal, visitor = make_goal(alice_member, window_days=1), make_visitor(acme)
    assert not reach(acme, goal, visitor)
    past_chat(acme, visitor, team[0], days=2)
    assert not reach(acme, goal, visitor)
    make_chat(acme, visitor=visitor)
    assert not reach(acme, goal, visitor)


def test_a_page_reaches_its_goals_and_no_other(acme: Any, alice_member: Any, team: Any) -> None:
    visitor = make_visitor(acme)
    make_chat(acme, visitor=visitor, operator=team[0])
    thanks, prices = make_goal(alice_member), make_goal(alice_member, name="Prices", pattern="/prices")
    with account_scope(acme):
        counted = [
            count_page(account=acme, visitor_pk=visitor.pk, url=url, goals=[thanks, prices])
            for url in ("https://acme-bikes.example/", "https://acme-bikes.example/thank-you/?order=7")
        ]
    assert counted == [[], [thanks]]


def test_goals_are_set_by_leaders_and_their_words_are_once(
    alice_member: Any, bob_member: Any, carol_member: Any
) -> None:
    event = {"source": "event", "word": "Booked", "pattern": ""}
    goal = make_goal(alice_member, **event)
    assert goal.word == "booked"
    for member, code in ((alice_member, "taken"), (bob_member, "not_found")):
        with pytest.raises(Refused) as refused:
            make_goal(member, **event)
        assert refused.value.code == code
    make_goal(carol_member, **event)
    with pytest.raises(Refused):
        remove_goal(goal=goal, by=carol_member)
    remove_goal(goal=goal, by=alice_member)
    make_goal(alice_member, **event)
    for wrong in ({"window_days": 31}, {"touch": "all"}, {"pattern": "*"}, {"name": " "}, {"source": "other"}):
        with pytest.raises(Refused) as refused:
            make_goal(alice_member, **wrong)
        assert refused.value.code == "bad_goal"


def test_a_sale_counts_once_and_during_the_chat_it_is_direct(acme: Any, team: Any) -> None:
    visitor = make_visitor(acme)
    past_chat(acme, visitor, team[1], days=1)
    make_chat(acme, visitor=visitor, operator=team[0])
    sale, is_new = sell(acme, visitor)
    assert (sale.amount, sale.is_direct, sale.is_checked, is_new) == (1250, True, False, True)
    again, is_new = sell(acme, visitor, amount="99.00")
    assert (again.pk, again.amount, is_new) == (sale.pk, 1250, False)
    assert count_of(acme, "sale", operator_ref=team[0].pk, name="EUR.direct.told") == (1, 1250)
    assert count_of(acme, "sale") == (1, 1250)


def test_a_later_sale_belongs_to_a_chat_of_the_chosen_days(acme: Any, alice_member: Any, team: Any) -> None:
    visitor = make_visitor(acme)
    past_chat(acme, visitor, team[0], days=10)
    assert sell(acme, visitor) == (None, False)
    with account_scope(acme):
        change_sale_settings(by=alice_member, touch="first", window_days=30)
    past_chat(acme, visitor, team[1], days=1)
    sale, _ = sell(acme, visitor)
    assert (sale.is_direct, sale.operator_ref) == (False, team[0].pk)


def test_the_server_of_the_account_puts_right_what_a_browser_said(acme: Any, alice_member: Any, team: Any) -> None:
    visitor = make_visitor(acme)
    make_chat(acme, visitor=visitor, operator=team[0])
    sell(acme, visitor, amount="1.00")
    sale, is_new = sell(acme, None, amount="120.00", checked=True)
    assert (sale.amount, sale.is_checked, is_new) == (12000, True, False)
    assert sell(acme, None, amount="120.00", checked=True)[0].pk == sale.pk
    with pytest.raises(Refused) as refused:
        sell(acme, None, amount="121.00", checked=True)
    assert refused.value.code == "conflict"
    assert sell(acme, visitor, amount="5.00")[0].amount == 12000
    assert count_of(acme, "sale", name="EUR.direct.told") == (0, 0)
    assert count_of(acme, "sale", name="EUR.direct.checked") == (1, 12000)
    assert differing_sums(acme) == 0


def test_currencies_are_counted_apart_and_refunds_never_exceed_a_sale(acme: Any, alice_member: Any, team: Any) -> None:
    visitor = make_visitor(acme)
    make_chat(acme, visitor=visitor, operator=team[0])
    sell(acme, visitor, "A-1", "100.00")
    sell(acme, visitor, "A-2", "1000", currency="JPY")
    with account_scope(acme):
        refund_sale(account=acme, order="A-1", by=alice_member, amount="30.10")
        with pytest.raises(Refused) as refused:
            refund_sale(account=acme, order="A-1", by=alice_member, amount="69.91")
        assert refused.value.code == "too_much"
        assert refund_sale(account=acme, order="A-1", by=alice_member).refunded == 10000
        with pytest.raises(Refused):
            refund_sale(account=acme, order="A-3", by=alice_member)
    assert count_of(acme, "refund", name="EUR.direct.told") == (2, 10000)
    assert count_of(acme, "sale", name="JPY.direct.told") == (1, 1000)
    assert differing_sums(acme) == 0


def test_a_visitor_who_is_deleted_takes_the_number_of_the_order_along(acme: Any, team: Any) -> None:
    visitor = make_visitor(acme)
    make_chat(acme, visitor=visitor, operator=team[0])
    sell(acme, visitor, "NEEDLE-7")
    with account_scope(acme):
        delete_visitor(visitor=visitor)
    with scopes_disabled():
        sale = Sale.objects.get()
        assert (sale.order, sale.visitor_ref, sale.amount) == ("", 0, 1250)
        apply_retention(now=timezone.now() + timedelta(days=399))
        assert Sale.objects.exists()
        apply_retention(now=timezone.now() + timedelta(days=402))
        assert not Sale.objects.exists()
    assert count_of(acme, "sale") == (0, 0)
    assert differing_sums(acme) == 0


def test_a_website_says_goals_and_sales_through_the_widget(
    acme: Any, alice_member: Any, doors: Any, play: Any, transactional_db: None
) -> None:
    make_goal(alice_member, source="event", word="booked", pattern="")
    make_goal(alice_member, name="Thanks")
    opened, ticket = doors.open_widget(acme), doors.console_ticket(alice_member)

    async def scene() -> list[Any]:
        alice = await doors.console(ticket)
        await alice.expect("ready")
        dave = await doors.visitor(opened)
        await dave.expect("ready")
        await dave.send(t="goal", name="booked")
        early = await dave.expect("noted")
        await dave.send(t="start", id="0193f000-0000-7000-8000-000000000001", text="Hello")
        chat = (await dave.expect("ack"))["chat"]
        await alice.send(t="accept", chat=chat)
        await alice.expect("took")
        heard = [early]
        for frame in (
            {"t": "goal", "name": "Booked"}, {"t": "goal", "name": "booked"},
            {"t": "sale", "amount": "12.50", "currency": "EUR", "order": "A-1"},
            {"t": "sale", "amount": "12.50", "currency": "EUR", "order": "A-1"},
        ):  # fmt: skip
            await dave.send(**frame)
            heard.append(await dave.expect("noted"))
        refused = []
        for frame in (
            {"t": "goal", "name": "nothing"}, {"t": "sale", "amount": 12.5, "currency": "EUR", "order": "A-2"},
            {"t": "sale", "amount": "12.505", "currency": "EUR", "order": "A-2"},
            {"t": "sale", "amount": "1", "currency": "XXX", "order": "A-2"},
        ):  # fmt: skip
            await dave.send(**frame)
            refused.append((await dave.expect("err"))["code"])
        await dave.send(t="page", url="https://acme-bikes.example/thank-you/", title="Thanks")
        await dave.send(t="since", seq=0)
        await dave.expect("lines")
        await dave.close()
        await alice.close()
        return [[one["counted"] for one in heard], refused]

    counted, refused = play(scene())
    assert counted == [False, True, False, True, False]
    assert refused == ["bad_goal", "bad_frame", "bad_sale", "bad_sale"]
    assert count_of(acme, "goal")[0] == 2
    assert count_of(acme, "sale") == (1, 1250)
    assert differing_sums(acme) == 0
