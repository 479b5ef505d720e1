"""What a team gathers around its chats, for the demo: groups, tags, notes, saved replies, blocks and a survey."""

import random
import uuid

from accounts.models import Account, Membership
from chat.actions.blocks import block_visitor
from chat.actions.notes import add_note
from chat.actions.replies import save_reply
from chat.actions.tags import tag_chat
from chat.actions.widgets import change_widget
from chat.models import Chat, Widget
from facts.actions import reach_goal
from facts.queries import list_goals
from livechat import demo_words as words
from livechat.demo_talks import PAGES
from operators.actions import choose_members, make_group
from operators.models import Group, Operator
from surveys.actions import fill_in, save_survey, switch_survey
from surveys.actions.building import Aim, Draft
from surveys.actions.filling import Asked
from surveys.filling import Filled
from surveys.queries import list_questions

TAGGED = 60  # of the chats, the newest
SHEETS = 16


def make_groups(by: Membership, operators: list[Operator]) -> dict[str, Group]:
    """Two groups, and which of them answers on which page. The first operator is in both."""
    pages: dict[str, Group] = {}
    for number, (name, shown) in enumerate(words.GROUPS.items(), start=1):
        group = make_group(by=by, name=name)
        choose_members(group=group, by=by, operators=[operators[0].pk, operators[number % len(operators)].pk])
        pages |= dict.fromkeys(shown, group)
    return pages


def ask_before_chats(widget: Widget, by: Membership) -> None:
    """The question of the form before the chat, which nobody has to answer."""
    options = list(dict.fromkeys(words.TOPICS.values()))
    question = {"id": "topic", "label": words.TOPIC, "kind": "choice", "required": False, "options": options}
    change_widget(widget=widget, by=by, form={"questions": [question]})


def fill_tools(account: Account, by: Membership, operators: list[Operator]) -> None:
    """Adds all of it to the chats that the demo has. Stands in the account's scope."""
    for shortcut, text, scope in words.REPLIES:
        save_reply(by=by, operator=operators[0], shortcut=shortcut, text=text, scope=scope)
    _tag(operators)
    _work_on_one(account, operators)
    strangers = Chat.objects.filter(state=Chat.State.CLOSED, operator=None).select_related("visitor__account")
    for (what, reason), chat in zip(words.BLOCKS, strangers.order_by("-pk"), strict=False):
        block_visitor(operator=operators[0], visitor=chat.visitor, what=what, hours=72, reason=reason)
    _ask(account)


def _tag(operators: list[Operator]) -> None:
    pick = random.Random(5)  # noqa: S311  demo data, the same every time
    page_of = {title: page for page, (_path, title) in PAGES.items()}
    for chat in Chat.objects.exclude(operator=None).order_by("-pk")[:TAGGED]:
        for name in words.TAGS[page_of[chat.page_title]]:
            if pick.random() < 0.7 or chat.state == Chat.State.OPEN:
                tag_chat(operator=operators[0], chat_pk=chat.pk, name=name)


def _work_on_one(account: Account, operators: list[Operator]) -> None:
    """The chat that a newcomer opens first: a note of a colleague, and what the visitor did on the website."""
    chat = Chat.objects.filter(state=Chat.State.OPEN, operator=operators[0]).order_by("pk").first()
    if chat is None:
        return
    tag_chat(operator=operators[0], chat_pk=chat.pk, name="weekday")
    add_note(chat_pk=chat.pk, operator=operators[1], client_id=uuid.uuid4(), text=words.NOTE)
    for goal in list_goals(account)[1:2]:
        reach_goal(
            account=account, goal=goal, chat_ref=chat.pk, operator_ref=operators[0].pk, group_ref=chat.group_id or 0
        )


def _ask(account: Account) -> None:
    """A survey that goes out as a link, with answers."""
    questions = (
        Draft("rating", "How was the ride?", is_required=True),
        Draft("choice", "Which bike did you try?", ["City 7", "Trekking 9", "Acme Cargo"]),
        Draft("text", "What could be better?"),
    )
    survey = save_survey(
        account=account, actor="system", title=words.SURVEY, intro=words.SURVEY_INTRO, aim=Aim("link"),
        asks_name=True, questions=questions,
    )  # fmt: skip
    switch_survey(survey=survey, is_on=True, actor="system")
    pick = random.Random(6)  # noqa: S311  demo data, the same every time
    rating, bike, better = list_questions(survey)
    for _number in range(SHEETS):
        answers: dict[int, list[int] | str] = {
            rating.pk: [pick.choice((3, 4, 4, 5, 5, 5))], bike.pk: [pick.randrange(3)],
        }  # fmt: skip
        if said := pick.choice(words.IMPROVE):
            answers[better.pk] = said
        fill_in(survey=survey, asked=Asked(), filled=Filled(answers), consent="")
