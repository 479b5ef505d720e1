"""Tags, saved replies, blocks and surveys of the demo company, and the pages that show them."""

from collections.abc import Callable
from datetime import date

from accounts.models import User
from accounts.scoping import account_scope
from chat.actions.blocks import block_visitor
from chat.actions.replies import save_reply
from chat.actions.tags import tag_chat
from chat.models import Block, Chat, SavedReply, Tag, Visitor
from chat.testing import make_visitor
from surveys.actions import fill_in
from surveys.actions.filling import Asked
from surveys.filling import Filled
from surveys.models import Sheet, Survey
from surveys.queries import list_questions
from surveys.testing import make_survey
from tests.looks.chats import closed_chat, open_chat
from tests.looks.look import Look, _chat_of_demo, _leader, owner


def tool_owner() -> User:
    """The owner of the demo company, with twelve tags, twelve saved replies, eleven blocks and a survey."""
    from operators.queries import find_operator_for

    leader = _leader()
    operator = find_operator_for(leader)
    with account_scope(leader.account):
        if Tag.objects.filter(name="test ride 0").exists():
            return leader.user
        closed = list(Chat.objects.filter(state="closed").order_by("-pk")[:4])
        for number, chat in enumerate(closed * 3):
            tag_chat(operator=operator, chat_pk=chat.pk, name=f"test ride {number}")
        for number in range(12):
            scope = "account" if number % 2 else "personal"
            text = "Hi {visitor.name}, your test ride is booked. Please bring an ID and a helmet if you have one."
            save_reply(by=leader, operator=operator, shortcut=f"ride-{number}", text=text, scope=scope)
        for number in range(11):
            visitor = make_visitor(leader.account, name="Robin Mockup", ip_address=f"203.0.113.{number}")
            visitor = Visitor.objects.select_related("account").get(pk=visitor.pk)
            what = "address" if number % 2 else "session"
            block_visitor(operator=operator, visitor=visitor, what=what, hours=24, reason="Insults in every line")
    survey = make_survey(leader.account, "link", title="After the first ride", intro="Five questions, one minute.")
    with account_scope(leader.account):
        stars, about, words = list_questions(survey)
        for number in range(12):
            filled = Filled(
                {stars.pk: [number % 5 + 1], about.pk: [number % 2], words.pk: "A longer ride would be good."},
                name="" if number else "Pat Specimen",
            )
            fill_in(survey=survey, asked=Asked(), filled=filled, consent="Known.")
        Sheet.objects.update(month=date(2030, 5, 1))
        assert SavedReply.objects.count() >= 12 and Block.objects.count() >= 11
    for number in range(10):
        make_survey(leader.account, title=f"How was it? {number}", is_on=number % 2 == 0)
    return leader.user


def tagged_chat() -> str:
    """A chat that the owner holds, with two tags and two files."""
    from operators.queries import find_operator_for

    open_chat()  # with a document and a picture
    chat, leader = _chat_of_demo(state="open", operator__membership__user=owner()), _leader()
    operator = find_operator_for(leader)
    with account_scope(leader.account):
        for name in ("test ride", "weekday"):
            tag_chat(operator=operator, chat_pk=chat.pk, name=name)
    return f"/app/chats/{chat.public_id}/"


def closed_page(name: str) -> Callable[[], str]:
    """A page about a chat of the archive."""

    def path() -> str:
        return f"{closed_chat()}{name}/"

    return path


def survey_page(name: str = "") -> Callable[[], str]:
    """A page about the demo's filled-in survey."""

    def path() -> str:
        return f"/app/surveys/{_survey().public_id}/{name}"

    return path


def _survey() -> Survey:
    tool_owner()
    return Survey.of(_leader().account).get(title="After the first ride")


def survey_link() -> str:
    """The page of whoever has the survey's link."""
    return f"/surveys/{_survey().key}/"


CONSOLE_LATER = {
    "sub": "of a saved reply: shown while one types #",
    "badge": "of a colleague in the transfer: drawn when it opens",
    "badge-ok": "of a colleague in the transfer: drawn when it opens",
    "badge-wait": "of a colleague in the transfer: drawn when it opens",
}

TOOLS: list[Look] = [
    Look("console", tagged_chat, "console", user=owner, rows=".chat-row", left_out=CONSOLE_LATER),
    Look("tags", "/app/settings/tags/", user=tool_owner, rows="tbody tr"),
    Look("replies", "/app/settings/replies/", user=tool_owner, rows="tbody tr"),
    Look("blocked", "/app/settings/blocked/", user=tool_owner, rows="tbody tr"),
    Look("block", closed_page("block"), user=tool_owner),
    Look("surveys", "/app/surveys/", user=tool_owner, rows="tbody tr"),
    Look("survey-build", survey_page(), user=tool_owner),
    Look("survey-new", "/app/surveys/new/", user=tool_owner),
    Look("survey-preview", survey_page("preview/"), user=tool_owner),
    Look("survey-results", survey_page("results/"), user=tool_owner, rows=".bars tr, .rows li"),
    Look("survey-link", survey_link),
]
