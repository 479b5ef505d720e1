"""What a member says of themselves in the forum."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from core.errors import Refused
from forum.models import ForumMember
from forum.warning import WARNING, WARNING_VERSION


@transaction.atomic
def acknowledge_warning(*, user: User, version: int) -> ForumMember:
    """Stores that the member read that everybody can read the forum, with time and version of that text (S30, S33).

    Refuses `old_warning` when they read an older text than the one that stands there now.
    """
    if version != WARNING_VERSION:
        raise Refused("old_warning", WARNING)
    member, _new = ForumMember.objects.get_or_create(user=user)
    if member.warning_version < version:
        member.warning_version, member.warned_at = version, timezone.now()
        member.first_warned_at = member.first_warned_at or member.warned_at
        member.save(update_fields=["warning_version", "warned_at", "first_warned_at"])
    return member


@transaction.atomic
def choose_when_gone(*, user: User, removes_posts: bool) -> None:
    """What becomes of the member's posts when they leave: removed, or kept and signed "Deleted member"."""
    ForumMember.objects.update_or_create(user=user, defaults={"removes_posts": removes_posts})
