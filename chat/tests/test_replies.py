"""Saved replies: placeholders, who can use and change which, and what a wrong one says."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from chat.actions.replies import delete_reply, save_reply
from chat.desk.replies import check_placeholders, fill, search_replies, values_for
from chat.models import SavedReply
from chat.testing import make_chat, make_operator
from core.errors import Refused
from operators.models import Group, GroupMember

pytestmark = pytest.mark.django_db


def test_placeholders_take_the_value_else_the_words_behind_the_bar(acme: Account, bob_member: Membership):
    bob = make_operator(bob_member)
    named, nameless = make_chat(acme, name="Pat {company}", operator=bob), make_chat(acme, operator=bob)
    text = 'Hi {visitor.name|you}, {operator.name} of { company } here. {visitor.name}! {"a": 1} {visitor.email|-}'
    assert fill(text, values_for(bob, "Acme", named)) == (
        'Hi Pat {company}, Bob Builder of Acme here. Pat {company}! {"a": 1} -'
    )
    assert fill(text, values_for(bob, "Acme", nameless)).startswith("Hi you, Bob Builder of Acme here. there!")
    assert fill("{page.title}|{page.url}", values_for(bob, "Acme", None)) == "|"
    check_placeholders(text)
    with pytest.raises(Refused) as refused:
        check_placeholders("Hi {visitor.nme}")
    assert "{visitor.nme} is not known" in str(refused.value.message)


def test_own_group_and_account_replies_reach_those_they_are_for(
    acme: Account, alice_member: Membership, bob_member: Membership
):
    ada, bob = make_operator(alice_member), make_operator(bob_member)
    with account_scope(acme):
        inside, outside = (Group.objects.create(account=acme, name=name) for name in ("Orders", "Workshop"))
        GroupMember.objects.create(account=acme, group=inside, operator=bob)
        for scope, group, word in (
            ("account", None, "ride"),
            ("group", inside, "ride-in"),
            ("group", outside, "ride-out"),
        ):
            save_reply(by=alice_member, operator=ada, shortcut=word, text="x", scope=scope, group_pk=group and group.pk)
        save_reply(by=alice_member, operator=ada, shortcut="ride", text="of ada", scope="personal")
        mine = save_reply(by=bob_member, operator=bob, shortcut="#ride", text="my own")
        found = [(one.scope, one.shortcut) for one in search_replies(bob, "#RIDE", leads=False)]
        assert found == [("personal", "ride"), ("account", "ride"), ("group", "ride-in")]
        assert [one.shortcut for one in search_replies(bob, "my ow", leads=False)] == ["ride"]
        with pytest.raises(Refused, match="taken"):
            save_reply(by=bob_member, operator=bob, shortcut="Ride", text="twice")
        with pytest.raises(Refused, match="not_allowed"):
            save_reply(by=bob_member, operator=bob, shortcut="all", text="x", scope="account")
        with pytest.raises(Refused, match="not_found"):
            delete_reply(by=alice_member, operator=ada, reply=mine)
        shared = SavedReply.objects.get(scope="account")
        with pytest.raises(Refused, match="not_found"):
            save_reply(by=bob_member, operator=bob, shortcut="ride", text="taken over", reply=shared)


def test_the_page_says_what_is_wrong_and_keeps_what_was_written(
    acme: Account, bob: User, bob_member: Membership, carol_member: Membership, client_of: Callable[[User], Client]
):
    make_operator(bob_member)
    browser = client_of(bob)
    answer = browser.post(
        "/app/settings/replies/", {"shortcut": "two words", "text": "<i>Long</i> text", "scope": "personal"}
    )
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "A shortcut is one word" in page
    assert "&lt;i&gt;Long&lt;/i&gt; text" in page
    browser.post("/app/settings/replies/", {"shortcut": "ok", "text": "Hello {visitor.name}", "scope": "personal"})
    reply = SavedReply.of(acme).get()
    answer = browser.post(f"/app/settings/replies/{reply.public_id}/", {"shortcut": "ok", "text": "{wrong}"})
    assert "{wrong} is not known" in answer.content.decode().replace("&#x27;", "'")
    make_operator(carol_member)
    assert client_of(carol_member.user).get(f"/app/settings/replies/{reply.public_id}/").status_code == 404
    assert browser.post(f"/app/settings/replies/{reply.public_id}/delete/").status_code == 302
    assert not SavedReply.of(acme).exists()
