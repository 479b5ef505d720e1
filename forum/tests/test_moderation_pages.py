"""The moderators' pages and the members' pages about decisions, as people use them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from accounts.testing import make_agent
from core.mail import write_mail
from core.outbound import registry
from forum.actions.moderating import Why, act_on_posts, suspend_member, warn_member
from forum.actions.reporting import report_post
from forum.actions.undoing import object_to_act, undo_act
from forum.links import topic_path
from forum.models import ModerationAct, Post, Report, State, Topic
from forum.queries.moderation import ref_of
from forum.testing import make_category, make_post, make_topic, make_writer
from forum.work import solve
from outbox.models import Delivery

pytestmark = pytest.mark.django_db
ADVERT = Why("advert")
QUEUE, ACT = "/forum/moderation/", "/forum/moderation/act/"


def hide(post: Post, by: User) -> ModerationAct:
    return act_on_posts(kind="hide", posts=[post.pk], why=ADVERT, by=by)[0]


def held(count: int) -> list[Post]:
    """Posts of new members that wait."""
    topic = make_topic()
    return [make_post(topic, make_writer(is_new=True), f"Hello from newcomer {number}") for number in range(count)]


def statements(browser: Client, path: str) -> int:
    browser.get(path)
    with CaptureQueriesContext(connection) as seen:
        assert browser.get(path).status_code == 200
    return len(seen)


def test_the_queue_takes_the_same_statements_for_any_number_of_posts(nik: User, client_of: Any):
    browser, newcomers = client_of(nik), held(2)
    for post in (make_post(make_topic()), make_post(make_topic())):
        report_post(post=post, reporter=make_writer(), reason="abuse")
    object_to_act(act=hide(newcomers[0], nik), member=newcomers[0].author, text="Why?")
    few = statements(browser, QUEUE)
    held(4)
    for _ in range(3):
        report_post(post=make_post(make_topic()), reporter=make_writer(), reason="abuse")
    assert statements(browser, QUEUE) == few
    assert few == 19


def test_a_held_post_is_published_from_the_queue(nik: User, client_of: Any):
    browser, post = client_of(nik), held(1)[0]
    page = browser.get(QUEUE).content.decode()
    assert "Hello from newcomer 0" in page
    assert "First post of a new member" in page
    answer = browser.post(ACT, {"kind": "approve", "reason": "fine", "post": ref_of(post), "next": QUEUE})
    assert (answer.status_code, answer["Location"]) == (302, QUEUE)
    assert Post.objects.get(pk=post.pk).state == State.PUBLISHED
    assert "Nothing to review" in browser.get(QUEUE).content.decode()


def test_many_are_hidden_at_once(nik: User, client_of: Any):
    posts = held(3)
    data = {"kind": "hide", "reason": "advert", "text": "", "post": [ref_of(post) for post in posts]}
    assert client_of(nik).post(ACT, data).status_code == 302
    assert set(Post.objects.filter(pk__in=[post.pk for post in posts]).values_list("state", flat=True)) == {"hidden"}


def test_without_a_reason_nothing_happens_and_nothing_typed_is_lost(nik: User, client_of: Any):
    post = make_post(make_topic())
    answer = client_of(nik).post(
        ACT, {"kind": "suspend", "reason": "other", "text": "", "until": "2031-02-03", "post": ref_of(post),
              "member": post.author.handle}
    )  # fmt: skip
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "Write the reason in a sentence" in page
    assert 'value="2031-02-03"' in page
    assert ref_of(post) in page
    assert not ModerationAct.objects.exists()


@pytest.mark.parametrize("tab", ["", "new/", "links/", "spam/", "reports/", "objections/", "log/", "suspended/"])
def test_every_tab_opens(nik: User, client_of: Any, tab: str):
    posts = held(2)
    report_post(post=make_post(make_topic()), reporter=make_writer(), reason="other", text="It is odd")
    hide(posts[0], nik)
    suspend_member(member=make_writer(), until=timezone.now() + timedelta(days=3), why=ADVERT, by=nik)
    assert client_of(nik).get(f"{QUEUE}{tab}").status_code == 200


def test_a_moderator_does_it_all_on_the_topics_page(nik: User, client_of: Any):
    browser, topic, place = client_of(make_writer(nik)), make_topic(), make_category()
    post, more = make_post(topic), make_post(topic)
    page = browser.get(topic_path(topic)).content.decode()
    for kind in ("hide", "delete", "warn", "suspend", "clean_up"):
        assert f'value="{kind}"' in page, kind
    for kind in ("pin", "lock", "move", "merge", "split"):
        assert f'name="kind" value="{kind}"' in page, kind
    here = {"topic": str(topic.public_id), "next": topic_path(topic), "text": ""}
    acts: list[dict[str, Any]] = [
        {"kind": "pin", "reason": "useful"},
        {"kind": "lock", "reason": "settled"},
        {"kind": "move", "reason": "place", "category": place.slug},
        {"kind": "split", "reason": "off_topic", "title": "Another matter", "numbers": str(more.number)},
        {"kind": "hide", "reason": "advert", "post": ref_of(post)},
        {"kind": "warn", "reason": "abuse", "member": post.author.handle, "post": ref_of(post)},
    ]
    for fields in acts:
        answer = browser.post(ACT, {**here, **fields})
        assert answer.status_code == 302, (fields, answer.content.decode())
        assert answer["Location"] == topic_path(topic)
    topic.refresh_from_db()
    assert (topic.is_pinned, topic.is_locked, topic.category) == (True, True, place)
    assert Topic.objects.filter(title="Another matter", state=State.PUBLISHED).exists()
    hidden = browser.get(topic_path(topic)).content.decode()
    assert "for moderators" in hidden and 'value="restore"' in hidden
    other = make_topic()
    address = f"https://testserver{topic_path(topic)}"
    merge = {"kind": "merge", "reason": "double", "topic": other.public_id, "into": address}
    assert browser.post(ACT, merge).status_code == 302
    for visitor in (browser, Client()):
        assert visitor.get(topic_path(other))["Location"] == topic_path(topic)


def test_members_see_no_menus_of_moderators(client_of: Any):
    topic = make_topic()
    page = client_of(make_writer()).get(topic_path(topic)).content.decode()
    assert "Moderate" not in page
    assert "Report" in page


def test_moderation_is_not_there_for_others(client_of: Any, sam: User, alice: User):
    for person in (make_writer(), sam, alice):
        assert client_of(person).get(QUEUE).status_code == 404
        assert client_of(person).post(ACT, {"kind": "hide"}).status_code == 404
    assert Client().get(QUEUE).status_code == 302


def test_reporting_on_the_topics_page(client_of: Any):
    post, reporter = make_post(make_topic()), make_writer()
    browser, address = client_of(reporter), f"/forum/t/{post.topic.public_id}/p/{post.number}/report/"
    assert browser.get(address).status_code == 200
    wrong = browser.post(address, {"reason": "other", "text": ""})
    assert (wrong.status_code, "Write in a sentence" in wrong.content.decode()) == (400, True)
    assert browser.post(address, {"reason": "abuse", "text": "Look at line two"}).status_code == 302
    twice = browser.post(address, {"reason": "abuse", "text": "Look again"})
    assert (twice.status_code, "Look again" in twice.content.decode()) == (400, True)
    assert Report.objects.count() == 1


def test_the_author_reads_the_reason_and_objects(nik: User, client_of: Any):
    post = make_post(make_topic())
    act = hide(post, nik)
    browser, address = client_of(post.author), f"/forum/decisions/{act.public_id}/"
    assert "was hidden" in browser.get("/forum/decisions/").content.decode()
    page = browser.get(address).content.decode()
    assert "Advertising or spam" in page and "Object" in page
    assert client_of(make_writer()).get(address).status_code == 404
    assert browser.post(address, {"text": ""}).status_code == 400
    assert browser.post(address, {"text": "It is my own shop"}).status_code == 302
    assert "Waits for an answer" in browser.get(address).content.decode()
    assert browser.post(address, {"text": "Again"}).status_code == 400
    second = client_of(make_agent())
    queue = second.get(f"{QUEUE}objections/").content.decode()
    assert "It is my own shop" in queue
    answer = f"/forum/moderation/act/{act.public_id}/answer/"
    assert second.post(answer, {"answer": "grant", "text": ""}).status_code == 400
    assert second.post(answer, {"answer": "grant", "text": "You are right"}).status_code == 302
    assert "taken back: You are right" in browser.get(address).content.decode()
    assert Post.objects.get(pk=post.pk).state == State.PUBLISHED


def written(kind: str, member: User) -> str:
    """The newest mail of a kind to a member: its subject and its text."""
    row = Delivery.objects.filter(kind=kind, recipient=f"user:{member.pk}").latest("pk")
    letter = registry.mail_kinds[kind].load([row])[row.pk]
    mail = write_mail(kind=registry.mail_kinds[kind], letter=letter, message_id="<1@testserver>")
    return f"{mail.subject}\n{mail.body}"


def test_the_mails_say_what_why_and_how_to_object(nik: User):
    post, reporter = make_post(make_topic(title="The shop is closed")), make_writer()
    report_post(post=post, reporter=reporter, reason="advert")
    act = act_on_posts(kind="hide", posts=[post.pk], why=Why("advert", "No selling & no <b>."), by=nik)[0]
    told = written("forum_act", post.author)
    for words in ("“The shop is closed” was hidden", "Advertising or spam", "No selling & no <b>.",
                  f"/forum/decisions/{act.public_id}/", "object"):  # fmt: skip
        assert words in told, words
    assert "Something was done" in written("forum_report_outcome", reporter)
    undo_act(act=act.pk, text="It was no advert.", by=nik)
    told = written("forum_act", post.author)
    assert "Taken back" in told and "It was no advert." in told
    assert "stays" in written("forum_report_outcome", reporter)


def test_undo_from_the_last_decisions(nik: User, client_of: Any):
    post = make_post(make_topic())
    act = hide(post, nik)
    browser = client_of(nik)
    address = f"/forum/moderation/act/{act.public_id}/undo/"
    assert address in browser.get(QUEUE).content.decode()
    assert browser.post(address, {"text": ""}).status_code == 400
    assert browser.post(address, {"text": "Wrong post"}).status_code == 302
    assert Post.objects.get(pk=post.pk).state == State.PUBLISHED


def test_suspended_and_warned_members_read_why_at_the_composer(nik: User, client_of: Any):
    member, topic = make_writer(), make_topic()
    browser = client_of(member)
    warn_member(member=member, why=Why("abuse", "Please stay friendly."), by=nik)
    assert "Please stay friendly." in browser.get(topic_path(topic)).content.decode()
    suspend_member(member=member, until=timezone.now() + timedelta(days=7), why=Why("abuse"), by=nik)
    page = browser.get(topic_path(topic)).content.decode()
    assert "You cannot write here until" in page
    assert 'name="text" rows="5"' not in page
    refused = browser.post(f"/forum/t/{topic.public_id}/reply/", {"text": "But I want to"})
    assert refused.status_code == 403


def test_a_new_members_form_carries_work_and_a_known_members_does_not(nik: User, client_of: Any):
    newcomer, topic = make_writer(is_new=True), make_topic()
    act_on_posts(kind="approve", posts=[make_post(topic, newcomer, "Hello there").pk], why=Why("fine"), by=nik)
    browser = client_of(newcomer)
    page = browser.get(topic_path(topic)).content.decode()
    found = re.search(r'name="work_challenge" value="([^"]+)"', page)
    assert found is not None
    challenge = found.group(1)
    answer = {"text": "It works now", "work_challenge": challenge, "work_answer": solve(challenge)}
    assert browser.post(f"/forum/t/{topic.public_id}/reply/", answer).status_code == 302
    assert Post.objects.latest("pk").state == State.PUBLISHED
    again = {**answer, "text": "A second text with the same proof"}
    assert browser.post(f"/forum/t/{topic.public_id}/reply/", again).status_code == 302
    last = Post.objects.latest("pk")
    assert (last.state, last.looked_at.held_for) == (State.HELD, "work")
    assert len(last.looked_at.network) == 64
    assert "work_challenge" not in client_of(make_writer()).get(topic_path(topic)).content.decode()


def test_no_id_stands_twice_on_a_page(nik: User, client_of: Any):
    posts = held(3)
    topic = posts[0].topic
    make_post(topic)
    for post in (make_post(topic), make_post(topic)):
        report_post(post=post, reporter=make_writer(), reason="abuse")
    hide(posts[2], nik)
    pages = ((nik, QUEUE), (nik, f"{QUEUE}log/"), (nik, topic_path(topic)), (make_writer(), topic_path(topic)))
    for person, path in pages:
        ids = re.findall(r' id="([^"]*)"', client_of(person).get(path).content.decode())
        assert len(ids) == len(set(ids)) and "" not in ids, sorted({one for one in ids if ids.count(one) > 1})
