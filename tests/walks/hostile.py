"""Text that means harm, one in every field in which somebody writes, and a company that is full of it.

Each field has a text of its own with a word that stands nowhere else, so that a page that shows it is known by it. The
fields come from the models: `FIELDS` and `OTHER` together name every text of these apps, or the walk fails and says
which one is new.
"""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.apps import apps
from django.db import models

from accounts.actions import block_member
from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from accounts.testing import make_agent, make_public, make_user
from chat.actions import blocks, chats, drafts, edits, notes, replies, tags
from chat.actions.mailing import ask_transcript
from chat.actions.visitors import open_widget, see_page
from chat.actions.widgets import change_widget
from chat.files import store
from chat.models import Chat, Visitor
from chat.testing import DEVICE, PDF, make_operator, make_visitor, make_widget, say, send_file
from facts.actions import record_sale
from facts.actions.sales import Touched
from facts.testing import make_goal
from forum.actions import edit_post, set_states
from forum.actions import save_draft as save_forum_draft
from forum.actions.moderating import Why, act_on_posts
from forum.actions.reporting import report_post
from forum.actions.undoing import answer_objection, object_to_act
from forum.models import ModerationAct, Post, State
from forum.testing import make_post, make_topic, make_writer
from operators.actions import change_hours, choose_members, make_group, rename_operator
from operators.models import Operator
from surveys.actions import fill_in
from surveys.actions.building import Draft as Planned
from surveys.actions.filling import Asked
from surveys.filling import Filled
from surveys.queries import list_questions
from surveys.testing import make_survey

APPS = ("chat", "surveys", "operators", "facts", "forum")
ATTACKS = [
    "<script>pwn()</script>", "<x-pwn onclick=pwn()>", "\"><img src=x onerror=pwn()>", "'-pwn()-'",
    "<svg/onload=pwn()>",
    "</script></title></textarea><x-pwn>", "{{7*7}}{% now 'Y' %}${7*7}", "$& $' $` $$ %n %s %(x)s {0}", "=1+1",
    "javascript:pwn()", "data:text/html,<x-pwn>", "<!--<x-pwn>--!>", "]]><x-pwn>", "\\u003cx-pwn\\u003e%3Cx-pwn%3E",
    "&lt;x-pwn&gt; &#60;x-pwn&#62;", "https://evil.example/\"onmouseover=pwn()", "http://a@evil.example/",
    "<style>*{background:url(//evil.example/c)}</style>", "<noscript><p title=\"</noscript><x-pwn>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=x onerror=pwn()&gt;\">",
    "<iframe src=//evil.example>", "<base href=//evil.example/>", "<meta http-equiv=refresh content=0;//evil.example>",
    '","x":"', "zero\u200bwidth\u200djoined", "\u0645\u0631\u062d\u0628\u0627", "e\u0301\u0302\u0303", "W" * 70,
]  # fmt: skip
MAIL = '"<img/src=x/onerror=pwn()>"@specimen.example'  # an address by the rules of mail

