"""What operators sort and work with, and surveys: some of each, in alice's account."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.scoping import account_scope
from chat.actions.blocks import block_visitor
from chat.actions.chats import close_chat
from chat.actions.replies import save_reply
from chat.actions.tags import tag_chat
from chat.models import Tag
from chat.testing import make_chat, make_visitor
from surveys.actions import fill_in
from surveys.actions.filling import Asked
from surveys.filling import Filled
from surveys.models import Contact, Survey, VisitorContact
from surveys.queries import list_questions
from surveys.testing import make_survey


@dataclass
class Tools:
    """`asked` is a visitor whose chat ended and whom `survey` asks; `secret` is theirs."""

    tag: Tag
    reply: Any
    block: Any
    survey: Survey
    by_link: Survey
    for_members: Survey
    of_the_site: Survey
    contact: Contact
    secret: str


def make_tools(world: Any) -> Tools:
    """Called once the world has chats and operators."""
    account, alice = world.acme, world.alice_operator
    asked = make_visitor(account, name="Needle asked")
    chat = make_chat(account, visitor=asked, text="A needle")
    with account_scope(account):
        tag_chat(operator=alice, chat_pk=world.closed_chat.pk, name="needle tag")
        reply = save_reply(by=world.alice_member, operator=alice, shortcut="needle", text="A needle for you")
        annoying = make_visitor(account, name="Needle annoying")
        block = block_visitor(operator=alice, visitor=annoying, what="session", hours=1, reason="needle")
        close_chat(chat_pk=chat.pk, by="visitor")
        tag = Tag.objects.get()
    by_link = make_survey(account, "link", title="Needle link")
    with account_scope(account):
        filled = Filled({list_questions(by_link)[0].pk: [5]}, name="Needle Pat", email="pat@needle.example")
        fill_in(survey=by_link, asked=Asked(), filled=filled, consent="Known.")
    with scopes_disabled():
        contact = VisitorContact.objects.get()
        assert contact.given_at <= timezone.now()
    return Tools(
        tag=tag, reply=reply, block=block, survey=make_survey(account, title="Needle survey"), by_link=by_link,
        for_members=make_survey(account, "members", title="Needle people"),
        of_the_site=make_survey(None, "link", title="Of the site"), contact=contact, secret=asked.secret,
    )  # fmt: skip
