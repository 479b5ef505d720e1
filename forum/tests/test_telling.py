"""Who is told of new posts: watchers once until they look, mentioned members unless they blocked the author."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.actions import block_member
from forum import actions
from forum.actions.publishing import State
from forum.models import Mention, Post, Watch
from forum.outbound import load_accepted, load_mentions, load_watched
from forum.testing import make_category, make_post, make_topic, make_writer
from outbox.models import Delivery

pytestmark = pytest.mark.django_db


def waiting(kind: str) -> list[Delivery]:
    return list(Delivery.objects.filter(kind=kind, state="waiting").order_by("pk"))


def test_one_mail_for_a_burst_until_the_watcher_looks(client_of: Any):
    asker = make_writer(name="Robin Mockup")
    topic = make_topic(asker, by_mail=True)
    for number in range(3):
        make_post(topic, text=f"Answer {number}")
    (row,) = waiting("forum_watch")
    assert row.due_at > timezone.now()
    letter = load_watched([row])[row.pk]
    assert [post["words"] for post in letter.context["posts"]] == ["Answer 0", "Answer 1", "Answer 2"]
    assert letter.to.email == asker.email and "/forum/stop/" in letter.unsubscribe_url
    client_of(asker).get(f"/forum/t/{topic.public_id}/{topic.slug}/")
    assert load_watched([row]) == {}
    make_post(topic, text="Later")
    assert len(waiting("forum_watch")) == 2


def test_own_posts_and_those_of_blocked_members_are_not_mailed():
    asker = make_writer()
    topic = make_topic(asker, by_mail=True)
    make_post(topic, asker)
    assert waiting("forum_watch") == []
    rude = make_writer()
    block_member(user=asker, other=rude)
    make_post(topic, rude, f"Hey @{asker.handle}")
    assert waiting("forum_watch") == [] and not Mention.objects.exists()


def test_new_topics_of_a_watched_category_are_mailed():
    reader, category = make_writer(), make_category(name="Set up the chat")
    actions.watch(user=reader, category=category, by_mail=True)
    make_topic(category=category, title="First")
    make_topic(category=category, title="Second")
    (row,) = waiting("forum_watch")
    letter = load_watched([row])[row.pk]
    assert [post["title"] for post in letter.context["posts"]] == ["First", "Second"]


def test_a_mention_is_told_once_on_the_site_and_by_mail(client_of: Any):
    named = make_writer()
    topic = make_topic(text=f"@{named.handle} may know, and @nobody23456 too")
    post = Post.objects.get(topic=topic)
    assert f'href="/forum/members/{named.handle}/"' in post.rendered
    (row,) = waiting("forum_mention")
    assert row.recipient == f"user:{named.pk}" and load_mentions([row])[row.pk].to.email == named.email
    browser = client_of(named)
    assert ">New<" in browser.get("/forum/").content.decode()
    assert topic.title in browser.get("/forum/mine/").content.decode()
    assert ">New<" not in browser.get("/forum/").content.decode()
    assert load_mentions([row]) == {}
    actions.edit_post(post=post, editor=topic.author, text=f"@{named.handle} again")
    actions.set_states([post], State.HIDDEN)
    actions.set_states([post], State.PUBLISHED)
    assert Mention.objects.count() == 1 and len(waiting("forum_mention")) == 1


def test_who_wrote_the_accepted_answer_is_told_once_unless_it_was_taken_back():
    asker, helper = make_writer(), make_writer()
    topic = make_topic(asker)
    answer = make_post(topic, helper, "Clear the cache.")
    actions.accept_answer(topic=topic, post=answer, by=asker)
    (row,) = waiting("forum_accepted")
    letter = load_accepted([row])[row.pk]
    assert letter.to.email == helper.email and letter.context["post"]["words"] == "Clear the cache."
    actions.accept_answer(topic=topic, post=None, by=asker)
    assert load_accepted([row]) == {}
    actions.accept_answer(topic=topic, post=answer, by=asker)
    assert len(waiting("forum_accepted")) == 1


def test_nobody_is_told_of_the_own_answer_or_by_somebody_blocked():
    asker, helper = make_writer(), make_writer()
    topic = make_topic(asker)
    actions.accept_answer(topic=topic, post=make_post(topic, asker), by=asker)
    block_member(user=helper, other=asker)
    actions.accept_answer(topic=topic, post=make_post(topic, helper), by=asker)
    assert waiting("forum_accepted") == []


def test_a_held_post_tells_nobody_before_it_is_published():
    asker = make_writer()
    topic = make_topic(asker, by_mail=True)
    post = make_post(topic, make_writer(is_new=True), f"@{asker.handle} see https://spam.example")
    assert post.state == State.HELD and not Delivery.objects.exists()
    actions.set_states([post], State.PUBLISHED)
    assert len(waiting("forum_mention")) == 1  # and no second mail for the same post
    assert waiting("forum_watch") == []


def test_one_click_ends_the_mails_without_a_login():
    topic = make_topic(by_mail=True)
    make_post(topic)
    (row,) = waiting("forum_watch")
    url = load_watched([row])[row.pk].unsubscribe_url
    path, browser = "/forum/stop/" + url.partition("/forum/stop/")[2], Client(enforce_csrf_checks=True)
    assert browser.get(path).status_code == 200
    assert Watch.objects.get(topic=topic).by_mail
    for _ in range(2):
        assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Watch.objects.get(topic=topic).by_mail
    assert browser.post("/forum/stop/forged.token/").status_code == 404


def test_the_mails_are_written_as_text_and_html(commits: Any):
    from outbox.actions import deliver_all

    named = make_writer()
    topic = make_topic(by_mail=True, title="Chat <b>does</b> not appear")
    make_post(topic, text=f"Look **here** @{named.handle} <script>x</script>")
    Delivery.objects.update(due_at=timezone.now())
    deliver_all()
    assert {row.state for row in Delivery.objects.all()} == {"done"}, [row.reason for row in Delivery.objects.all()]
    for message in mail.outbox:
        html = str(message.alternatives[0][0]) if message.alternatives else ""
        assert "Look here" in message.body and "<script>x" not in html
