"""What stands behind the fence of the forum: a topic of a stranger with an answer of alice in it."""

from dataclasses import dataclass
from typing import Any

from forum.actions import save_draft, watch
from forum.actions.moderating import Why, act_on_posts
from forum.actions.undoing import object_to_act
from forum.links import stop_url
from forum.models import Category, Draft, ModerationAct, Post, Topic, Watch
from forum.testing import make_category, make_post, make_topic, make_writer


@dataclass
class Talk:
    """A topic of a stranger with an answer of alice in it, and what alice keeps for herself."""

    category: Category
    topic: Topic
    opening: Post
    answer: Post
    draft: Draft
    watch: Watch
    act: ModerationAct  # about a post of alice, by nik
    objected: ModerationAct  # another one, to which she objects

    @property
    def stop_token(self) -> str:
        return stop_url(self.watch).rstrip("/").rpartition("/")[2]


def make_talk(world: Any) -> Talk:
    """Lets pat ask and alice answer."""
    make_writer(world.pat)
    make_writer(world.alice)
    category = make_category(slug="set-up", name="Set up the chat")
    topic = make_topic(world.pat, category=category, title="Chat does not appear")
    answer = make_post(topic, world.alice, "Look at the address list")
    draft = save_draft(user=world.alice, text="Thread and thimble")
    assert draft is not None
    followed = watch(user=world.alice, topic=topic, by_mail=True)
    act, objected = [
        act_on_posts(kind="hide", posts=[post.pk], why=Why("off_topic"), by=world.nik)[0]
        for post in (make_post(topic, world.alice, words) for words in ("The weather is nice", "It rains again"))
    ]
    object_to_act(act=objected, member=world.alice, text="The weather matters")
    return Talk(category, topic, Post.objects.get(topic=topic, number=1), answer, draft, followed, act, objected)
