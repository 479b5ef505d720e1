"""Tables of the forum: places, what people wrote there, and what the forum keeps of a member."""

from forum.models.people import Draft, ForumMember, Mention, Reaction, ReadMark, Watch
from forum.models.posts import Post, PostVersion
from forum.models.topics import Category, State, Topic

__all__ = [
    "Category", "Draft", "ForumMember", "Mention", "Post", "PostVersion", "Reaction", "ReadMark", "State", "Topic",
    "Watch",
]  # fmt: skip
