"""Spam of a new member is held, reported and cleaned up; an innocent post is published and appears (issue 5)."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from accounts.models import User
from accounts.testing import make_public
from forum.links import topic_path
from forum.models import ModerationAct, Post, Report, State
from forum.testing import make_category, make_topic, make_writer
from outbox.models import Delivery

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]
SPAM = "BUY OUR CHEAP GOLDEN WATCHES https://bit.ly/a https://bit.ly/b"


def write(page: Any, path: str, text: str, *, first: bool = True) -> None:
    page.goto(path)
    page.get_by_label(re.compile("^Reply as")).fill(text)
    if first:
        page.get_by_label("I have read it").check()
    page.get_by_role("button", name="Post reply").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_spam_is_cleaned_up_and_an_innocent_post_appears(
    page_at: Any, nik: User, eve: User, carol: User, scripts: bool
) -> None:
    """With scripts the browsers compute; without them posts are held, never refused."""
    make_public(eve, "Spammy Sam")
    make_public(carol, "Carol Kind")
    topic = make_topic(category=make_category(name="Set up the chat"), title="Chat does not appear")
    member, path = make_writer(name="Mia Member"), topic_path(topic)

    spammer = page_at(1440, user=eve, java_script_enabled=scripts)
    write(spammer, path, "Hello, I am new here and glad to help")
    spammer.locator("#p2", has_text="Waits for a moderator").wait_for()
    check = Post.objects.get(topic=topic, number=2).looked_at
    assert ("no_work" in {finding["rule"] for finding in check.findings}) is not scripts
    newcomer = page_at(375, user=carol, java_script_enabled=scripts)
    write(newcomer, path, "Thank you, it works for me now")
    newcomer.locator("#p3", has_text="Waits for a moderator").wait_for()
    stranger = page_at(1440, java_script_enabled=scripts)
    stranger.goto(path)
    assert stranger.locator("#p2, #p3").count() == 0

    agent = page_at(1440, user=nik, java_script_enabled=scripts)
    agent.goto("/forum/moderation/")
    assert agent.locator("[data-item]").count() == 2
    if scripts:
        agent.keyboard.press("j")
        expect(agent.locator("[data-item]").nth(1)).to_have_attribute("aria-current", "true")
        agent.keyboard.press("k")
        for _ in range(2):
            agent.keyboard.press("a")
            agent.get_by_text("Published. The author is told.").wait_for()
            agent.goto("/forum/moderation/")
    else:
        for _ in range(2):
            agent.locator("[data-item] button[value=approve]").first.click()
            agent.get_by_text("Published. The author is told.").wait_for()
    agent.get_by_text("Nothing to review").wait_for()
    stranger.goto(path)
    stranger.get_by_text("Thank you, it works for me now").wait_for()

    write(spammer, path, SPAM, first=False)
    spammer.locator("#p4", has_text="Waits for a moderator").wait_for()

    reporter = page_at(375, user=member, java_script_enabled=scripts)
    reporter.goto(path)
    reporter.locator("#p2 summary", has_text="Report").click()
    reporter.locator("#p2").get_by_label("What is wrong with it?").select_option("advert")
    reporter.locator("#p2").get_by_role("button", name="Send report").click()
    reporter.get_by_text("you hear what becomes of it").wait_for()
    assert Report.objects.get().reporter == member

    agent.goto("/forum/moderation/")
    item = agent.locator("[data-item]", has_text="GOLDEN WATCHES")
    item.get_by_text("hide where they lead").wait_for()
    item.locator(".mod-more > summary").click()
    item.get_by_role("button", name="Suspend and hide all posts").click()
    agent.get_by_text("2 posts hidden and the member suspended").wait_for()
    agent.get_by_text("Nothing to review").wait_for()
    assert set(Post.objects.filter(author=eve).values_list("state", flat=True)) == {State.HIDDEN}
    assert Delivery.objects.filter(kind="forum_report_outcome", recipient=f"user:{member.pk}").exists()
    stranger.goto(path)
    assert stranger.get_by_text("glad to help").count() == 0

    spammer.goto(path)
    spammer.get_by_text("You cannot write here until").wait_for()
    spammer.get_by_role("link", name="Read the decision, or object").click()
    spammer.get_by_label("Why do you not agree?").fill("I only wanted to help")
    spammer.get_by_role("button", name="Send objection").click()
    spammer.get_by_text("Waits for an answer").wait_for()

    agent.goto("/forum/moderation/objections/")
    agent.get_by_label("Your answer").fill("The links were adverts.")
    agent.get_by_role("button", name="The decision stays").click()
    agent.get_by_text("Nothing to review").wait_for()
    spammer.reload()
    spammer.get_by_text("The links were adverts.").wait_for()

    agent.goto(path)
    agent.locator("#p3 details.mod-menu > summary").click()
    agent.locator("#p3").get_by_role("button", name="Hide", exact=True).click()
    agent.locator("#p3", has_text="for moderators").wait_for()
    agent.locator("#p3 details.mod-menu > summary").click()
    agent.locator("#p3").get_by_role("button", name="Show again: fits the rules").click()
    agent.locator("#p3", has_text="Thank you, it works").wait_for()
    agent.locator(".mod-line > summary", has_text="Close to replies").click()
    agent.locator(".mod-line[open]").get_by_role("button", name="Close to replies").click()
    agent.get_by_text("Closed to replies.").wait_for()
    assert ModerationAct.objects.filter(kind="lock", reason="settled", told_at__isnull=False).exists()