# field -> how long its text may be
FIELDS = {
    "chat.Widget.name": 120, "chat.Widget.greeting": 200, "chat.Widget.form": 120, "chat.Widget.greetings": 160,
    "chat.Visitor.name": 80, "chat.Visitor.email": 0, "chat.Visitor.page_url": 500, "chat.Visitor.page_title": 200,
    "chat.Visitor.referrer": 500, "chat.Visitor.external_id": 120, "chat.Chat.last_text": 200,
    "chat.Chat.rating_comment": 1000, "chat.Chat.page_url": 500, "chat.Chat.page_title": 200, "chat.Chat.answers": 200,
    "chat.Message.text": 2000, "chat.Message.file": 120, "chat.Note.text": 2000, "chat.Attachment.name": 120,
    "chat.MessageVersion.text": 600, "chat.Tag.name": 40, "chat.SavedReply.text": 2000, "chat.Draft.text": 600,
    "chat.Block.reason": 200, "surveys.Survey.title": 120, "surveys.Survey.intro": 500, "surveys.Question.label": 200,
    "surveys.Question.options": 120, "surveys.Answer.text": 900, "surveys.VisitorContact.name": 80,
    "surveys.VisitorContact.email": 0, "operators.Operator.display_name": 120, "operators.Group.name": 60,
    "operators.OpeningHours.holidays": 60, "facts.Goal.name": 80, "facts.Goal.pattern": 200, "facts.Sale.order": 64,
    "accounts.Account.company": 120, "accounts.User.name": 50, "accounts.User.surname": 50,
    "forum.Topic.title": 120, "forum.Post.text": 2000, "forum.PostVersion.text": 900, "forum.Draft.title": 120,
    "forum.Draft.text": 900, "forum.ModerationAct.text": 900, "forum.ModerationAct.undone_text": 600,
    "forum.Report.text": 450, "forum.Objection.text": 900, "forum.Objection.answer": 600,
    "accounts.User.display_name": 40,
}  # fmt: skip
OTHER = {
    "forum.Category.slug": "letters, digits, hyphens", "forum.Category.name": "a text of our staff",
    "forum.Category.description": "a text of our staff", "forum.Category.icon": "a name of ours",
    "forum.Topic.slug": "letters, digits, hyphens: slug_of", "forum.Post.rendered": "made of the text by core.text",
    "forum.Check.fingerprint": "a hash", "forum.Check.network": "a hash",
    "forum.Check.findings": "names of rules and numbers",
    "forum.Post.words": "made of the text by core.text: the walk looks at search and lists",
    "chat.Widget.key": "made by the server", "chat.Widget.identity_secret": "sealed, shown once",
    "chat.Widget.allowed_origins": "scheme, host and port only: origin_of", "chat.Widget.brand_colour": "#rrggbb only",
    "chat.Widget.language": "one of a list", "chat.Widget.seen_on": "keys are allowed_origins",
    "chat.Visitor.secret_hash": "a hash", "chat.Visitor.previous_secret_hash": "a hash",
    "chat.Visitor.browser": "a name of ours: read_device", "chat.Visitor.system": "a name of ours: read_device",
    "chat.Visitor.language": "one of a list", "chat.Message.event": "a word of ours",
    "chat.Note.mentions": "keys of operators", "chat.Attachment.content_type": "one of a list: by content",
    "chat.Attachment.path": "made by the server", "chat.SavedReply.shortcut": "letters, digits, hyphens: read_shortcut",
    "chat.Block.network": "a network", "chat.BoardReceipt.text": "a sentence of ours with the company's name",
    "chat.BoardReceipt.text_hash": "a hash", "surveys.Survey.key": "made by the server",
    "surveys.VisitorContact.key": "made by the server", "surveys.VisitorContact.text_hash": "a hash",
    "surveys.MemberContact.key": "made by the server", "surveys.MemberContact.text_hash": "a hash",
    "surveys.MemberContact.name": "the same part of a page as VisitorContact",
    "surveys.MemberContact.email": "the same part of a page as VisitorContact",
    "operators.OpeningHours.week": "times only: read_spans", "facts.Goal.word": "see its pattern: the same place",
    "facts.Sale.currency": "one of ISO 4217", "facts.Fact.name": "a key of ours", "facts.HourSum.name": "a key of ours",
    "facts.DaySum.name": "a key of ours", "operators.Invitation.name": "the walk of invitations",
    "operators.Invitation.email": "the walk of invitations", "operators.Invitation.address_hash": "a hash",
    "operators.Invitation.token_hash": "a hash", "operators.Invitation.link_hash": "a hash",
    "operators.ImportRow.name": "the walk of the import", "operators.ImportRow.email": "the walk of the import",
}  # fmt: skip
# requests, which have a walk of their own: test_hostile_requests.py
REQUESTS = {
    "support.SupportRequest.subject": 200, "support.SupportRequest.name": 80, "support.SupportRequest.surname": 80,
    "support.SupportRequest.email": 0, "support.SupportRequest.company": 120, "support.SupportRequest.address": 250,
    "support.SupportRequest.website": 250, "support.SupportRequest.rating_comment": 1000,
    "support.RequestTag.name": 40, "support.RequestFile.name": 120, "support.SavedReply.title": 80,
    "support.SavedReply.text": 2000, "support.DeskHours.holidays": 60, "support.StaffGrant.reason": 200,
}  # fmt: skip
# what no name of a file may hold is left out of these
FILES = {"chat.Attachment.name", "chat.Message.file", "support.RequestFile.name"}
# written and read, and in no column
LOOSE = {"search": 200, "typed": 2000, "reply": 2000, "page": 200, "rated": 900}


