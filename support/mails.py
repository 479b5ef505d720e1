"""Mails of requests: each is an outbox row in the transaction that causes it, and resolved when it leaves (S16, P8)."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from core.outbound import Address, Letter
from core.personal_data import Purpose
from outbox.actions import enqueue
from support.links import link_of
from support.models import RequestMessage, SupportRequest
from support.queries import list_lost

GIVEN_FOR = frozenset({Purpose.SUPPORT})  # and for nothing else


def acknowledge(request_id: int) -> None:
    """Tells the requester the number and the link, once."""
    _put("support_received", f"request:{request_id}", request_id, {"request": request_id})


def answer(message_id: int) -> None:
    """Sends an agent's answer to the requester, once. Never called for a note."""
    request_id = RequestMessage.objects.values_list("request_id", flat=True).get(pk=message_id)
    _put("support_answer", f"message:{message_id}", request_id, {"message": message_id})


def solved(request_id: int) -> None:
    """Tells that it counts as solved, and asks how it was."""
    request = SupportRequest.objects.get(pk=request_id)
    stamp = request.since.isoformat()
    _put("support_solved", f"request:{request_id}:{stamp}", request_id, {"request": request_id, "since": stamp})


def send_links(request_id: int) -> None:
    """Sends the links of all requests of a guest's address to it, at most once a minute."""
    minute = timezone.now().strftime("%Y%m%d%H%M")
    _put("support_links", f"request:{request_id}:{minute}", request_id, {"request": request_id})


def tell_agents(message_id: int) -> None:
    """Tells the agent who looks after a request that the requester wrote."""
    message = RequestMessage.objects.select_related("request").get(pk=message_id)
    if message.request.assignee_id:
        enqueue(
            kind="support_followup", key=f"message:{message_id}", recipient=f"user:{message.request.assignee_id}",
            payload={"message": message_id},
        )  # fmt: skip


def tell_due(request: SupportRequest, agents: Sequence[int], *, is_late: bool) -> None:
    """Warns agents (keys of people) of a due time that is near, or tells them that it has passed."""
    for pk in agents:
        enqueue(
            kind="support_late" if is_late else "support_due", key=f"request:{request.pk}:{request.due_at}",
            recipient=f"user:{pk}", payload={"request": request.pk},
        )  # fmt: skip


def _put(kind: str, key: str, request_id: int, payload: dict[str, Any]) -> None:
    enqueue(kind=kind, key=key, recipient=f"request:{request_id}", payload=payload)


# ---- resolved at delivery -----------------------------------------------------------------------------------
def address_of(request: SupportRequest) -> Address:
    """The requester's address, good for this correspondence only."""
    subject = f"user:{request.user_id}" if request.user_id else f"request:{request.pk}"
    return Address(request.email, GIVEN_FOR, name=request.full_name, subject=subject)


def _letter(request: SupportRequest, **context: Any) -> Letter:
    known = {"request": request, "number": request.number, "url": link_of(request), "name": request.full_name}
    return Letter(address_of(request), {**known, **context}, language=request.language or "en")


def _requests(rows: Sequence[Any]) -> dict[int, SupportRequest]:
    return SupportRequest.objects.in_bulk({row.payload["request"] for row in rows})


def _messages(rows: Sequence[Any]) -> dict[int, RequestMessage]:
    wanted = {row.payload["message"] for row in rows}
    return RequestMessage.objects.select_related("request__assignee", "user").prefetch_related("files").in_bulk(wanted)


def load_received(rows: Sequence[Any]) -> dict[int, Letter]:
    """The acknowledgement; none for a request that is gone."""
    known = _requests(rows)
    return {row.pk: _letter(one) for row in rows if (one := known.get(row.payload["request"]))}


def load_answers(rows: Sequence[Any]) -> dict[int, Letter]:
    """The agent's answer with the link; a note is never mailed, whoever put the row in."""
    known = _messages(rows)
    return {
        row.pk: _letter(one.request, message=one, agent=one.user.get_short_name() if one.user else "")
        for row in rows
        if (one := known.get(row.payload["message"])) and one.author == RequestMessage.Author.AGENT
    }


def load_solved(rows: Sequence[Any]) -> dict[int, Letter]:
    """That it is solved; none when it was opened again since."""
    known = _requests(rows)
    return {
        row.pk: _letter(one)
        for row in rows
        if (one := known.get(row.payload["request"])) and one.since.isoformat() == row.payload["since"]
    }


def load_links(rows: Sequence[Any]) -> dict[int, Letter]:
    """Every link of the address."""
    known = _requests(rows)
    return {
        row.pk: _letter(one, links=[(each, link_of(each)) for each in list_lost(one.email)])
        for row in rows
        if (one := known.get(row.payload["request"])) and one.user_id is None
    }
