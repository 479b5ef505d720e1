"""Mails of requests: each is an outbox row in the transaction that causes it, and resolved when it leaves (S16, P8)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts.staff import support_agents
from core.outbound import Address, Letter
from core.personal_data import Purpose
from notifications.inbound import can_answer_by_mail, reply_address
from notifications.incoming.cutting import MARK
from outbox.actions import enqueue
from support.links import link_of
from support.models import RequestMessage, SupportRequest
from support.queries import list_lost

GIVEN_FOR = frozenset({Purpose.SUPPORT})  # and for nothing else
KIND = "request"  # of the token in the address for answers (notifications/inbound.py)
ACKNOWLEDGED_AN_HOUR = 5  # of one address: two machines that write to each other end there (SAFETY: mail loops)
REFERENCES = 5  # newest mails of the requester that an answer names


def acknowledge(request_id: int) -> None:
    """Tells the requester the number and the link, once; more than five in an hour to one address are not written."""
    request = SupportRequest.objects.get(pk=request_id)
    recent = SupportRequest.objects.filter(email=request.email, created_at__gt=timezone.now() - timedelta(hours=1))
    if len(recent.order_by("-pk").values_list("pk")[: ACKNOWLEDGED_AN_HOUR + 1]) <= ACKNOWLEDGED_AN_HOUR:
        _put("support_received", f"request:{request_id}", request_id, {"request": request_id})
    if request.assignee_id is None:
        _tell_new(request_id)


def _tell_new(request_id: int) -> None:
    """Tells every agent that a request waits for somebody, at most once in ten minutes each."""
    window = int(timezone.now().timestamp()) // 600
    for pk in support_agents().values_list("pk", flat=True):
        enqueue(kind="support_new", key=f"window:{window}", recipient=f"user:{pk}", payload={"request": request_id})


def tell_assigned(request: SupportRequest, *, by: Any) -> None:
    """Tells an agent that somebody else gave them a request, once for each time it is given."""
    if request.assignee_id and request.assignee_id != getattr(by, "pk", None):
        enqueue(
            kind="support_assigned", key=f"request:{request.pk}:{timezone.now():%Y%m%d%H%M}",
            recipient=f"user:{request.assignee_id}", payload={"request": request.pk},
        )  # fmt: skip


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


def _letter(request: SupportRequest, mails: Mapping[int, list[str]], **context: Any) -> Letter:
    known = {"request": request, "number": request.number, "url": link_of(request), "name": request.full_name}
    by_mail = can_answer_by_mail()
    return Letter(
        address_of(request), {**known, "mark": MARK if by_mail else "", **context}, language=request.language or "en",
        reply_to=reply_address(KIND, str(request.public_id)) if by_mail else "",
        references=(_anchor(request), *mails.get(request.pk, ())),
    )  # fmt: skip


def _anchor(request: SupportRequest) -> str:
    """A Message-ID that all mails of a request name as their first, so that mail programs show them as one thread."""
    return f"<request.{request.public_id.hex}@{settings.PUBLIC_HOST}>"


def _mails_of(requests: Iterable[SupportRequest]) -> dict[int, list[str]]:
    """The Message-IDs of the requesters' newest mails, oldest first, in one statement."""
    rows = RequestMessage.objects.filter(
        request__in=[one.pk for one in requests], author=RequestMessage.Author.REQUESTER, mail_id__startswith="<"
    )
    found: dict[int, list[str]] = {}
    for key, mail_id in rows.order_by("number").values_list("request_id", "mail_id"):
        found.setdefault(key, []).append(str(mail_id))
    return {key: ids[-REFERENCES:] for key, ids in found.items()}


def _requests(rows: Sequence[Any]) -> dict[int, SupportRequest]:
    return SupportRequest.objects.in_bulk({row.payload["request"] for row in rows})


def _messages(rows: Sequence[Any]) -> dict[int, RequestMessage]:
    wanted = {row.payload["message"] for row in rows}
    return RequestMessage.objects.select_related("request__assignee", "user").prefetch_related("files").in_bulk(wanted)


def load_received(rows: Sequence[Any]) -> dict[int, Letter]:
    """The acknowledgement; none for a request that is gone."""
    known = _requests(rows)
    mails = _mails_of(known.values())
    return {row.pk: _letter(one, mails) for row in rows if (one := known.get(row.payload["request"]))}


def load_answers(rows: Sequence[Any]) -> dict[int, Letter]:
    """The agent's answer with the link; a note is never mailed, whoever put the row in."""
    known = _messages(rows)
    mails = _mails_of(one.request for one in known.values())
    return {
        row.pk: _letter(one.request, mails, message=one, agent=one.user.get_short_name() if one.user else "")
        for row in rows
        if (one := known.get(row.payload["message"])) and one.author == RequestMessage.Author.AGENT
    }


def load_solved(rows: Sequence[Any]) -> dict[int, Letter]:
    """That it is solved; none when it was opened again since."""
    known = _requests(rows)
    mails = _mails_of(known.values())
    return {
        row.pk: _letter(one, mails)
        for row in rows
        if (one := known.get(row.payload["request"])) and one.since.isoformat() == row.payload["since"]
    }


def load_links(rows: Sequence[Any]) -> dict[int, Letter]:
    """Every link of the address."""
    known = _requests(rows)
    return {
        row.pk: _letter(one, {}, links=[(each, link_of(each)) for each in list_lost(one.email)])
        for row in rows
        if (one := known.get(row.payload["request"])) and one.user_id is None
    }
