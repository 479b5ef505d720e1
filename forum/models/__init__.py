"""Tables of the forum: places, what people wrote there, and what the forum keeps of a member."""

from forum.models.moderation import ActPost, Check, ModerationAct, Objection, Reason, Report
from forum.models.people import Draft, ForumMember, Mention, Reaction, ReadMark, Watch
from forum.models.posts import Post, PostVersion
from forum.models.topics import Category, State, Topic

__all__ = [
    "ActPost", "Category", "Check", "Draft", "ForumMember", "Mention", "ModerationAct", "Objection", "Post",
    "PostVersion", "Reaction", "ReadMark", "Reason", "Report", "State", "Topic", "Watch",
]  # fmt: skip
