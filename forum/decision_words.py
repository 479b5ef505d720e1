"""Decisions of moderators in words: for the moderators' lists, and for the member whom one is about."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forum.models import ModerationAct

Kind = ModerationAct.Kind

# for moderators: `who` is the author's public name, `topic` a title
_LOG: dict[str, Callable[[], str]] = {
    Kind.APPROVE: lambda: _("Published a post by %(who)s"),
    Kind.KEEP: lambda: _("Kept a post by %(who)s"),
    Kind.HIDE: lambda: _("Hid a post by %(who)s"),
    Kind.DELETE: lambda: _("Deleted a post by %(who)s"),
    Kind.RESTORE: lambda: _("Showed a post by %(who)s again"),
    Kind.LOCK: lambda: _("Closed “%(topic)s”"),
    Kind.UNLOCK: lambda: _("Opened “%(topic)s” again"),
    Kind.PIN: lambda: _("Pinned “%(topic)s”"),
    Kind.UNPIN: lambda: _("Unpinned “%(topic)s”"),
    Kind.MOVE: lambda: _("Moved “%(topic)s” to another category"),
    Kind.SPLIT: lambda: _("Split posts off “%(topic)s” into “%(into)s”"),
    Kind.MERGE: lambda: _("Merged “%(topic)s” into “%(into)s”"),
    Kind.WARN: lambda: _("Warned %(who)s"),
    Kind.SUSPEND: lambda: _("Suspended %(who)s"),
    Kind.CLEAN_UP: lambda: _("Cleaned up after %(who)s"),
}
# for the member
_OWN: dict[str, Callable[[], str]] = {
    Kind.APPROVE: lambda: _("Your post in “%(topic)s” is published"),
    Kind.HIDE: lambda: _("Your post in “%(topic)s” was hidden"),
    Kind.DELETE: lambda: _("Your post in “%(topic)s” was deleted"),
    Kind.RESTORE: lambda: _("Your post in “%(topic)s” is shown again"),
    Kind.LOCK: lambda: _("Your topic “%(topic)s” was closed to replies"),
    Kind.UNLOCK: lambda: _("Your topic “%(topic)s” is open to replies again"),
    Kind.PIN: lambda: _("Your topic “%(topic)s” was pinned"),
    Kind.UNPIN: lambda: _("Your topic “%(topic)s” is not pinned any more"),
    Kind.MOVE: lambda: _("Your topic “%(topic)s” was moved to another category"),
    Kind.SPLIT: lambda: _("Your post in “%(topic)s” became a topic of its own: “%(into)s”"),
    Kind.MERGE: lambda: _("Your topic “%(topic)s” was merged into “%(into)s”"),
    Kind.WARN: lambda: _("You were warned"),
    Kind.SUSPEND: lambda: _("You cannot write in the forum for some time"),
}


def say_in_log(act: ModerationAct, who: str) -> str:
    """The act in one line for moderators; `who` is the author's public name."""
    return _LOG[act.kind]() % _facts(act, who)


def say_to_member(act: ModerationAct) -> str:
    """The act in one line for the member whom it is about."""
    if act.kind == Kind.CLEAN_UP:
        said = ngettext(
            "Your posts of the last %(n)d day were hidden, and you cannot write for some time",
            "Your posts of the last %(n)d days were hidden, and you cannot write for some time",
            act.days,
        )
        return said % {"n": act.days}
    line = _OWN[act.kind] if act.kind in _OWN else lambda: _("A decision about “%(topic)s”")
    return line() % _facts(act, "")


def _facts(act: ModerationAct, who: str) -> dict[str, str]:
    gone = _("a removed topic")
    topic = act.topic or (act.post.topic if act.post is not None else None)
    return {
        "who": who or _("somebody who is gone"),
        "topic": topic.title if topic is not None else gone,
        "into": act.into.title if act.into is not None else gone,
    }