def text_fields(of: tuple[str, ...] = APPS) -> set[str]:
    """Every column of these apps that can hold words and offers no list to choose from."""
    kinds = (models.CharField, models.TextField, models.JSONField)
    return {
        f"{model._meta.label}.{column.name}"
        for app in of
        for model in apps.get_app_config(app).get_models()
        for column in model._meta.concrete_fields
        if isinstance(column, kinds) and not column.choices
    }


def hostile(name: str) -> str:
    """The text of a field: its own word, then attacks, others first in each, as many as there is room for."""
    if name.endswith(".email"):
        return MAIL
    names = [*FIELDS, *LOOSE, *REQUESTS]
    number, room = names.index(name), {**FIELDS, **LOOSE, **REQUESTS}[name]
    text = f"zq{number:02}"
    turned = ATTACKS[number % len(ATTACKS) :] + ATTACKS[: number % len(ATTACKS)]
    for attack in turned:
        if name in FILES and set("/\\") & set(attack):
            continue  # the name of a file begins behind the last of these
        if len(text) + 1 + len(attack) <= room:
            text += f" {attack}"
    return store.clean_name(text, "pdf") if name in FILES else text


def address(name: str) -> str:
    """The text in an address: as much of it as a browser would leave unchanged."""
    return f"https://acme-bikes.example/?q={quote(hostile(name), safe='<>()=;:/')}"[:480]


@dataclass
class Hostile:
    """What was made; `texts` is field -> what must be readable, as it stands, on some page."""

    account: Account
    chat: Chat
    closed: Chat
    tag: Any
    reply: Any
    group: Any
    survey: Any
    link: Any
    goal: Any
    topic: Any
    forum_draft: Any
    texts: dict[str, str] = field(default_factory=dict)


def make_hostile(acme: Account, owner: Membership) -> Hostile:
    """The company, its tools, an open chat of a visitor who waits for the operator, and a closed one."""
    Account.objects.filter(pk=acme.pk).update(company=hostile("accounts.Account.company"))
    User.objects.filter(pk=owner.user_id).update(
        name=hostile("accounts.User.name"),
        surname=hostile("accounts.User.surname"),
        display_name=hostile("accounts.User.display_name"),
    )
    named = User.objects.get(pk=owner.user_id)
    other = make_user()
    User.objects.filter(pk=other.pk).update(display_name=named.display_name)
    block_member(user=named, other=other)
    for one in (acme, owner, owner.user):
        one.refresh_from_db()
    alice = make_operator(owner)
    rename_operator(user=owner.user)
    with account_scope(acme):
        Operator.objects.filter(pk=alice.pk).update(display_name=hostile("operators.Operator.display_name"))
        alice.refresh_from_db()
        group = make_group(by=owner, name=hostile("operators.Group.name"))
        for one in (group, make_group(by=owner, name="Workshop")):  # a choice of one is none
            choose_members(group=one, by=owner, operators=[alice.pk])
        days = [{"date": "2030-12-25", "name": hostile("operators.OpeningHours.holidays")}]
        change_hours(by=owner, is_on=False, week={"mon": [["09:00", "17:00"]]}, holidays=days)
        _dress_widget(acme, owner)
        tag = tags.add_tag(by=owner, name=hostile("chat.Tag.name"))
        reply = replies.save_reply(
            by=owner, operator=alice, shortcut="harm", text=hostile("chat.SavedReply.text"), scope="account"
        )
    chat, closed = _open_chat(acme, alice, owner), _closed_chat(acme, alice)
    goal = make_goal(owner, name=hostile("facts.Goal.name"), pattern=hostile("facts.Goal.pattern"))
    touched = Touched(chat.visitor_id, chat.pk, alice.pk, 0, is_direct=True)
    record_sale(
        account=acme, order=hostile("facts.Sale.order"), amount="12.50", currency="EUR", touched=touched, checked=True
    )
    survey, link = (_make_survey(acme, kind) for kind in ("visitors", "link"))
    texts = {name: hostile(name) for name in FIELDS if not name.endswith("_url") and name != "chat.Visitor.referrer"}
    topic, draft = make_hostile_topic(owner.user)
    return Hostile(acme, chat, closed, tag, reply, group, survey, link, goal, topic, draft, texts)


