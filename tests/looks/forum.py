"""The forum."""

from collections.abc import Callable

from tests.looks.look import Look, forum_member, owner


def forum_topic() -> str:
    """A topic of the demo with an accepted answer."""
    from forum.links import topic_path
    from forum.models import Topic

    return topic_path(Topic.objects.get(title__startswith="Chat does not appear"))


def busy_category() -> str:
    """A category of the demo with ten topics more, as a forum has them."""
    from forum.models import Category, Topic
    from forum.testing import make_topic

    category = Category.objects.get(slug="set-up-the-chat")
    if Topic.objects.filter(category=category).count() < 10:
        for number in range(10):
            make_topic(forum_member(), category=category, title=f"How do I move the bubble on page {number}?")
    return "/forum/c/set-up-the-chat/"


def forum_page(name: str) -> Callable[[], str]:
    """A page of a post that the demo's member wrote."""

    def find() -> str:
        from forum.models import Topic

        return f"/forum/t/{Topic.objects.get(title__startswith='Chat does not appear').public_id}/p/1/{name}/"

    return find


KEYSET = "lists go on by the place of their last row"

MODERATION = "of the moderators, and of the report"

CATEGORY_OTHER = {
    "page": KEYSET, "pager": KEYSET, "tag": "topics stand in categories, and are found by search",
    "switch": "a button: it works without scripts",
}  # fmt: skip

TOPIC_OTHER = {
    **dict.fromkeys(
        ("choice", "dialog", "dialog-body", "field", "opt", "is-danger", "menu-flat", "mod-box", "panel", "panel-foot",
         "panel-head", "push"), MODERATION,
    ),
    "badge-accent": "no post of our staff is in the demo", "post-hidden": "no post is hidden in the demo",
    "tag": CATEGORY_OTHER["tag"],
}  # fmt: skip

FORUM: list[Look] = [
    Look("forum", "/forum/"),
    Look(
        "forum-category", busy_category, "forum-category", user=forum_member, rows=".topic-rows > li",
        left_out=CATEGORY_OTHER,
    ),
    Look("forum-topic", forum_topic, "forum-topic", user=forum_member, left_out=TOPIC_OTHER),
    Look("forum-stranger", forum_topic),
    Look("forum-search", "/forum/?q=chat"),
    Look("forum-new", "/forum/new/", user=forum_member),
    Look("forum-new-first", "/forum/c/ideas/new/", user=owner),
    Look("forum-edit", forum_page("edit"), user=forum_member),
    Look("forum-delete", forum_page("delete"), user=forum_member),
    Look("forum-history", forum_page("history")),
    Look("forum-mine", "/forum/mine/", user=forum_member),
    Look("forum-drafts", "/forum/drafts/", user=forum_member),
]  # fmt: skip
