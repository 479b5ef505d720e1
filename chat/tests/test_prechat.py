"""The form before the chat: what an account can build, what a visitor must answer, and where the answers are seen."""

import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from chat.actions.widgets import change_widget
from chat.models import Chat, Widget
from chat.testing import make_operator, make_widget
from chat.window.prechat import Ask, FormRefused, Kind, PreChat, Question, check_filled, check_form, read_form

FORM = PreChat(
    name=Ask.REQUIRED,
    email=Ask.OFF,
    questions=(
        Question("order", "Order number", Kind.LINE, True),
        Question("topic", "Topic", Kind.CHOICE, False, ("Test ride", "Workshop")),
        Question("terms", "I read the terms", Kind.CHECK, True),
    ),
)


def refused(**filled: Any) -> dict[str, str]:
    with pytest.raises(FormRefused) as refusal:
        check_filled(FORM, **{"name": "Pat", "email": "", "answers": {}, **filled})
    return refusal.value.fields


def build(acme: Account, by: Membership, form: PreChat) -> Widget:
    with account_scope(acme):
        return change_widget(widget=make_widget(acme), by=by, form=form.stored())


def test_a_new_widget_asks_for_name_and_address_and_both_are_optional():
    assert read_form({}) == PreChat(Ask.OPTIONAL, Ask.OPTIONAL, False, ())
    assert read_form({"name": "perhaps", "questions": [3, {"label": "x" * 500, "kind": "spell"}]}).questions[0] == (
        Question("", "x" * 120, Kind.LINE)
    )


def test_each_field_that_is_not_right_has_its_own_sentence():
    assert refused(name=" ") == {
        "name": "Enter your name", "order": "Write an answer", "terms": "Tick this box to go on",
    }  # fmt: skip
    right = {"order": "A-17", "terms": "yes"}
    assert refused(answers=right, email="pat@") == {"email": "Enter an e-mail like pat@specimen.example"}
    assert list(refused(answers=right, by_mail=True)) == ["email"], "nobody could answer"


def test_answers_are_kept_with_their_questions_and_what_was_not_asked_is_dropped():
    given = {"order": " A-17 ", "topic": "Something else", "terms": "yes", "stranger": "x"}
    filled = check_filled(FORM, name="Pat", email="", answers=given)
    assert filled.answers == [
        {"question": "Order number", "answer": "A-17"}, {"question": "I read the terms", "answer": "Yes"},
    ]  # fmt: skip


def test_a_form_with_a_question_without_words_or_a_list_without_answers_is_not_stored():
    wrong = PreChat(questions=(Question("a", " "), Question("b", "Which?", Kind.CHOICE, False, ("only one",))))
    with pytest.raises(FormRefused) as refusal:
        check_form(wrong)
    assert set(refusal.value.fields) == {"a", "b"}
    with pytest.raises(FormRefused):
        check_form(PreChat(questions=tuple(Question(f"q{n}", "More?") for n in range(9))))


def test_two_questions_never_share_an_id():
    ids = [one.id for one in check_form(PreChat(questions=(Question("a", "One"), Question("a", "Two")))).questions]
    assert ids[0] == "a" and ids[1] not in ("", "a")


# ---- the editor ----
def test_the_editor_adds_orders_and_removes_without_losing_what_was_typed(
    acme: Account, alice: Any, client: Client
) -> None:
    client.force_login(alice)
    address = f"/app/settings/widget/{make_widget(acme).key}/form/"
    typed = {"name": "required", "email": "off", "q0-id": "aa", "q0-label": "Order number", "q0-kind": "line"}
    page = client.post(address, {**typed, "do": "add"}).content.decode()
    assert 'value="Order number"' in page and 'id="q1-label"' in page
    more = {**typed, "q1-id": "bb", "q1-label": "Which bicycle?", "q1-kind": "choice", "q1-options": "Cargo"}
    moved = client.post(address, {**more, "do": "up-1"}).content.decode()
    assert moved.index("Which bicycle?") < moved.index("Order number")
    with account_scope(acme):
        assert Widget.objects.get().form == {}, "nothing is stored before Save"
    wrong = client.post(address, {**more, "do": "save"})
    assert wrong.status_code == 400
    assert "Give 2 to 12 answers to choose from" in wrong.content.decode()
    assert 'value="Order number"' in wrong.content.decode()
    client.post(address, {**more, "q1-options": "Cargo\nTandem\n\n", "q1-required": "on", "do": "save"})
    with account_scope(acme):
        form = read_form(Widget.objects.get().form)
    assert (form.name, form.email) == ("required", "off")
    assert [(one.id, one.required, one.options) for one in form.questions] == [
        ("aa", False, ()), ("bb", True, ("Cargo", "Tandem")),
    ]  # fmt: skip
    shown = client.get(f"/widget/frame/{make_widget(acme).key}/").content.decode()
    assert "Which bicycle?" in shown and "<option>Tandem</option>" in shown


# ---- the visitor ----
def test_a_start_with_wrong_answers_says_so_at_each_field_and_the_answers_reach_the_operator(
    doors: Any, play: Any, acme: Account, alice: Any, alice_member: Membership
) -> None:
    client = Client(headers={"host": doors.origin.removeprefix("http://")})
    build(acme, alice_member, FORM)
    make_operator(alice_member)
    opened = doors.open_widget(acme)

    async def scenario() -> str:
        dave = await doors.visitor(opened)
        asked = {"t": "start", "id": str(uuid.uuid4()), "text": "Does it fit?", "name": "Dave"}
        await dave.send(**asked)
        wrong = await dave.expect("err")
        assert (wrong["code"], set(wrong["fields"])) == ("bad_form", {"order", "terms"})
        await dave.send(**{**asked, "id": str(uuid.uuid4()), "answers": {"order": "<b>17</b>", "terms": "yes"}})
        return str((await dave.expect("ack"))["chat"])

    chat_id = play(scenario())
    client.force_login(alice)
    page = client.get(f"/app/chats/{chat_id}/").content.decode()
    assert "Order number" in page and "&lt;b&gt;17&lt;/b&gt;" in page and "<b>17</b>" not in page
    with account_scope(acme):
        assert Chat.objects.get().answers[0] == {"question": "Order number", "answer": "<b>17</b>"}