def make_hostile_topic(author: User) -> tuple[Any, Any]:
    """A topic in the public forum that was edited once, an answer to it, and a draft."""
    make_writer(make_public(author, "Alice in public"))
    topic = make_topic(author, title=hostile("forum.Topic.title"), text=hostile("forum.PostVersion.text"))
    post = Post.objects.get(topic=topic, number=1)
    edit_post(post=post, editor=author, text=hostile("forum.Post.text"))
    make_post(topic, author, hostile("forum.Post.text"))
    _decide(topic, author)
    draft = save_forum_draft(user=author, title=hostile("forum.Draft.title"), text=hostile("forum.Draft.text"))
    return topic, draft


def _decide(topic: Any, author: User) -> None:
    """A report, a decision with an objection that waits, and one whose objection was granted."""
    set_states(Post.objects.filter(topic=topic), State.PUBLISHED)
    agent, other = make_agent(), make_agent()
    report_post(
        post=Post.objects.get(topic=topic, number=1), reporter=make_writer(), reason="other",
        text=hostile("forum.Report.text"),
    )  # fmt: skip
    for number in range(2):
        post = make_post(topic, author, f"A short answer {number}")
        why = Why("other", hostile("forum.ModerationAct.text"))
        act = act_on_posts(kind="hide", posts=[post.pk], why=why, by=agent)[0]
        objection = object_to_act(act=act, member=author, text=hostile("forum.Objection.text"))
        if number:
            answer = hostile("forum.Objection.answer")
            answer_objection(objection=objection.pk, is_granted=True, answer=answer, by=other)
            ModerationAct.objects.filter(pk=act.pk).update(undone_text=hostile("forum.ModerationAct.undone_text"))


def _dress_widget(acme: Account, owner: Membership) -> None:
    label, option = hostile("chat.Widget.form"), hostile("chat.Tag.name")
    questions = [
        {"id": "a", "label": label, "kind": "line", "required": False, "options": []},
        {"id": "b", "label": "Which?", "kind": "choice", "required": False, "options": [option, "Another"]},
    ]
    rule = {"text": hostile("chat.Widget.greetings"), "page": "*", "after": "0", "times": "1", "first": False}
    change_widget(
        widget=make_widget(acme), by=owner, name=hostile("chat.Widget.name"), greeting=hostile("chat.Widget.greeting"),
        form={"name": "optional", "email": "optional", "group": True, "questions": questions}, greetings=[rule],
    )  # fmt: skip


def _visitor(acme: Account) -> Visitor:
    page = {"url": "", "title": "", "referrer": address("chat.Visitor.referrer")}
    with account_scope(acme):
        visitor, _secret = open_widget(widget=make_widget(acme), visitor=None, device=DEVICE, page=page)
        Visitor.objects.filter(pk=visitor.pk).update(external_id=hostile("chat.Visitor.external_id"))
        visitor.refresh_from_db()
    return visitor


def _start(acme: Account, visitor: Visitor, text: str, email: str) -> Chat:
    question, answer = hostile("chat.Widget.form"), hostile("chat.Chat.answers")
    with account_scope(acme):
        chat = chats.start_chat(
            visitor=visitor, client_id=uuid.uuid4(), text=text, name=hostile("chat.Visitor.name"), email=email,
            page_url=address("chat.Chat.page_url"), page_title=hostile("chat.Chat.page_title"),
            answers=[{"question": question, "answer": answer}],
        )  # fmt: skip
        see_page(visitor_pk=visitor.pk, url=address("chat.Visitor.page_url"), title=hostile("chat.Visitor.page_title"))
        return chat


