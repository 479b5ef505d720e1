"""What the forum does when its own events, or lower floors, speak."""

from typing import Any

from forum.actions import leaving, redacting


def let_author_go(sender: Any, *, topic_keys: list[int], post_keys: list[int], **kwargs: Any) -> None:
    """Somebody is erased: their posts go, or stay without a name."""
    leaving.let_go(topic_keys=topic_keys, post_keys=post_keys)


def redact_posts(sender: Any, *, post_keys: list[int], **kwargs: Any) -> int:
    """Somebody asked to take their words down; answers how many posts of others were masked."""
    return redacting.redact_posts(keys=post_keys)


def take_reactions_back(sender: Any, *, keys: list[int], **kwargs: Any) -> None:
    """Somebody's reactions are erased: the numbers at the posts follow."""
    leaving.take_back_reactions(keys=keys)
