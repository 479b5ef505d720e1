"""What agents do with requests: answer, note, assign, tag, give a status and a priority, merge, delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.staff import is_support_agent
from audit.actions import record
from core.errors import Refused, not_found
from support import mails
from support.actions.files import Upload, attach, taken
from support.actions.requests import Written, check_text, find_sent, forget_request
from support.actions.states import Status, add_message, lock, note_event, set_priority, turn
from support.models import RequestEvent, RequestMessage, RequestTag, SupportRequest

AFTER_ANSWER = (Status.WAITING, Status.SOLVED, Status.OPEN)
MOST_AT_ONCE = 100
MOST_TAGS = 20


@dataclass(frozen=True)
class Changes:
    """What becomes of requests: None leaves a thing as it is. `assignee`: a person, or "" for nobody."""

    assignee: Any = None
    status: str | None = None
    priority: str | None = None
    add_tags: tuple[str, ...] = ()
    remove_tags: tuple[str, ...] = ()


def answer_request(
    *, request: SupportRequest, agent: Any, written: Written, uploads: Sequence[Upload] = (),
    status: str = Status.WAITING,
) -> RequestMessage:  # fmt: skip
    """Sends an agent's answer by mail and to the request's page; then it is the requester's turn.

    Who answers a request of nobody takes it. Raises Refused: `empty`, `too_long`, `bad_status`, those of `taken`.
    Not inside a transaction.
    """
    check_text(written)
    if status not in AFTER_ANSWER:
        raise Refused("bad_status", _("Choose what becomes of the request."))
    again = find_sent(request, written)
    if again is not None:
        return again
    with taken(uploads) as files, transaction.atomic():
        locked, now = lock(request.pk), timezone.now()
        message = add_message(
            locked, author=RequestMessage.Author.AGENT, text=written.text, user=agent, channel=written.channel,
            client_id=written.client_id, created_at=now,
        )  # fmt: skip
        attach(message, files)
        if locked.assignee_id is None:
            _assign(locked, agent, by=agent)
        locked.answered_at = locked.answered_at or now
        locked.save(update_fields=["answered_at"])
        turn(locked, status, by=agent, now=now)
        mails.answer(message.pk)
    return message


def add_note(
    *, request: SupportRequest, agent: Any, written: Written, uploads: Sequence[Upload] = ()
) -> RequestMessage:
    """Writes a note for agents: never mailed, never shown to the requester. Raises Refused as `answer_request`."""
    check_text(written)
    again = find_sent(request, written)
    if again is not None:
        return again
    with taken(uploads) as files, transaction.atomic():
        locked = lock(request.pk)
        message = add_message(
            locked, author=RequestMessage.Author.NOTE, text=written.text, user=agent, client_id=written.client_id
        )
        attach(message, files)
    return message


@transaction.atomic
def change_requests(*, requests: Sequence[SupportRequest], agent: Any, changes: Changes) -> int:
    """Changes one request or many, at most 100; answers how many. All of it or nothing.

    Raises Refused: `too_many`, `bad_status`, `bad_priority`, `bad_agent`, those of tags.
    """
    if len(requests) > MOST_AT_ONCE:
        raise Refused("too_many", _("Choose at most %(count)d requests at once.") % {"count": MOST_AT_ONCE})
    if changes.status is not None and changes.status not in (*AFTER_ANSWER, Status.CLOSED):
        raise Refused("bad_status", _("Choose what becomes of the request."))
    if changes.priority is not None and changes.priority not in SupportRequest.Priority.values:
        raise Refused("bad_priority", _("Choose a priority of the list."))
    if changes.assignee and not is_support_agent(changes.assignee):
        raise Refused("bad_agent", _("Choose one of the agents."))
    added, removed = _tags(changes.add_tags, make=True), _tags(changes.remove_tags, make=False)
    for request in sorted(requests, key=lambda one: one.pk):
        _change(lock(request.pk), agent, changes, added, removed)
    return len(requests)


def _change(
    request: SupportRequest, agent: Any, changes: Changes, added: list[RequestTag], removed: list[RequestTag]
) -> None:
    now = timezone.now()
    if changes.assignee is not None:
        _assign(request, changes.assignee or None, by=agent)
    if changes.priority is not None:
        set_priority(request, changes.priority, by=agent, now=now)
    moved = changes.status is not None and turn(request, changes.status, by=agent, now=now)
    if moved and request.status == Status.SOLVED:
        mails.solved(request.pk)
    if added or removed:
        _set_tags(request, added, removed, by=agent)


def _assign(request: SupportRequest, to: Any, *, by: Any) -> None:
    key = to.pk if to else None
    if request.assignee_id == key:
        return
    request.assignee_id = key
    request.save(update_fields=["assignee"])
    note_event(request, RequestEvent.Kind.ASSIGNED, by=by, value=str(key or ""), now=timezone.now())
    mails.tell_assigned(request, by=by)


def _tags(names: Sequence[str], *, make: bool) -> list[RequestTag]:
    rows = []
    for name in dict.fromkeys(" ".join(one.replace("\x00", "").split()) for one in names):
        if not name or len(name) > RequestTag.LONGEST:
            raise Refused("bad_tag", _("A tag has 1 to %(count)d characters.") % {"count": RequestTag.LONGEST})
        row = RequestTag.objects.filter(name__iexact=name).first()
        if row is None and make:
            if RequestTag.objects.count() >= RequestTag.MOST:
                raise Refused("too_many_tags", _("There are enough tags. Use one of them."))
            row = RequestTag.objects.create(name=name)
        if row is not None:
            rows.append(row)
    return rows


def _set_tags(request: SupportRequest, added: list[RequestTag], removed: list[RequestTag], *, by: Any) -> None:
    have = {tag.pk: tag for tag in request.tags.all()}
    new = [tag for tag in added if tag.pk not in have]
    gone = [tag for tag in removed if tag.pk in have]
    if len(have) + len(new) - len(gone) > MOST_TAGS:
        raise Refused("too_many_tags", _("A request has at most %(count)d tags.") % {"count": MOST_TAGS})
    request.tags.add(*new)
    request.tags.remove(*gone)
    for tag, sign in [*((tag, "+") for tag in new), *((tag, "-") for tag in gone)]:
        note_event(request, RequestEvent.Kind.TAGGED, by=by, value=f"{sign}{tag.name}", now=timezone.now())


@transaction.atomic
def merge_requests(*, source: SupportRequest, target: SupportRequest, agent: Any) -> SupportRequest:
    """Puts the messages of one request behind those of another of the same requester, and closes it.

    Its links lead to the other from now on. Raises Refused: `same`, `other_person` (each could read what the other
    wrote), `merged`.
    """
    first, second = sorted((source.pk, target.pk))
    if first == second:
        raise Refused("same", _("Choose another request to merge it with."))
    rows = {
        row.pk: row for row in SupportRequest.objects.select_for_update(of=("self",)).filter(pk__in=(first, second))
    }
    if len(rows) < 2:
        raise not_found()
    old, new = rows[source.pk], rows[target.pk]
    if old.merged_into_id or new.merged_into_id:
        raise Refused("merged", _("One of them is merged already."), status=409)
    if not _is_same_person(old, new):
        raise Refused("other_person", _("They are of different people. Each would read what the other wrote."))
    now = timezone.now()
    for message in RequestMessage.objects.filter(request=old).order_by("number"):
        new.last_message += 1
        message.request, message.number = new, new.last_message
        message.save(update_fields=["request", "number"])
    new.save(update_fields=["last_message"])
    old.merged_into = new
    old.save(update_fields=["merged_into"])
    turn(old, Status.CLOSED, by=agent, now=now)
    if old.closed_at and SupportRequest.objects.filter(merged_into=old).exists():
        SupportRequest.objects.filter(merged_into=old).update(merged_into=new)
    if not new.needs_us and old.since > new.since:
        turn(new, Status.OPEN, by=agent, now=now)
    for row, other in ((old, new), (new, old)):
        note_event(row, RequestEvent.Kind.MERGED, by=agent, value=str(other.number), now=now)
    return new


def _is_same_person(one: SupportRequest, other: SupportRequest) -> bool:
    if one.user_id or other.user_id:
        return one.user_id == other.user_id
    return one.email == other.email


@transaction.atomic
def delete_request(*, request: SupportRequest, agent: Any, reason: str) -> None:
    """An agent deletes a request at the requester's wish, or as spam. Raises Refused `no_reason`."""
    if not reason.strip():
        raise Refused("no_reason", _("Say why it is deleted."))
    record(
        account_ref=None, actor=f"user:{agent.pk}", subject=f"request:{request.pk}", action="request.deleted",
        facts={"number": request.number, "status": str(request.status)},
    )  # fmt: skip
    forget_request(request=request)
