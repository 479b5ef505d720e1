"""A chat between operators: transfer to a person or a group, take over, and open again what was just closed."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.actions.chats import refuse_read_only
from chat.actions.notes import write_note
from chat.actions.queue import put_back
from chat.actions.recording import note_reopened, note_transferred
from chat.actions.telling import (
    add_event,
    lock_chat_in_queue,
    tell_holder,
    tell_operators,
    tell_state,
    wake_queue,
)
from chat.models import Chat, Message
from chat.realtime import frames
from core.errors import Refused, not_found
from core.redaction import mask_secrets
from operators.actions import change_open_chats
from operators.models import Group, Operator

REOPENABLE = timedelta(seconds=60)


@transaction.atomic
def transfer_chat(
    *, chat_pk: int, by: Operator, to_pk: int | None = None, group_pk: int | None = None, note: str = "",
    supervises: bool = False, anyway: bool = False,
) -> Chat:  # fmt: skip
    """Gives an open chat to a colleague, or back to the queue of a group at its old place, with a note (S27).

    `anyway` answers the question that a refusal with `away` or `nobody` asks, and, of owners and admins, with `limit`.
    Raises Refused: `not_found`, `waiting`, `closed`, `not_allowed` (also when it changed hands meanwhile), `same`,
    `away`, `nobody`, `limit`, `read_only`.
    """
    refuse_read_only(by.account)
    chat, note = _lock_open(chat_pk), mask_secrets(note)
    if chat.operator_id != by.pk and not supervises:
        raise Refused("not_allowed", _("This chat is with somebody else."), status=403)
    if to_pk is not None:
        to = _find_receiver(chat, to_pk, anyway=anyway)
        _note_for(chat, by, note, [to.pk])
        _hand_over(chat, to, over_limit=anyway and supervises)
        _tell_handed(chat, to.pk, by, "transfer", note)
    else:
        _return_to(chat, _find_group(group_pk, anyway=anyway), by, note)
    return chat


@transaction.atomic
def take_over(*, chat_pk: int, operator: Operator, anyway: bool = False) -> Chat:
    """Makes a colleague's open chat the operator's own; for owners and admins, the door asks the table of roles (S27).

    `anyway`: also beyond the own limit. Raises Refused: `not_found`, `waiting`, `closed`, `limit`, `read_only`.
    """
    refuse_read_only(operator.account)
    chat = _lock_open(chat_pk)
    holder = chat.operator_id
    if not _is_here(operator):  # removed a moment ago
        raise not_found()
    if holder == operator.pk:
        return chat
    _hand_over(chat, operator, over_limit=anyway)
    if holder is not None:
        _tell_handed(chat, holder, operator, "taken")
    return chat


@transaction.atomic
def reopen_chat(*, chat_pk: int, operator: Operator) -> Chat:
    """Opens again a chat that this operator closed within the last minute; who had it has it again (S25).

    Where that colleague has left meanwhile, who opens it has it.

    It may pass the holder's limit by that one chat. Opening an open chat changes nothing. Raises Refused: `not_found`,
    `not_allowed` (somebody else closed it), `late`, `moved_on` (the visitor began another chat), `read_only`.
    """
    refuse_read_only(operator.account)
    chat = lock_chat_in_queue(chat_pk)
    if chat.state == Chat.State.OPEN:
        return chat
    if not _is_here(operator):
        raise not_found()
    closed = Message.objects.filter(chat=chat, event="closed").order_by("-seq").first()
    if chat.closed_by != Chat.ClosedBy.OPERATOR or closed is None or closed.operator_id != operator.pk:
        raise Refused("not_allowed", _("Only who closed a chat can open it again."), status=403)
    if chat.closed_at is None or timezone.now() - chat.closed_at > REOPENABLE:
        raise Refused("late", _("A closed chat can be opened again for a minute. That time is over."), status=409)
    if Chat.objects.filter(visitor=chat.visitor_id).exclude(state=Chat.State.CLOSED).exists():
        raise Refused("moved_on", _("The visitor has begun another chat."), status=409)
    if chat.operator is None or not _is_here(chat.operator):
        chat.operator, chat.accepted_at = operator, timezone.now()
    change_open_chats(operator_id=chat.operator.pk, by=1)
    note_reopened(chat)
    chat.state, chat.closed_at, chat.closed_by = Chat.State.OPEN, None, ""
    chat.save(update_fields=["state", "closed_at", "closed_by", "operator", "accepted_at", "board_seq"])
    add_event(chat=chat, event="reopened", operator=operator)
    tell_state(chat=chat)
    tell_holder(chat=chat)
    return chat


def _is_here(operator: Operator) -> bool:
    """Whether somebody is still a member who can log in."""
    return Operator.objects.filter(pk=operator.pk, membership__user__is_active=True).exists()


def _lock_open(chat_pk: int) -> Chat:
    chat = lock_chat_in_queue(chat_pk)
    if chat.state == Chat.State.CLOSED:
        raise Refused("closed", _("This chat has ended."), status=409)
    if chat.state == Chat.State.WAITING:
        raise Refused("waiting", _("Nobody has this chat yet. Accept it first."), status=409)
    return chat


# ---- who gets it ----
def _find_receiver(chat: Chat, pk: int, *, anyway: bool) -> Operator:
    found: Operator | None = Operator.objects.filter(pk=pk, membership__user__is_active=True).first()
    if found is None:
        raise not_found()
    if found.pk == chat.operator_id:
        raise Refused("same", _("%(name)s has this chat already.") % {"name": found.display_name}, status=409)
    if found.status != Operator.Status.ACCEPTING and not anyway:
        sentence = _("%(name)s does not accept chats now.") % {"name": found.display_name}
        raise Refused("away", sentence, status=409)
    return found


def _find_group(pk: int | None, *, anyway: bool) -> Group:
    found: Group | None = Group.objects.filter(pk=pk or 0).first()
    if found is None:
        raise not_found()
    answering = Operator.objects.filter(
        group_places__group=found, status=Operator.Status.ACCEPTING, membership__user__is_active=True
    )
    if not anyway and not answering.exists():
        raise Refused("nobody", _("Nobody in %(group)s accepts chats now.") % {"group": found.name}, status=409)
    return found


def _hand_over(chat: Chat, to: Operator, *, over_limit: bool) -> None:
    """The chat goes from whoever has it to `to`, with the counters of both; the visitor sees who joined."""
    if not change_open_chats(operator_id=to.pk, by=1, within_limit=not over_limit):
        to.refresh_from_db(fields=["open_chats", "chat_limit"])
        told = {"name": to.display_name, "open": to.open_chats, "limit": to.chat_limit}
        raise Refused("limit", _("%(name)s has %(open)d of %(limit)d chats.") % told, status=409)
    note_transferred(chat, chat.operator_id)
    if chat.operator_id is not None:
        change_open_chats(operator_id=chat.operator_id, by=-1)
    chat.operator, chat.answer_due_at = to, None
    chat.save(update_fields=["operator", "answer_due_at", "board_seq"])
    add_event(chat=chat, event="joined", operator=to)
    tell_state(chat=chat)
    tell_holder(chat=chat)
    wake_queue(account_pk=chat.account_id)  # whoever gave it away has room for another


def _return_to(chat: Chat, group: Group, by: Operator, note: str) -> None:
    """Back to the queue of a group; the chat keeps the time at which it began, and so its place."""
    _note_for(chat, by, note, [])
    note_transferred(chat, chat.operator_id)
    if chat.operator_id is not None:
        change_open_chats(operator_id=chat.operator_id, by=-1)
    chat.group = group
    chat.save(update_fields=["group"])
    put_back(chat=chat, now=timezone.now(), event="returned", operator=by)


def _note_for(chat: Chat, by: Operator, text: str, readers: list[int]) -> None:
    if text:
        write_note(chat=chat, operator=by, client_id=uuid.uuid4(), text=text, mentions=readers)


def _tell_handed(chat: Chat, operator_pk: int, by: Operator, how: str, note: str = "") -> None:
    frame = {
        "t": "handed", "chat": str(chat.public_id), "how": how, "by": frames.person(by), "note": note,
        "name": chat.visitor.shown_name,
    }  # fmt: skip
    tell_operators([operator_pk], frame)