def _open_chat(acme: Account, alice: Operator, owner: Membership) -> Chat:
    """A chat that alice has: edited, noted, tagged, with a file, a draft, and a last line."""
    chat = _start(acme, _visitor(acme), hostile("chat.MessageVersion.text"), MAIL)
    with account_scope(acme):
        chats.accept_chat(operator=alice, chat_pk=chat.pk)
        edits.edit_line(chat_pk=chat.pk, seq=1, client_id=uuid.uuid4(), text=hostile("chat.Message.text"))
        say(chat, hostile("chat.Message.text"), operator=alice)
        notes.add_note(
            chat_pk=chat.pk, operator=alice, client_id=uuid.uuid4(), text=hostile("chat.Note.text"),
            mentions=[alice.pk],
        )  # fmt: skip
        tags.tag_chat(operator=alice, chat_pk=chat.pk, name=hostile("chat.Tag.name"))
        send_file(chat, hostile("chat.Attachment.name"), PDF)
        say(chat, hostile("chat.Chat.last_text"))
        drafts.save_draft(chat_pk=chat.pk, operator=alice, text=hostile("chat.Draft.text"))
        return Chat.objects.select_related("visitor", "operator", "account").get(pk=chat.pk)


def _closed_chat(acme: Account, alice: Operator) -> Chat:
    """One of the archive: rated with words, blocked with a reason, and mailed to its visitor."""
    visitor = make_visitor(acme)
    chat = _start(acme, visitor, hostile("chat.MessageVersion.text"), "pat@specimen.example")
    with account_scope(acme):
        chats.accept_chat(operator=alice, chat_pk=chat.pk)
        edits.edit_line(chat_pk=chat.pk, seq=1, client_id=uuid.uuid4(), text=hostile("chat.Message.text"))
        tags.tag_chat(operator=alice, chat_pk=chat.pk, name=hostile("chat.Tag.name"))
        notes.add_note(chat_pk=chat.pk, operator=alice, client_id=uuid.uuid4(), text=hostile("chat.Note.text"))
        send_file(chat, hostile("chat.Message.file"), PDF, operator=alice)
        say(chat, hostile("chat.Chat.last_text"))
        chats.close_chat(chat_pk=chat.pk, by=Chat.ClosedBy.OPERATOR, operator=alice)
        chats.rate_chat(chat_pk=chat.pk, value="bad", comment=hostile("chat.Chat.rating_comment"))
        chat = Chat.objects.select_related("visitor", "operator", "account", "widget").get(pk=chat.pk)
        ask_transcript(chat=chat, email="pat@specimen.example")
        annoying = Visitor.objects.get(pk=visitor.pk)
        blocks.block_visitor(
            operator=alice, visitor=annoying, what="session", hours=5, reason=hostile("chat.Block.reason")
        )
    return chat


def _make_survey(acme: Account, kind: str) -> Any:
    """A survey that visitors are asked, or whoever has the link; that one is filled in by seven."""
    label = hostile("surveys.Question.label")
    planned = [
        Planned("rating", "How was it?"), Planned("text", label),
        Planned("choice", "Which?", [hostile("surveys.Question.options"), "Another"]),
    ]  # fmt: skip
    survey = make_survey(
        acme, kind, title=hostile("surveys.Survey.title"), intro=hostile("surveys.Survey.intro"), questions=planned
    )
    with account_scope(acme):
        stars, words, which = list_questions(survey)
        answers: dict[int, Any] = {stars.pk: [4], words.pk: hostile("surveys.Answer.text"), which.pk: [0]}
        for _ in range(7 if kind == "link" else 0):
            name = hostile("surveys.VisitorContact.name")
            fill_in(survey=survey, asked=Asked(), filled=Filled(answers, name=name, email=MAIL), consent="Known.")
    return survey


def rows_with(name: str) -> bool:
    """Whether a row holds the text of a field as it was written."""
    label, column = name.rsplit(".", 1)
    wanted = address(name) if name.endswith("_url") or name == "chat.Visitor.referrer" else hostile(name)
    values = apps.get_model(label)._base_manager.values_list(column, flat=True)
    return any(wanted in (value if isinstance(value, str) else _words(value)) for value in values)


def _words(value: Any) -> str:
    """Every text inside of JSON."""
    if isinstance(value, dict):
        return "\n".join(_words(one) for one in value.values())
    if isinstance(value, list):
        return "\n".join(map(_words, value))
    return value if isinstance(value, str) else json.dumps(value)
