"""Tags of the moderators' pages: decisions in words, how long something waits."""

from datetime import datetime
from typing import Any

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forum.decision_words import say_in_log, say_to_member
from forum.models import ModerationAct, Post
from forum.queries.moderation import AGAINST, Decision

register = template.Library()
LATE_SECONDS = 2 * 3600
PLEASANT = (ModerationAct.Kind.APPROVE, ModerationAct.Kind.KEEP, ModerationAct.Kind.RESTORE)


@register.filter
def in_log(decision: Decision) -> str:
    """A decision in one line for moderators."""
    return say_in_log(decision.act, decision.author.name if decision.author else "")


@register.filter
def to_member(act: ModerationAct) -> str:
    """A decision in one line for whom it is about."""
    return say_to_member(act)


@register.filter
def mark_of(act: ModerationAct) -> str:
    """The mark of a line in the list of decisions: "ok", "danger" or nothing."""
    if act.undone_at is not None:
        return ""
    return "ok" if act.kind in PLEASANT else "danger" if act.kind in AGAINST else ""


@register.filter
def choices_of(reasons: dict[str, Any], kind: str) -> Any:
    """The reasons that fit an act."""
    return reasons[kind]


@register.simple_tag
def post_ref(topic: Any, post: Post) -> str:
    """A post as the moderators' forms name it."""
    return f"{topic.public_id}:{post.number}"


@register.simple_tag
def waiting(since: datetime) -> SafeString:
    """How long something waits; from two hours on it is marked as late."""
    seconds = max(0, int((timezone.now() - since).total_seconds()))
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if days >= 2:
        words = ngettext("waiting %(n)d day", "waiting %(n)d days", days) % {"n": days}
    elif hours:
        words = _("waiting %(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes % 60}
    else:
        words = _("waiting %(minutes)d min") % {"minutes": minutes}
    local = timezone.localtime(since)
    state = "when-late" if seconds >= LATE_SECONDS else "muted"
    return format_html('<time class="t2 num {}" datetime="{}">{}</time>', state, local.isoformat(), words)
