"""What somebody began to write."""

from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Refused
from core.redaction import mask_secrets
from forum.models import Category, Draft, Post, Topic


@transaction.atomic
def save_draft(
    *, user: User, text: str, title: str = "", topic: Topic | None = None, category: Category | None = None,
    public_id: UUID | None = None,
) -> Draft | None:  # fmt: skip
    """Keeps what was typed so far: one draft for each topic, any number of new topics. Nothing typed: no draft.

    `public_id` names the draft of a new topic: one that goes on, or the page's own word for a new one.
    Refuses `too_long` and `too_many`.
    """
    if len(text) > Post.LONGEST:
        raise Refused("too_long", _("This text is too long. Up to 50,000 characters are possible."))
    text = mask_secrets(text.replace("\0", ""))
    title = mask_secrets(title.replace("\0", ""))[: Topic.LONGEST_TITLE]
    rows = Draft.objects.filter(user=user, topic=topic)
    found = rows.filter(public_id=public_id).first() if topic is None and public_id else rows.first() if topic else None
    if not text.strip() and not title.strip():
        if found is not None:
            found.delete()
        return None
    if found is None:
        if Draft.objects.filter(user=user).count() >= Draft.MOST:
            raise Refused("too_many", _("You have 50 drafts. Remove one before you begin another."))
        found = Draft(user=user, topic=topic)
        if topic is None and public_id and not Draft.objects.filter(public_id=public_id).exists():
            found.public_id = public_id
    found.category, found.title, found.text, found.saved_at = category, title, text, timezone.now()
    found.save()
    return found


@transaction.atomic
def forget_draft(*, draft: Draft) -> None:
    """Removes a draft for good."""
    draft.delete()


def forget_drafts(*, user: User, topic: Topic | None, title: str = "") -> None:
    """Removes the draft of what was just posted: that of the topic, or that of a new topic with this title."""
    rows = Draft.objects.filter(user=user, topic=topic)
    (rows if topic is not None else rows.filter(title=title)).delete()
