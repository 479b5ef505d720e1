"""Tags: on and off a chat, the account's list, and who may change it."""

from collections.abc import Callable

import pytest
from django.test import Client

from accounts.models import Account, Membership, User
from accounts.scoping import account_scope
from audit.models import Entry
from chat.actions.chats import close_chat
from chat.actions.tags import add_tag, merge_tags, tag_chat, untag_chat
from chat.desk.tags import names_of
from chat.models import ChatTag, Tag
from chat.testing import make_chat, make_operator
from core.errors import Refused

pytestmark = pytest.mark.django_db


def test_a_tag_is_made_once_whatever_its_case_and_goes_on_and_off_an_ended_chat(acme: Account, bob_member: Membership):
    bob = make_operator(bob_member)
    chat = make_chat(acme, operator=bob)
    with account_scope(acme):
        close_chat(chat_pk=chat.pk, by="operator", operator=bob)
        assert tag_chat(operator=bob, chat_pk=chat.pk, name="  Test   ride ") == ["Test ride"]
        assert tag_chat(operator=bob, chat_pk=chat.pk, name="test RIDE") == ["Test ride"]
        assert Tag.objects.count() == ChatTag.objects.count() == 1
        assert untag_chat(chat_pk=chat.pk, name="TEST ride") == []
        assert untag_chat(chat_pk=chat.pk, name="TEST ride") == []
        for bad in ("", " \u202e ", "x" * 41):
            with pytest.raises(Refused):
                tag_chat(operator=bob, chat_pk=chat.pk, name=bad)
        for number in range(20):
            tag_chat(operator=bob, chat_pk=chat.pk, name=f"tag {number}")
        with pytest.raises(Refused, match="too_many"):
            tag_chat(operator=bob, chat_pk=chat.pk, name="one more")


def test_the_list_renames_merges_and_deletes_with_the_count_in_the_log(
    acme: Account, alice: User, alice_member: Membership, client_of: Callable[[User], Client]
):
    ada, browser = make_operator(alice_member), client_of(alice)
    chats = [make_chat(acme, text="Hello") for _ in range(3)]
    with account_scope(acme):
        for chat in chats[:2]:
            tag_chat(operator=ada, chat_pk=chat.pk, name="bike")
        tag_chat(operator=ada, chat_pk=chats[0].pk, name="bicycle")
        bike, bicycle = Tag.objects.get(name="bike"), Tag.objects.get(name="bicycle")
    page = browser.post(f"/app/settings/tags/{bike.pk}/", {"do": "rename", "name": "BICYCLE"})
    assert page.status_code == 400
    assert "Merge the two instead" in page.content.decode()
    assert browser.post(f"/app/settings/tags/{bike.pk}/", {"do": "merge", "into": bicycle.pk}).status_code == 302
    with account_scope(acme):
        assert [names_of(chat) for chat in chats] == [["bicycle"], ["bicycle"], []]
        with pytest.raises(Refused, match="same"):
            merge_tags(by=alice_member, tag=bicycle, into=bicycle)
    page = browser.post(f"/app/settings/tags/{bicycle.pk}/", {"do": "delete"}, follow=True)
    assert "It was on 2 chats" in page.content.decode()
    assert ChatTag.of(acme).count() == 0
    assert list(Entry.objects.filter(action__startswith="tag.").values_list("action", "facts__chats")) == [
        ("tag.merged", 1), ("tag.deleted", 2),
    ]  # fmt: skip


def test_operators_tag_chats_but_do_not_change_the_list(
    acme: Account, bob: User, bob_member: Membership, carol_member: Membership, client_of: Callable[[User], Client]
):
    operator = make_operator(bob_member)
    chat, browser = make_chat(acme, operator=operator), client_of(bob)
    with account_scope(acme):
        close_chat(chat_pk=chat.pk, by="operator", operator=operator)
        with pytest.raises(Refused, match="not_found"):
            add_tag(by=bob_member, name="mine")
    assert browser.get("/app/settings/tags/").status_code == 404
    browser.post(f"/app/archive/{chat.public_id}/tags/", {"name": "<b>ride</b>"})
    page = browser.get(f"/app/archive/{chat.public_id}/").content.decode()
    assert "&lt;b&gt;ride&lt;/b&gt;" in page
    assert "<b>ride" not in page
    stranger = client_of(carol_member.user)
    make_operator(carol_member)
    assert stranger.post(f"/app/archive/{chat.public_id}/tags/", {"off": "<b>ride</b>"}).status_code == 404
    with account_scope(acme):
        assert names_of(chat) == ["<b>ride</b>"]
