"""A member asks in the forum, gets an answer and accepts it, in a real browser, with and without scripts."""

from typing import Any

import pytest

from accounts.models import User
from accounts.testing import make_public
from forum.actions import set_states
from forum.models import Draft, ForumMember, Post, State, Topic
from forum.testing import make_category, make_writer

pytestmark = [pytest.mark.once, pytest.mark.timeout(240)]


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_member_asks_gets_an_answer_and_accepts_it(page_at: Any, eve: User, scripts: bool) -> None:
    make_public(eve, "Eve Sample")
    category, helper = make_category(name="Set up the chat"), make_writer(name="Nik Sample")
    asker = page_at(1440, user=eve, java_script_enabled=scripts)
    asker.goto(f"/forum/c/{category.slug}/")
    asker.get_by_role("link", name="New topic").click()
    asker.get_by_text("Anything that you write here can be read").wait_for()
    asker.get_by_label("Title").fill("Chat does not appear")
    asker.get_by_label("Your question").fill("The console says `Refused to frame`.")
    if scripts:
        asker.get_by_text("Draft saved").wait_for()
        assert Draft.objects.get(user=eve).title == "Chat does not appear"
    asker.get_by_role("button", name="Preview").click()
    if not scripts:
        assert asker.get_by_label("Title").input_value() == "Chat does not appear"
    asker.locator(".writer-preview code" if scripts else ".writer-shown code", has_text="Refused").wait_for()
    asker.get_by_label("I have read it").check()
    asker.get_by_role("button", name="Post topic").click()
    asker.get_by_role("heading", name="Chat does not appear").wait_for()
    assert ForumMember.objects.get(user=eve).warning_version == 1 and not Draft.objects.filter(user=eve).exists()
    topic = Topic.objects.get(author=eve)
    assert topic.state == State.HELD  # a first post waits for a moderator
    set_states(Post.objects.filter(topic=topic), State.PUBLISHED)

    other = page_at(375, user=helper, java_script_enabled=scripts)
    other.goto(f"/forum/c/{category.slug}/?show=unanswered")
    other.get_by_role("link", name="Chat does not appear").click()
    other.get_by_role("link", name="Quote").click()
    field = other.get_by_label("Reply as Nik Sample")
    field.fill(field.input_value() + "Add the address to **frame-src**.")
    other.get_by_role("button", name="Post reply").click()
    other.locator("#p2 strong", has_text="frame-src").wait_for()

    asker.goto(f"/forum/c/{category.slug}/")
    asker.get_by_role("link", name="New", exact=True).click()
    asker.locator("#p2").get_by_role("button", name="Helps").click()
    asker.locator("#p2").get_by_role("button", name="Mark as answer").click()
    asker.locator("#p2.post-best").wait_for()
    assert Post.objects.get(topic=topic, number=2).helpful_count == 1
    asker.goto(f"/forum/c/{category.slug}/?show=solved")
    asker.get_by_text("Chat does not appear").wait_for()
