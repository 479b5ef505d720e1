"""Changing what one has written: edit and remove, while the chat goes on, with the earlier text kept for operators."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.actions.chats import refuse_read_only
from chat.actions.files import drop_file
from chat.actions.messages import PREVIEW
from chat.actions.telling import add_event, lock_chat
from chat.models import Chat, Message, MessageVersion
from core.errors import Refused, not_found
from core.redaction import mask_secrets
from operators.models import Operator

# an edit is for slips: later on the other side has acted on what stands there. Removing is possible until the chat ends
EDITABLE = timedelta(minutes=15)


@transaction.atomic
def edit_line(
    *, chat_pk: int, seq: int, client_id: UUID, text: str, operator: Operator | None = None
) -> Message | None:
    """Gives an own line another text within 15 minutes; the change is itself a numbered line, "edited" (S25).

    Without `operator` it is the chat's visitor who edits. Answers that numbered line, None when the text is the same.
    A resend answers the first result. Raises Refused: `not_found`, `not_allowed` (somebody else's line), `closed`,
    `late`, `removed`, `conflict`, `read_only`.
    """
    chat, text = lock_chat(chat_pk), mask_secrets(text)
    known = _find_known(chat, client_id, "edited", seq)
    if known is not None:
        return known
    line = _find_own(chat, seq, operator)
    if line.removed_at is not None:
        raise Refused("removed", _("This message was removed."), status=409)
    if timezone.now() - line.created_at > EDITABLE:
        raise Refused("late", _("A message can be edited for 15 minutes. Write another one."), status=409)
    if line.text == text:
        return None
    _keep_version(line)
    line.text, line.edited_at = text, timezone.now()
    line.save(update_fields=["text", "edited_at"])
    return _tell(chat, line, "edited", client_id, operator)


@transaction.atomic
def remove_line(*, chat_pk: int, seq: int, client_id: UUID, operator: Operator | None = None) -> Message | None:
    """Empties an own line, with its file, while the chat goes on; the change is a numbered line, "removed" (S25).

    Answers that line, None when it was removed before. Raises Refused as `edit_line`, but never `late`.
    """
    chat = lock_chat(chat_pk)
    known = _find_known(chat, client_id, "removed", seq)
    if known is not None:
        return known
    line = _find_own(chat, seq, operator)
    if line.removed_at is not None:
        return None
    _keep_version(line)
    drop_file(message=line)
    line.text, line.file, line.removed_at = "", None, timezone.now()
    line.save(update_fields=["text", "file", "removed_at"])
    return _tell(chat, line, "removed", client_id, operator)


def _find_known(chat: Chat, client_id: UUID, event: str, seq: int) -> Message | None:
    refuse_read_only(chat.account)
    known: Message | None = Message.objects.filter(chat=chat, client_id=client_id).first()
    if known is not None and (known.event, known.of_seq) != (event, seq):
        raise Refused("conflict", _("This was sent before for another message."), status=409)
    return known


def _find_own(chat: Chat, seq: int, operator: Operator | None) -> Message:
    line: Message | None = Message.objects.filter(chat=chat, seq=seq).exclude(author=Message.Author.SYSTEM).first()
    if line is None:
        raise not_found()
    author = Message.Author.VISITOR if operator is None else Message.Author.OPERATOR
    if line.author != author or line.operator_id != (operator.pk if operator else None):
        raise Refused("not_allowed", _("You can change only what you wrote yourself."), status=403)
    if chat.state == Chat.State.CLOSED:
        raise Refused("closed", _("This chat has ended."), status=409)
    return line


def _keep_version(line: Message) -> None:
    MessageVersion.objects.create(account_id=line.account_id, message=line, text=line.text)


def _tell(chat: Chat, line: Message, event: str, client_id: UUID, operator: Operator | None) -> Message:
    """Adds the numbered line of the change; the list of chats follows when nothing was said since."""
    later = Message.objects.filter(chat=chat, seq__gt=line.seq).exclude(author=Message.Author.SYSTEM)
    is_newest = not later.exists()
    if is_newest:
        chat.last_text = line.text[:PREVIEW]
        chat.save(update_fields=["last_text"])
    return add_event(chat=chat, event=event, operator=operator, of=line, client_id=client_id, is_newest=is_newest)
