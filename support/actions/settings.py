"""Saved replies, and the desk's hours and targets."""

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import available_timezones

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from audit.actions import record
from core.errors import Refused
from support.models import LONGEST_TEXT, DeskHours, SavedReply, SupportRequest
from support.placeholders import check_placeholders


def save_reply(*, reply: SavedReply | None, title: str, text: str, agent: Any) -> SavedReply:
    """Makes or changes a saved reply. Raises Refused: `empty`, `too_long`, `bad_placeholder`, `taken`."""
    title, text = " ".join(title.replace("\x00", "").split()), text.replace("\x00", "").strip()
    if not title or not text:
        raise Refused("empty", _("Give it a title and a text."))
    if len(title) > 80 or len(text) > LONGEST_TEXT:
        raise Refused("too_long", _("The title or the text is too long."))
    check_placeholders(text)
    row = reply or SavedReply(made_by=agent)
    row.title, row.text = title, text
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise Refused("taken", _("There is a saved reply with this title."), status=409) from None
    return row


@transaction.atomic
def delete_reply(*, reply: SavedReply) -> None:
    """Deletes a saved reply; what was sent with it stays."""
    reply.delete()


@transaction.atomic
def save_hours(
    *, zone: str, week: Mapping[str, Sequence[Sequence[str]]], holidays: Sequence[Mapping[str, str]],
    targets: Mapping[str, Sequence[int]], agent: Any,
) -> DeskHours:  # fmt: skip
    """Changes when the desk is open and how fast it wants to be; due times that are set stay as they are.

    Raises Refused: `bad_zone`, `bad_targets`.
    """
    if zone not in available_timezones():
        raise Refused("bad_zone", _("Choose a time zone of the list."))
    for priority in SupportRequest.Priority.values:
        first, resolve = targets[priority]
        if not 1 <= first <= resolve <= 60_000:
            raise Refused(
                "bad_targets", _("The first answer comes before the solution, and both take a minute or more.")
            )
    row = DeskHours.objects.select_for_update().order_by("pk").first() or DeskHours(pk=1)
    row.zone, row.week, row.holidays = zone, dict(week), list(holidays)
    row.targets = {priority: list(pair) for priority, pair in targets.items()}
    row.save()
    record(account_ref=None, actor=f"user:{agent.pk}", subject="desk", action="desk.hours_changed")
    return row
