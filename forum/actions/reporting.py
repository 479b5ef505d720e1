"""Reports of members: one for each post, and everybody hears what became of theirs."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Refused, not_found
from core.limits import count_use
from core.redaction import mask_secrets
from forum.models import ModerationAct, Post, Report
from forum.models.moderation import REPORTED, Reason
from forum.models.topics import PUBLISHED
from outbox.actions import NewDelivery, enqueue_many

OUTCOME_MAIL = "forum_report_outcome"


@transaction.atomic
def report_post(*, post: Post, reporter: User, reason: str, text: str = "") -> Report:
    """A member says that a published post should not stay.

    Raises Refused `no_reason`, `too_long`, `own` for one's own post, `twice` for a second report of the same post,
    `not_found` for a post that nobody sees; TooMany over the limit.
    """
    if post.state != PUBLISHED or post.topic.state != PUBLISHED:
        raise not_found()
    if post.author_id == reporter.pk:
        raise Refused("own", _("This is your own post. You can edit or delete it."))
    text = mask_secrets(text.replace("\0", "")).strip()
    if reason not in REPORTED:
        raise Refused("no_reason", _("Choose what is wrong with the post."))
    if reason == Reason.OTHER and not text:
        raise Refused("no_reason", _("Write in a sentence what is wrong with the post."))
    if len(text) > Report.LONGEST:
        raise Refused("too_long", _("A report has up to 500 characters."))
    count_use("forum.reports", f"user:{reporter.pk}")
    try:
        with transaction.atomic():
            return Report.objects.create(post=post, reporter=reporter, reason=reason, text=text)
    except IntegrityError as error:
        raise Refused("twice", _("You reported this post already. You will hear what becomes of it.")) from error


def close_reports(*, posts: Iterable[int], act: ModerationAct, upheld: bool) -> None:
    """Closes the open reports of posts with what was done, and writes to who reported them."""
    rows = list(Report.objects.filter(post__in=list(posts), state=Report.State.OPEN))
    state = Report.State.UPHELD if upheld else Report.State.DECLINED
    Report.objects.filter(pk__in=[row.pk for row in rows]).update(state=state, act=act, closed_at=timezone.now())
    tell_reporters(rows, f"{act.pk}")


def tell_reporters(rows: Iterable[Report], key: str) -> None:
    """Puts the mails about reports that were closed, or opened again, into the outbox."""
    enqueue_many(
        [
            NewDelivery(OUTCOME_MAIL, f"{row.pk}:{key}", f"user:{row.reporter_id}", {"report": row.pk})
            for row in rows
            if row.reporter_id is not None
        ]
    )
