"""The pages of the forum, as people use them."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from accounts.testing import make_public
from forum import actions
from forum.models import Category, Draft, ForumMember, Post, State, Topic, Watch
from forum.testing import make_category, make_post, make_topic, make_writer
from forum.warning import REMINDER, WARNING

pytestmark = pytest.mark.django_db


def page_of(topic: Topic) -> str:
    return f"/forum/t/{topic.public_id}/{topic.slug}/"


def read(answer: Any) -> str:
    return answer.content.decode()


@pytest.fixture
def writer() -> Any:
    return make_writer(name="Robin Mockup")


def test_anybody_reads_the_forum_without_a_cookie(client: Client, writer: Any):
    topic = make_topic(writer, title="Chat does not appear")
    for path in ("/forum/", "/forum/all/", f"/forum/c/{topic.category.slug}/", page_of(topic)):
        answer = client.get(path)
        assert answer.status_code == 200 and "Chat does not appear" in read(answer), path
        assert not answer.cookies


def test_public_pages_show_the_chosen_name_only(client: Client, writer: Any):
    topic = make_topic(writer)
    for path in (page_of(topic), f"/forum/members/{writer.handle}/", f"/forum/t/{topic.public_id}/feed.atom"):
        text = read(client.get(path))
        assert "Robin Mockup" in text
        for secret in (writer.email, writer.name + " " + writer.surname, str(writer.public_id)):
            assert secret not in text, path


def test_a_wrong_slug_leads_to_the_right_address(client: Client, writer: Any):
    topic = make_topic(writer)
    answer = client.get(f"/forum/t/{topic.public_id}/other/")
    assert (answer.status_code, answer["Location"]) == (301, page_of(topic))
    assert client.get(f"/forum/t/{topic.public_id}/")["Location"] == page_of(topic)


def test_pages_of_posts_go_by_number(client: Client, writer: Any):
    topic = make_topic(writer)
    for number in range(2, 43):
        make_post(topic, writer, f"Answer {number}")
    text = read(client.get(page_of(topic) + "?page=3"))
    assert 'id="p41"' in text and 'id="p42"' in text and 'id="p40"' not in text
    assert client.get(page_of(topic) + "?page=4").status_code == 404
    assert client.get(page_of(topic) + "?page=x").status_code == 404
    assert client.get(f"/forum/t/{topic.public_id}/p/23/")["Location"] == page_of(topic) + "?page=2#p23"
    assert client.get(f"/forum/t/{topic.public_id}/go/last/")["Location"] == page_of(topic) + "?page=3#p42"


def test_a_member_asks_with_the_warning_acknowledged_once(client_of: Any, eve: Any):
    category, browser = make_category(), client_of(make_public(eve, "Eve S"))
    page = read(browser.get(f"/forum/c/{category.slug}/new/"))
    assert str(WARNING) in page and str(REMINDER) in page
    typed = {"category": category.slug, "title": "How do I begin", "text": "I am *new* here."}
    answer = browser.post("/forum/new/", typed)
    assert answer.status_code == 400 and "I am *new* here." in read(answer)
    assert Topic.objects.count() == 0
    answer = browser.post("/forum/new/", {**typed, "warned": "on", "warning_version": "1"})
    topic = Topic.objects.get()
    assert answer["Location"] == page_of(topic)
    row = ForumMember.objects.get(user=eve)
    assert row.warning_version == 1 and row.warned_at is not None
    page = read(browser.get(page_of(topic)))
    assert str(WARNING) not in page and str(REMINDER) in page


def test_who_has_no_public_name_chooses_one_first(client_of: Any, eve: Any, writer: Any):
    topic, browser = make_topic(writer), client_of(eve)
    assert browser.get("/forum/new/")["Location"].startswith("/app/profile/public/")
    answer = browser.post(f"/forum/t/{topic.public_id}/reply/", {"text": "Not lost"})
    assert answer["Location"].startswith("/app/profile/public/")
    assert Draft.objects.get(user=eve).text == "Not lost"
    assert "Not lost" not in read(Client().get(page_of(topic)))


def test_an_answer_a_preview_and_a_quote(client_of: Any, writer: Any):
    topic = make_topic(writer, text="Why is the sky blue?")
    other = make_writer(name="Nik Sample")
    browser = client_of(other)
    page = read(browser.get(page_of(topic) + "?page=1&quote=1"))
    assert f"@{writer.handle} wrote:" in page and "&gt; Why is the sky blue?" in page
    answer = browser.post(f"/forum/t/{topic.public_id}/reply/", {"text": "It is **light**", "preview": "1"})
    assert "<strong>light</strong>" in read(answer) and topic.posts.count() == 1
    answer = browser.post(f"/forum/t/{topic.public_id}/reply/", {"text": "It is **light**", "reply_to": "1"})
    assert answer["Location"] == page_of(topic) + "#p2"
    page = read(browser.get(page_of(topic)))
    assert "<strong>light</strong>" in page and "answers #1" in page
    assert browser.post(f"/forum/t/{topic.public_id}/reply/", {"text": "   "}).status_code == 400


def test_edit_with_history_and_removal(client: Client, client_of: Any, writer: Any):
    topic = make_topic(writer, text="First words")
    post = make_post(topic, writer, "Wrong words")
    browser, base = client_of(writer), f"/forum/t/{topic.public_id}/p/{post.number}/"
    assert "Wrong words" in read(browser.get(base + "edit/"))
    browser.post(base + "edit/", {"text": "Right words"})
    assert "Right words" in read(client.get(page_of(topic)))
    assert "Wrong words" in read(client.get(base + "history/"))
    assert client_of(make_writer()).get(base + "edit/").status_code == 404
    assert browser.get(base + "delete/").status_code == 200
    browser.post(base + "delete/")
    assert "Right words" not in read(client.get(page_of(topic)))
    assert client.get(base + "history/").status_code == 404


def test_helpful_accepted_and_watched(client: Client, client_of: Any, writer: Any):
    topic = make_topic(writer)
    answer = make_post(topic)
    browser, base = client_of(writer), f"/forum/t/{topic.public_id}/"
    browser.post(f"{base}p/{answer.number}/helpful/", {"on": "yes"})
    browser.post(f"{base}p/{answer.number}/answer/", {"on": "yes"})
    answer.refresh_from_db()
    assert answer.helpful_count == 1
    page = read(client.get(page_of(topic)))
    assert "post-best" in page and "Answered" in page
    assert "Answered" in read(client.get(f"/forum/c/{topic.category.slug}/?show=solved"))
    browser.post(base + "watch/", {"how": "mail"})
    assert Watch.objects.get(user=writer, topic=topic).by_mail
    browser.post(base + "watch/", {"how": "off"})
    assert not Watch.objects.filter(user=writer, topic=topic).exists()


def test_filters_of_a_category(client: Client, client_of: Any, writer: Any):
    category = make_category()
    asked = make_topic(writer, category=category, title="Nobody answers me")
    answered = make_topic(category=category, title="Somebody answered me")
    make_post(answered)
    path = f"/forum/c/{category.slug}/"
    assert "Nobody answers" in read(client.get(path + "?show=unanswered"))
    assert "Somebody answered" not in read(client.get(path + "?show=unanswered"))
    browser = client_of(writer)
    mine = read(browser.get(path + "?show=mine"))
    assert "Nobody answers" in mine and "Somebody answered" not in mine
    browser.get(page_of(answered))
    unread = read(browser.get(path + "?show=unread"))
    assert "Nobody answers" in unread and "Somebody answered" not in unread
    make_post(answered)
    assert "Somebody answered" in read(browser.get(path + "?show=unread"))
    assert "/go/unread/" in read(browser.get(path))
    assert browser.get(f"/forum/t/{answered.public_id}/go/unread/")["Location"].endswith("#p3")
    assert client.get(path + "?show=other").status_code == 404
    assert asked.title


def test_lists_go_on_where_a_page_ended(client: Client, writer: Any):
    category = make_category()
    topics = [make_topic(writer, category=category, title=f"Number {n:02}") for n in range(25)]
    Topic.objects.filter(pk=topics[3].pk).update(is_pinned=True)
    first = read(client.get(f"/forum/c/{category.slug}/"))
    seen = re.findall(r">Number (\d\d)<", first)
    assert seen == ["03", *[f"{n:02}" for n in range(24, 5, -1)]]
    next_url = re.search(r'href="([^"]+)" rel="next"', first).group(1).replace("&amp;", "&")
    assert re.findall(r">Number (\d\d)<", read(client.get(next_url))) == ["05", "04", "02", "01", "00"]
    assert client.get(f"/forum/c/{category.slug}/?after=nonsense").status_code == 404


def test_drafts_are_kept_listed_and_restored(client_of: Any, writer: Any):
    topic, browser = make_topic(writer), client_of(writer)
    answer = browser.post("/forum/draft/", {"text": "Half a thought", "topic": topic.public_id})
    assert answer.json()["draft"]
    assert "Half a thought" in read(browser.get(page_of(topic)))
    answer = browser.post("/forum/draft/", {"title": "", "text": "No category yet"})
    draft = answer.json()["draft"]
    listed = read(browser.get("/forum/drafts/"))
    assert "Half a thought" in listed and "No category yet" in listed
    assert "No category yet" in read(browser.get(f"/forum/new/?draft={draft}"))
    assert client_of(make_writer()).post(f"/forum/drafts/{draft}/remove/").status_code == 404
    category = Category.objects.first()
    browser.post("/forum/new/", {"draft": draft, "category": category.slug, "title": "Now it has one", "text": "Done"})
    assert not Draft.objects.filter(public_id=draft).exists()
    make_post(topic, writer)
    assert not Draft.objects.filter(user=writer).exists()


def test_structured_data_can_break_out_of_nothing(client: Client, writer: Any):
    topic = make_topic(writer, title="</script><script>alert(1)</script>", text="<!-- <script> & \u2028 'x'")
    make_post(topic, text="The answer")
    answer = client.get(page_of(topic))
    text = read(answer)
    found = re.search(r'<script type="application/ld\+json" nonce="([^"]+)">(.*?)</script>', text, re.S)
    assert f"'nonce-{found.group(1)}'" in answer["Content-Security-Policy"]
    data = json.loads(found.group(2))
    assert data["mainEntity"]["name"] == topic.title
    assert "<" not in found.group(2) and "alert(1)</script><" not in text
    assert data["mainEntity"]["suggestedAnswer"][0]["text"] == "The answer"


def test_feeds_map_and_robots(client: Client, writer: Any):
    from xml.etree import ElementTree

    topic = make_topic(writer, title="A \x08 & <b>", text="Fine & <i>good</i>")
    for path in (
        "/forum/feed.atom",
        f"/forum/c/{topic.category.slug}/feed.atom",
        f"/forum/t/{topic.public_id}/feed.atom",
    ):
        answer = client.get(path)
        assert answer["Content-Type"].startswith("application/atom+xml")
        tree = ElementTree.fromstring(answer.content)  # noqa: S314  our own page
        assert page_of(topic) in ElementTree.tostring(tree, encoding="unicode"), path
    assert "/forum/sitemap-1.xml" in read(client.get("/forum/sitemap.xml"))
    assert page_of(topic) in read(client.get("/forum/sitemap-1.xml"))
    assert client.get("/forum/sitemap-9.xml").status_code == 404
    assert "Sitemap: http" in read(client.get("/robots.txt"))
    actions.set_states([Post.objects.get(topic=topic)], State.HIDDEN)
    assert page_of(topic) not in read(client.get("/forum/sitemap-1.xml"))


def test_a_hidden_post_shows_no_word_anywhere(client: Client, writer: Any):
    topic = make_topic(writer)
    post = make_post(topic, text="Unspeakable needle")
    actions.set_states([post], State.HIDDEN)
    base = f"/forum/t/{topic.public_id}/"
    paths = [page_of(topic), "/forum/?q=needle", base + "feed.atom", f"/forum/members/{post.author.handle}/"]
    for path in paths:
        assert "Unspeakable" not in read(client.get(path)), path
    assert "hidden while a moderator" in read(client.get(page_of(topic)))
    assert client.get(f"{base}p/{post.number}/history/").status_code == 404


def test_blocked_members_are_folded_away(client_of: Any, writer: Any):
    from accounts.actions import block_member

    topic = make_topic(writer)
    post = make_post(topic, text="You will not like it")
    block_member(user=writer, other=post.author)
    assert "whom you blocked" in read(client_of(writer).get(page_of(topic)))


def test_share_is_plain_links_only(client: Client, writer: Any):
    text = read(client.get(page_of(make_topic(writer))))
    assert 'href="mailto:?subject=' in text
    hosts = set(re.findall(r'(?:src|href|action)="https?://([^/"]+)', text))
    assert hosts <= {"127.0.0.1:8000", "testserver"}
