"""Whether somebody may write now, and whether what they wrote is seen at once or held (SAFETY: forum spam)."""

from dataclasses import dataclass, field

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import member_gaps
from core import text as writing
from core.errors import Refused
from core.limits import count_use
from forum import queries
from forum.models import Check, ModerationAct, Post, State, Topic
from forum.queries import moderation as moderation_queries
from forum.spam import FIRST_POSTS, HELD_FROM, Verdict, Writing, fingerprint, judge
from forum.warning import WARNING_VERSION
from forum.work import Worked

Hold = Check.Hold


@dataclass(frozen=True)
class Sent:
    """How a text came through a door: the keyed hash of its network, and what became of the proof of work."""

    network: str = ""
    worked: Worked | None = None  # None: nobody was asked for it


@dataclass(frozen=True)
class Look:
    """What the rules say of a text before it is stored: its state, why it waits, and for what the points are."""

    state: str
    held_for: str = Hold.NOTHING
    verdict: Verdict = field(default_factory=Verdict)
    fingerprint: str = ""
    network: str = ""


def check_may_write(author: User) -> None:
    """Refuses `suspended`, `gaps` (age or public name missing) and `not_warned` (nothing is acknowledged, S33)."""
    if author.suspended_at is not None:
        sentence = _("Your right to write in public is suspended. Read why, and appeal, at %(path)s.")
        raise Refused("suspended", sentence % {"path": "/enforcement/"}, status=403)
    suspension = moderation_queries.find_suspension(author)
    if suspension is not None and suspension.until is not None:
        until = date_format(timezone.localtime(suspension.until), "DATE_FORMAT")
        sentence = _("You cannot write in the forum until %(date)s. Reason: %(reason)s. You can object at %(path)s.")
        facts = {"date": until, "reason": suspension.get_reason_display(), "path": decision_path(suspension)}
        raise Refused("suspended", sentence % facts, status=403)
    if member_gaps(author):
        raise Refused("gaps", _("Choose the name that others see, and say that you are 13 or older, before you write."))
    member = queries.find_forum_member(author.pk)
    if member is None or member.warning_version < WARNING_VERSION:
        raise Refused("not_warned", _("Read the note that everybody can see what you write here, and confirm it."))


def decision_path(act: ModerationAct) -> str:
    """The page on which a member reads a decision and objects to it."""
    return reverse("forum:decision", args=[act.public_id])


def first_look(
    *, author: User, text: str, title: str = "", topic: Topic | None = None, by_staff: bool = False,
    sent: Sent | None = None, post: Post | None = None,
) -> Look:  # fmt: skip
    """With which state a new or edited text begins. SAFETY: forum spam.

    A member's first post is held, links of new members are, and whatever the rules give too many points; support agents
    are not judged. `topic` is where it is posted, None for a new topic; `post` is what is edited. Raises TooMany over
    the limits of new members and of networks.
    """
    words = f"{title}\n\n{text}" if title else text
    if by_staff:
        return Look(State.PUBLISHED, fingerprint=fingerprint(words))
    now, sent = timezone.now(), sent or Sent()
    published = moderation_queries.count_published(author.pk, FIRST_POSTS)
    if post is None:
        _count(author, sent, is_new=published < FIRST_POSTS)
    links, print_ = writing.links(words), fingerprint(words)
    own, others = moderation_queries.count_same(print_, author.pk, now, post.pk if post else 0)
    has_worked = sent.worked is None or sent.worked.is_done or published >= FIRST_POSTS
    verdict = judge(
        Writing(
            text=words, links=links, published=published, same_by_author=own, same_by_others=others,
            recent=0 if post else moderation_queries.count_recent(author.pk, now), has_worked=has_worked,
            seconds=sent.worked.seconds if sent.worked else None,
        )
    )  # fmt: skip
    held_for = _hold(verdict, is_first=published == 0 and post is None, links=bool(links), has_worked=has_worked,
                     is_new=published < FIRST_POSTS)  # fmt: skip
    state = State.HELD if held_for else State.PUBLISHED
    return Look(state, held_for, verdict, print_, sent.network)


def _count(author: User, sent: Sent, *, is_new: bool) -> None:
    if is_new:
        count_use("forum.first_posts", f"user:{author.pk}")
    if sent.network:
        count_use("forum.network", sent.network)


def _hold(verdict: Verdict, *, is_first: bool, links: bool, has_worked: bool, is_new: bool) -> str:
    """Why it waits: the gravest reason, "" when it does not."""
    if verdict.points >= HELD_FROM:
        return Hold.SCORE
    if is_new and links:
        return Hold.LINKS
    if not has_worked:
        return Hold.WORK
    return Hold.NEW if is_first else Hold.NOTHING


def keep_look(post: Post, look: Look) -> None:
    """Stores what the rules said beside the post; an edited one has what they said last."""
    values = {
        "fingerprint": look.fingerprint, "points": look.verdict.points, "findings": look.verdict.stored(),
        "held_for": look.held_for, "network": look.network, "created_at": timezone.now(),
    }  # fmt: skip
    Check.objects.update_or_create(post=post, defaults=values)
