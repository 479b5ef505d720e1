"""Mails to agents: a requester wrote again, a due time is near or has passed. No word of the requester is in them."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.urls import reverse

from accounts.links import absolute
from accounts.outbound import address_of
from core.outbound import Letter
from support.models import RequestMessage, SupportRequest


def _agents(rows: Sequence[Any]) -> dict[str, Any]:
    keys = {int(row.recipient.partition(":")[2]) for row in rows}
    return {f"user:{one.pk}": one for one in get_user_model().objects.filter(pk__in=keys, is_active=True)}


def _letter(agent: Any, request: SupportRequest) -> Letter:
    context = {
        "name": agent.name,
        "number": request.number,
        "due_at": request.due_at,
        "url": absolute(reverse("support:desk_request", args=[request.number])),
        "site": settings.SITE_NAME,
    }
    return Letter(address_of(agent), context, agent.language)


def load_due(rows: Sequence[Any]) -> dict[int, Letter]:
    """None for a request that somebody answered meanwhile."""
    agents = _agents(rows)
    known = SupportRequest.objects.in_bulk({row.payload["request"] for row in rows})
    return {
        row.pk: _letter(agents[row.recipient], one)
        for row in rows
        if (one := known.get(row.payload["request"])) and one.needs_us and row.recipient in agents
    }


def load_new(rows: Sequence[Any]) -> dict[int, Letter]:
    """None for a request that somebody looks after, or answered, meanwhile."""
    return {pk: letter for pk, letter, one in _due_for(rows) if one.assignee_id is None}


def load_assigned(rows: Sequence[Any]) -> dict[int, Letter]:
    """None for a request that is another's by now."""
    found = _due_for(rows)
    mine = {row.pk: int(row.recipient.partition(":")[2]) for row in rows}
    return {pk: letter for pk, letter, one in found if one.assignee_id == mine[pk]}


def _due_for(rows: Sequence[Any]) -> list[tuple[int, Letter, SupportRequest]]:
    """Each row with its letter and the request, where it is our turn and the agent is still one of us."""
    agents = _agents(rows)
    known = SupportRequest.objects.filter(needs_us=True).in_bulk({row.payload["request"] for row in rows})
    return [
        (row.pk, _letter(agents[row.recipient], one), one)
        for row in rows
        if (one := known.get(row.payload["request"])) and row.recipient in agents
    ]


def load_followups(rows: Sequence[Any]) -> dict[int, Letter]:
    """None for a message whose request was answered meanwhile, or has another agent."""
    agents = _agents(rows)
    known = RequestMessage.objects.select_related("request").in_bulk({row.payload["message"] for row in rows})
    return {
        row.pk: _letter(agents[row.recipient], one.request)
        for row in rows
        if (one := known.get(row.payload["message"]))
        and one.request.needs_us
        and row.recipient == f"user:{one.request.assignee_id}"
        and row.recipient in agents
    }
