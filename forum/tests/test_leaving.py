"""What is left of somebody who goes: public posts without a name, or nothing; never a held post or a draft."""

import json

import pytest
from django.db import connection

from accounts.actions import erase_person
from forum import actions
from forum.models import (
    Draft,
    ForumMember,
    Mention,
    Post,
    PostVersion,
    Reaction,
    ReadMark,
    State,
    Topic,
    Watch,
)
from forum.testing import make_category, make_post, make_topic, make_writer
from forum.threads import list_similar

pytestmark = pytest.mark.django_db
SECRET = "Quokka"


def everything() -> str:
    """Every text of the forum's tables."""
    texts = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith("forum_") and "search" not in table:
                cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608  names of our own tables
                texts.append(json.dumps(cursor.fetchall(), default=str))
    return "\n".join(texts)


def busy_member() -> tuple[object, Topic]:
    """A member who left a trace in every table."""
    person, other = make_writer(name=f"{SECRET} Name"), make_writer()
    topic = make_topic(person, title=f"{SECRET} title", text=f"{SECRET} question")
    make_post(topic, other, "An answer of somebody else")
    post = make_post(topic, person, f"{SECRET} draft text")
    actions.edit_post(post=post, editor=person, text=f"{SECRET} public text")
    held = make_post(topic, person, f"{SECRET} held text")
    actions.set_states([held], State.HELD)
    strange = make_topic(other, text=f"@{person.handle} look")
    actions.react(post=Post.objects.get(topic=strange), user=person, is_on=True)
    actions.save_draft(user=person, text=f"{SECRET} unsent", topic=strange)
    actions.mark_read(user=person, topic=strange, number=1)
    actions.watch(user=person, topic=strange, by_mail=True)
    return person, topic


def test_public_posts_stay_signed_deleted_member():
    person, topic = busy_member()
    erase_person(user=person)
    topic.refresh_from_db()
    posts = list(Post.objects.filter(topic=topic).order_by("number"))
    assert [post.author_id for post in posts] == [None, posts[1].author_id, None, None]
    assert [post.state for post in posts] == ["published", "published", "published", "deleted"]
    assert posts[3].text == "" and posts[3].words == ""
    assert topic.post_count == 3
    for model in (Draft, PostVersion, ReadMark, Mention):
        assert not model.objects.exists(), model
    assert not Reaction.objects.exists() and not Watch.objects.filter(topic__author=None).exists()
    assert Post.objects.get(topic__title__startswith="Question").helpful_count == 0
    assert not ForumMember.objects.filter(user=None).exists()
    text = everything()
    assert f"{SECRET} unsent" not in text and f"{SECRET} held text" not in text and f"{SECRET} draft" not in text


def test_who_chose_so_leaves_no_word():
    person, topic = busy_member()
    actions.choose_when_gone(user=person, removes_posts=True)
    erase_person(user=person)
    topic.refresh_from_db()
    assert SECRET not in everything()
    assert topic.state == State.PUBLISHED and topic.post_count == 1  # the answer of somebody else can be read


def test_the_page_says_deleted_member(client):
    person, topic = busy_member()
    erase_person(user=person)
    page = client.get(f"/forum/t/{topic.public_id}/{topic.slug}/").content.decode()
    assert "Deleted member" in page and f"{SECRET} Name" not in page


def test_a_topic_that_is_gone_is_not_offered_from_memory():
    category = make_category()
    topic, other = (make_topic(category=category, title=f"The saddle squeaks {word}") for word in ("loudly", "often"))
    assert [one["title"] for one in list_similar(topic)] == [other.title]
    Topic.objects.filter(pk=other.pk).update(state=State.DELETED)
    assert list_similar(topic) == []
