"""Notes between operators: written beside the lines of a chat, with colleagues named in them; no visitor reads them."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from chat.actions.chats import refuse_read_only
from chat.actions.telling import lock_chat
from chat.models import Chat, Note
from chat.realtime import frames
from core.errors import Refused
from core.realtime import publish_on_commit
from core.redaction import mask_secrets
from operators.models import Operator

MOST_NAMED = 20


@transaction.atomic
def add_note(
    *, chat_pk: int, operator: Operator, client_id: UUID, text: str, kind: str = Note.Kind.NOTE,
    mentions: Sequence[int] = (), supervises: bool = False,
) -> Note:  # fmt: skip
    """Adds a note to a chat, or whispers to the operator who has it; tells who looks, who has it and who is named.

    `mentions` are keys of operators; those of nobody in the account are left out. A resend answers the first result.
    Raises Refused: `conflict`, `not_found`, `read_only`; of a whisper also `not_allowed` (owners and admins whisper)
    and `waiting` (nobody has the chat, or it has ended) (S27).
    """
    refuse_read_only(operator.account)
    chat, text = lock_chat(chat_pk), mask_secrets(text)
    known = Note.objects.select_related("operator").filter(chat=chat, client_id=client_id).first()
    if known is not None:
        if (known.text, known.kind, known.operator_id) != (text, kind, operator.pk):
            raise Refused("conflict", _("This note was sent before with another text."), status=409)
        return known
    if kind == Note.Kind.WHISPER:
        _refuse_whisper(chat, operator, supervises=supervises)
    return write_note(chat=chat, operator=operator, client_id=client_id, text=text, kind=kind, mentions=mentions)


def _refuse_whisper(chat: Chat, operator: Operator, *, supervises: bool) -> None:
    if not supervises:
        raise Refused("not_allowed", _("Only owners and admins whisper. Write a note."), status=403)
    if chat.state != Chat.State.OPEN or chat.operator_id in (None, operator.pk):
        raise Refused("waiting", _("Nobody else has this chat. Write a note."), status=409)


def write_note(
    *, chat: Chat, operator: Operator, client_id: UUID, text: str, kind: str = Note.Kind.NOTE,
    mentions: Sequence[int] = (),
) -> Note:  # fmt: skip
    """The row and the frames of a note in a chat that the caller has locked and may write beside."""
    asked = [pk for pk in dict.fromkeys(mentions) if pk != operator.pk][:MOST_NAMED]
    here = Operator.objects.filter(pk__in=asked, membership__isnull=False).values_list("pk", flat=True)
    note: Note = Note.objects.create(
        account_id=chat.account_id, chat=chat, client_id=client_id, kind=kind, operator=operator,
        text=mask_secrets(text), mentions=sorted(here) if asked else [],
    )  # fmt: skip
    hearers = dict.fromkeys([*([chat.operator_id] if chat.operator_id else []), operator.pk, *note.mentions])
    publish_on_commit(
        [f"chat:{chat.pk}", *(f"operator:{pk}" for pk in hearers)],
        {
            "t": "note",
            "chat": str(chat.public_id),
            "name": chat.visitor.shown_name,
            "note": frames.note_of(note, chat.last_seq),
        },
    )
    return note
