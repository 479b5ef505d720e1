"""Acts of moderators: each has a reason, is in the audit log, is told to the author, and can be undone (S34)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audit.actions import record
from core.errors import Refused, not_found
from forum.actions.reporting import close_reports
from forum.actions.states import lock_topics, set_states
from forum.models import ActPost, ModerationAct, Post, Reason, Report, Topic
from forum.models.topics import DELETED, HELD, HIDDEN, PUBLISHED
from outbox.actions import enqueue

Kind = ModerationAct.Kind
ACT_MAIL = "forum_act"
LARGEST = 1000  # posts in one act

# kind -> the states from which it leads, and the one to which
STATES: dict[str, tuple[tuple[str, ...], str]] = {
    Kind.APPROVE: ((HELD,), PUBLISHED),
    Kind.RESTORE: ((HIDDEN, DELETED), PUBLISHED),
    Kind.HIDE: ((PUBLISHED, HELD), HIDDEN),
    Kind.DELETE: ((PUBLISHED, HELD, HIDDEN), DELETED),
}
MARKS: dict[str, tuple[str, bool]] = {
    Kind.LOCK: ("is_locked", True),
    Kind.UNLOCK: ("is_locked", False),
    Kind.PIN: ("is_pinned", True),
    Kind.UNPIN: ("is_pinned", False),
}
AGAINST = frozenset({Kind.HIDE, Kind.DELETE, Kind.WARN, Kind.SUSPEND, Kind.CLEAN_UP})  # a report was right


@dataclass(frozen=True)
class Why:
    """The reason of an act: a code of the list, and what the author is told besides."""

    code: str
    text: str = ""


def read_why(code: str, text: str) -> Why:
    """A reason that can stand beside an act.

    Raises Refused `no_reason` without a code of the list, or for "another reason" without words; `too_long` over 1,000
    characters.
    """
    text = text.strip()
    if code not in Reason.values:
        raise Refused("no_reason", _("Choose the reason. The author reads it."))
    if code == Reason.OTHER and not text:
        raise Refused("no_reason", _("Write the reason in a sentence. The author reads it."))
    if len(text) > ModerationAct.LONGEST:
        raise Refused("too_long", _("The reason has more than %(n)d characters.") % {"n": ModerationAct.LONGEST})
    return Why(code, text)


def _already() -> Refused:
    return Refused("already", _("That is done already. Somebody else may have been faster."), status=409)


# ---- Posts ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def act_on_posts(*, kind: str, posts: Sequence[int], why: Why, by: User) -> list[ModerationAct]:
    """Approves, hides, deletes or restores posts by primary key: one act and one mail for each. S34.

    Posts that are not in a state from which the act leads are left alone. Raises Refused `already` when that is so for
    all of them.
    """
    before, after = STATES[kind]
    rows, topics = lock_posts(posts)
    found = [post for post in rows if post.state in before and post.text]  # its author took the words of an own one
    if not found:
        raise _already() if rows else not_found()
    acts = []
    for post in found:
        act = note_act(kind=kind, why=why, by=by, member=post.author_id, post=post, topic=topics[post.topic_id])
        remember_posts(act, [post], topics)
        acts.append(act)
    set_states(found, after)
    for act in acts:
        close_reports(posts=[act.post_id or 0], act=act, upheld=kind in AGAINST)
    return acts


@transaction.atomic
def keep_post(*, post: int, why: Why, by: User) -> ModerationAct:
    """Says that a reported post stays as it is; who reported it hears so. Raises Refused `already`, `not_found`."""
    rows, topics = lock_posts([post])
    if not rows:
        raise not_found()
    if not Report.objects.filter(post=rows[0], state=Report.State.OPEN).exists():
        raise _already()
    act = note_act(kind=Kind.KEEP, why=why, by=by, member=None, post=rows[0], topic=topics[rows[0].topic_id])
    close_reports(posts=[post], act=act, upheld=False)
    return act


def lock_posts(keys: Sequence[int]) -> tuple[list[Post], dict[int, Topic]]:
    """The posts in their order and their topics, locked; the topics first, as everybody who writes in them does."""
    if len(set(keys)) > LARGEST:
        raise Refused("too_many", _("That are more than %(n)d posts. Take fewer.") % {"n": LARGEST})
    wanted = set(Post.objects.filter(pk__in=keys).values_list("topic", flat=True))
    topics = lock_topics(wanted)
    rows = list(Post.objects.filter(pk__in=keys, topic__in=topics).order_by("topic", "number"))
    return rows, topics


# ---- Topics ---------------------------------------------------------------------------------------------------------
@transaction.atomic
def mark_topic(*, kind: str, topic: int, why: Why, by: User) -> ModerationAct:
    """Locks, unlocks, pins or unpins a topic. Raises Refused `already`, `not_found`."""
    name, value = MARKS[kind]
    found = lock_topics({topic}).get(topic)
    if found is None:
        raise not_found()
    if getattr(found, name) is value:
        raise _already()
    setattr(found, name, value)
    found.save(update_fields=[name])
    return note_act(kind=kind, why=why, by=by, member=found.author_id, topic=found)


# ---- Members --------------------------------------------------------------------------------------------------------
@transaction.atomic
def warn_member(*, member: User, why: Why, by: User, post: Post | None = None) -> ModerationAct:
    """Warns a member; they see it at the composer and by mail."""
    act = note_act(kind=Kind.WARN, why=why, by=by, member=member.pk, post=post, topic=post.topic if post else None)
    if post is not None:
        close_reports(posts=[post.pk], act=act, upheld=True)
    return act


@transaction.atomic
def suspend_member(
    *, member: User, until: datetime, why: Why, by: User, post: Post | None = None
) -> ModerationAct:  # fmt: skip
    """Keeps a member from writing in the forum until then; their log-in and chats go on.

    Raises Refused `bad_date` for a moment that is over or more than a year away, `own` for oneself and for staff.
    """
    _check_suspension(member, until, by)
    act = note_act(kind=Kind.SUSPEND, why=why, by=by, member=member.pk, post=post, until=until,
                topic=post.topic if post else None)  # fmt: skip
    if post is not None:
        close_reports(posts=[post.pk], act=act, upheld=True)
    return act


def _check_suspension(member: User, until: datetime, by: User) -> None:
    if member.pk == by.pk or member.is_staff:
        raise Refused("own", _("Our own staff cannot be suspended here."), status=403)
    now, most = timezone.now(), ModerationAct.MOST_SUSPENDED_DAYS
    if not now < until <= now + timedelta(days=most + 1):
        raise Refused("bad_date", _("Choose a day from tomorrow on, at most %(n)d days away.") % {"n": most})


@transaction.atomic
def clean_up(*, member: User, days: int, until: datetime, why: Why, by: User) -> ModerationAct:
    """Hides all posts of the last `days` days of a spammer and suspends them: one act, one reason, undone in one.

    Raises Refused as `suspend_member` does, `bad_days` outside 1 to 90, `too_many` over 1,000 posts.
    """
    _check_suspension(member, until, by)
    if not 1 <= days <= ModerationAct.MOST_CLEANED_DAYS:
        raise Refused("bad_days", _("Choose 1 to %(n)d days.") % {"n": ModerationAct.MOST_CLEANED_DAYS})
    since = timezone.now() - timedelta(days=days)
    wanted = Post.objects.filter(author=member, state__in=[PUBLISHED, HELD], created_at__gte=since)
    rows, topics = lock_posts(list(wanted.values_list("pk", flat=True)[: LARGEST + 1]))
    rows = [post for post in rows if post.state in (PUBLISHED, HELD)]
    act = note_act(kind=Kind.CLEAN_UP, why=why, by=by, member=member.pk, until=until, days=days)
    remember_posts(act, rows, topics)
    set_states(rows, HIDDEN)
    close_reports(posts=[post.pk for post in rows], act=act, upheld=True)
    return act


# ---- What every act leaves behind -----------------------------------------------------------------------------------
def remember_posts(act: ModerationAct, posts: Sequence[Post], topics: dict[int, Topic]) -> None:
    """Notes how the posts are before the act changes them."""
    ActPost.objects.bulk_create(
        [
            ActPost(
                act=act,
                post=post,
                state_before=post.state,
                topic_before_id=post.topic_id,
                number_before=post.number,
                was_accepted=topics[post.topic_id].accepted_post_id == post.pk,
            )
            for post in posts
        ]
    )


def note_act(*, kind: str, why: Why, by: User, member: int | None, **facts: Any) -> ModerationAct:
    """Stores an act, writes it into the audit log, and tells the author by mail and on the site."""
    now = timezone.now()
    act = ModerationAct.objects.create(
        kind=kind, reason=why.code, text=why.text, by=by, member_id=member, told_at=now if member else None, **facts
    )
    audit_act(f"forum.{_PAST[kind]}", act, by)
    tell_author(act, f"{act.pk}")
    return act


def tell_author(act: ModerationAct, key: str) -> None:
    """Puts the mail to the author into the outbox, unless they are gone or acted themselves."""
    if act.member_id is not None and act.member_id != act.by_id:
        enqueue(kind=ACT_MAIL, key=key, recipient=f"user:{act.member_id}", payload={"act": act.pk})


def audit_act(action: str, act: ModerationAct, by: User) -> None:
    """Writes one line about an act into the audit log: ids and the code of the reason, no words."""
    subject = f"user:{act.member_id}" if act.member_id else f"topic:{act.topic_id}" if act.topic_id else ""
    facts = {"act": act.pk, "reason": act.reason, "post": act.post_id, "topic": act.topic_id}
    record(account_ref=None, actor=f"user:{by.pk}", action=action, subject=subject, facts=facts)


_PAST: dict[str, str] = {
    Kind.APPROVE: "post_approved", Kind.KEEP: "post_kept", Kind.HIDE: "post_hidden", Kind.DELETE: "post_deleted",
    Kind.RESTORE: "post_restored", Kind.LOCK: "topic_locked", Kind.UNLOCK: "topic_unlocked", Kind.PIN: "topic_pinned",
    Kind.UNPIN: "topic_unpinned", Kind.MOVE: "topic_moved", Kind.SPLIT: "topic_split", Kind.MERGE: "topics_merged",
    Kind.WARN: "member_warned", Kind.SUSPEND: "member_suspended", Kind.CLEAN_UP: "member_cleaned_up",
}  # fmt: skip
