"""What a topic's page carries for moderators, and for members who were warned or suspended."""

from typing import Any

from django.utils import timezone

from accounts.models import User
from forum import queries
from forum.models import ModerationAct, Topic
from forum.models.moderation import REPORTED
from forum.moderation_forms import default_until, reasons_for
from forum.queries.moderation import find_notices

Kind = ModerationAct.Kind


def menus_of(topic: Topic) -> dict[str, Any]:
    """The choices of the moderators' forms: reasons for each act, days, and the categories to which a topic can go."""
    today = timezone.localdate()
    places = [one for one in queries.list_categories() if not one.is_archived and one.pk != topic.category_id]
    return {
        "places": places,
        "reasons": {kind.value: reasons_for(kind) for kind in Kind},
        "until": {kind.value: default_until(kind, today).isoformat() for kind in (Kind.SUSPEND, Kind.CLEAN_UP)},
    }


def notices_for(user: User) -> dict[str, Any]:
    """Why a member cannot write, or was warned; and for what they can report a post."""
    found = find_notices(user)
    reasons = [(reason.value, reason.label) for reason in REPORTED]
    return {"suspension": found.suspension, "moderator_warning": found.warning, "report_reasons": reasons}
