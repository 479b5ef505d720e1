"""The moderators' pages in both themes at three widths: nothing too wide, axe finds nothing, every form opened."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.testing import make_agent
from forum.actions.moderating import Why, act_on_posts, clean_up, mark_topic
from forum.actions.reporting import report_post
from forum.actions.undoing import object_to_act
from forum.links import topic_path
from forum.models import Check, ModerationAct, Post, Topic
from forum.testing import make_category, make_post, make_topic, make_writer
from tests.looks.eye import OPEN_DISCLOSURES, THEMES, TOO_WIDE, judge, judge_layers, take_mockup, take_picture

pytestmark = [pytest.mark.once, pytest.mark.timeout(420)]


@pytest.fixture
def busy(nik: User) -> Topic:
    """A queue with one of everything, as in the mockup."""
    other = make_agent(name="Dot")
    place = make_category(name="Set up the chat")
    topic = make_topic(make_writer(name="Robin Mockup"), category=place, title="Chat does not appear on my shop page")
    make_post(topic, make_writer(name="Kim Testcase"), "Add the address of the chat to frame-src.")
    bad = make_post(topic, make_writer(name="Jo Fixture"), "The shop is run by K. Testcase, 555-0100, call there.")
    for reason in ("personal", "abuse"):
        report_post(post=bad, reporter=make_writer(), reason=reason, text="Look at the number")
    spam = make_writer(name="Sky Demo", is_new=True)
    make_post(topic, spam, "BUY OUR CHEAP GOLDEN WATCHES https://bit.ly/a https://bit.ly/b")
    make_post(topic, make_writer(name="Lee Placeholder", is_new=True), "Hello, I have the same question. " * 30)
    Post.objects.filter(state="held").update(created_at=timezone.now() - timedelta(hours=2, minutes=10))
    Check.objects.update(created_at=timezone.now())
    gone = make_post(topic, make_writer(name="Max Sample"), "Come to my shop, it is better than this one here.")
    act = act_on_posts(kind="hide", posts=[gone.pk], why=Why("advert", "Please do not sell here."), by=other)[0]
    object_to_act(act=act, member=gone.author, text="Somebody asked for a shop.")
    mark_topic(kind="pin", topic=topic.pk, why=Why("useful"), by=other)
    clean_up(member=make_writer(name="Ann Other"), days=30, until=timezone.now() + timedelta(days=30),
             why=Why("advert"), by=nik)  # fmt: skip
    return topic


def look_at(page: Any, name: str, mockup: str = "") -> list[str]:
    found = []
    for width in (1440, 768, 375):
        page.set_viewport_size({"width": width, "height": 900})
        for theme in THEMES:
            page.emulate_media(color_scheme=theme)
            take_picture(page, name, width, theme)
            if mockup:
                take_mockup(page.context.browser, mockup, width, theme)
            found += [f"{name} {width}: too wide: {one}" for one in page.evaluate(TOO_WIDE)]
    page.evaluate(OPEN_DISCLOSURES)
    for width, theme in ((1440, "light"), (375, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme=theme)
        found += judge(page, f"{name} {width} {theme}") + judge_layers(page, f"{name} {width} {theme}")
    page.set_viewport_size({"width": 320, "height": 900})
    return found + [f"{name} 320: too wide: {one}" for one in page.evaluate(TOO_WIDE)]


def test_the_moderators_pages_look_right_and_axe_finds_nothing(busy: Topic, nik: User, page_at: Any) -> None:
    page, found = page_at(1440, user=make_writer(nik)), []
    places = {"moderation": "/forum/moderation/", "moderation-log": "/forum/moderation/log/",
              "moderation-topic": topic_path(busy)}  # fmt: skip
    for name, path in places.items():
        assert page.goto(path).status == 200
        page.wait_for_load_state("networkidle")
        assert page.locator("[style]").count() == 0
        found += look_at(page, name, "moderation" if name == "moderation" else "")
    assert not found, "\n".join(found)


def test_the_members_pages_look_right_and_axe_finds_nothing(busy: Topic, page_at: Any) -> None:
    act = ModerationAct.objects.get(kind="clean_up")
    page, found = page_at(1440, user=act.member), []
    places = {"decision": f"/forum/decisions/{act.public_id}/", "decisions": "/forum/decisions/",
              "report": f"/forum/t/{busy.public_id}/p/1/report/", "suspended-topic": topic_path(busy)}  # fmt: skip
    for name, path in places.items():
        assert page.goto(path).status == 200
        found += look_at(page, name)
    assert not found, "\n".join(found)
