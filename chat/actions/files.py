"""Files of chats: taken, judged and held, sent with a message, forgotten when nobody sends them (S25, P9).

A file is on the disk before its row is in the database, and stays there until the row is gone for sure.
"""

import base64
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.scoping import scopes_disabled
from chat.actions.messages import PREVIEW, NewMessage, Posted, post_messages
from chat.files import store
from chat.models import Attachment, Chat, Message
from core import sandbox
from core.errors import Refused, not_found
from core.faults import fault_point
from core.limits import count_use
from operators.models import Operator

log = structlog.get_logger(__name__)

MOST_A_CHAT = 20
LIMITS = sandbox.Limits(seconds=10, megabytes=640)  # 25 megapixels as WebP take 485 while they are decoded
STRAY_SECONDS = 3600  # a file without a row that is older than this was left by a process that died
WAIT_SECONDS = 20  # for the two that are looked at before
BATCH = 500
_two_at_a_time = threading.BoundedSemaphore(2)  # in each process: what is decoded takes memory
SENTENCES = {
    "empty_file": _("This file is empty. Choose another one."),
    "unknown_kind": _(
        "We take pictures, PDF, text, Word, Excel, PowerPoint, OpenDocument and zip files. Save it as one of these."
    ),
    "disguise": _("This file is not what its name says. Save it again with the program that made it."),
    "program": _("This is a program, or holds one. We do not pass programs on. Send what it makes instead."),
    "macros": _("This document holds macros. Save it without them, as .docx, .xlsx or .pptx, and send that one."),
    "old_office": _("This is an old Office file. Save it as .docx, .xlsx, .pptx or PDF and send that one."),
    "active_pdf": _("This PDF holds a script or other files. Print it into a new PDF and send that one."),
    "too_much_inside": _("This zip file unpacks to far more than it should. Send the files one by one."),
    "corrupt_file": _("This file is damaged. Open it on your device, save it again and send that one."),
    "corrupt_image": _("This picture is damaged. Open it on your device, save it again and send that one."),
    "too_many_pixels": _("This picture has more than 25 megapixels. Make it smaller and send that one."),
    "too_many_frames": _("This animation has more than 500 pictures. Make it shorter and send that one."),
}


@dataclass(frozen=True)
class Sent:
    """What became of a message with a file: its number and time as for any message, and the `file` of its line."""

    posted: Posted
    file: dict[str, Any]


def hold_file(*, chat: Chat, name: str, data: bytes, operator: Operator | None = None) -> Attachment:
    """Takes a file for a chat: judged by content, cleaned, stored; it waits an hour for the message that sends it.

    Without `operator` it is the visitor's. Raises Refused: `closed`, `file_limit` (20 files in one chat), `too_large`,
    each code of SENTENCES, `no_space`, `busy`, `rate`. Not inside a transaction: the disk comes first.
    """
    _refuse_if_full(chat)
    count_use("chat.files", f"account:{chat.account_id}")
    judged, content = judge_file(name, data)
    path = store.store(content)
    fault_point("files.after_store")
    try:
        return _add(chat, operator, store.clean_name(name, judged["ending"]), judged, len(content), path)
    except BaseException:
        store.remove([path])
        raise


@transaction.atomic
def _add(chat: Chat, operator: Operator | None, name: str, judged: dict[str, Any], size: int, path: str) -> Attachment:
    locked = Chat.objects.select_for_update(of=("self",)).filter(pk=chat.pk).first()
    if locked is None:
        raise not_found()
    _refuse_if_full(locked)
    return Attachment.objects.create(
        account_id=chat.account_id, chat=locked, by_visitor=operator is None, operator=operator, name=name,
        content_type=judged["type"], size=size, width=judged["w"], height=judged["h"], path=path,
    )  # fmt: skip


def _refuse_if_full(chat: Chat) -> None:
    if chat.state == Chat.State.CLOSED:
        raise Refused("closed", _("This chat has ended."), status=409)
    if Attachment.objects.filter(chat=chat).count() >= MOST_A_CHAT:
        sentence = _("This chat has %(count)d files, and that is all it takes. Send a link instead.")
        raise Refused("file_limit", sentence % {"count": MOST_A_CHAT}, status=409)


def judge_file(name: str, data: bytes) -> tuple[dict[str, Any], bytes]:
    """What the bytes are (`type`, `ending`, `w`, `h`), and the bytes that are kept. Raises Refused as `hold_file`."""
    if not data:
        raise refusal("empty_file")
    if len(data) > settings.LARGEST_FILE:
        raise too_large()
    if not _two_at_a_time.acquire(timeout=WAIT_SECONDS):
        raise Refused("busy", _("There is too much to do right now. Try again in a minute."), status=503)
    try:
        answer: dict[str, Any] = sandbox.run(
            "chat.files.kinds:judge", data, limits=LIMITS, ending=store.ending_of(name)
        )
    except sandbox.SandboxFailure as failure:
        log.warning("files.not_judged", kind=failure.kind, detail=failure.detail)
        raise refusal("corrupt_file") from None
    finally:
        _two_at_a_time.release()
    if "code" in answer:
        raise refusal(answer["code"])
    return answer, base64.b64decode(answer["picture"]) or data


def refusal(code: str) -> Refused:
    """The refusal of a file, with its sentence."""
    return Refused(code, SENTENCES[code])


def too_large() -> Refused:
    """The refusal of a file over the site's limit."""
    sentence = _("This file is larger than %(size)d MB. Make it smaller, or send it in parts.")
    return Refused("too_large", sentence % {"size": settings.LARGEST_FILE // 1_048_576}, status=413)


@transaction.atomic
def post_file(*, message: NewMessage, file_id: UUID) -> Sent:
    """Stores a message with its file: both, or neither; a resend answers the first result (S25).

    The file must be held for this chat by who sends. Raises Refused: those of `post_messages`, `not_found` for another
    file or one that was sent already, `conflict` for a resend with another file.
    """
    outcome = post_messages([message])[0]
    if isinstance(outcome, Refused):
        raise outcome
    stored = Message.objects.get(chat_id=message.chat_pk, seq=outcome.seq)
    if not outcome.is_new:
        if stored.file is None or stored.file["id"] != str(file_id):
            raise Refused("conflict", _("This message was sent before with another file."), status=409)
        return Sent(outcome, stored.file)
    mine = {"by_visitor": True} if message.operator_pk is None else {"operator_id": message.operator_pk}
    held = Attachment.objects.filter(chat_id=message.chat_pk, public_id=file_id, message=None, **mine)
    attachment = held.select_for_update().first()
    if attachment is None:
        raise not_found()
    shown = describe(attachment)
    held.update(message=stored)
    Message.objects.filter(pk=stored.pk).update(file=shown)
    if not message.text:
        Chat.objects.filter(pk=message.chat_pk).update(last_text=attachment.name[:PREVIEW])
    return Sent(outcome, shown)


def describe(attachment: Attachment) -> dict[str, Any]:
    """The `file` of a line."""
    return {
        "id": str(attachment.public_id), "name": attachment.name, "size": attachment.size,
        "type": attachment.content_type, "w": attachment.width, "h": attachment.height,
    }  # fmt: skip


@transaction.atomic
def drop_file(*, message: Message) -> bool:
    """Removes the file of a message, row and bytes, and its name from the line. Answers whether there was one."""
    rows = Attachment.objects.filter(message=message)
    store.forget_files(list(rows.values_list("pk", flat=True)))
    dropped, _each = rows.delete()
    Message.objects.filter(pk=message.pk, file__isnull=False).update(file=None)
    message.file = None
    return dropped > 0


def forget_held_files(*, now: datetime | None = None) -> int:
    """Deletes files of every account that nobody sent within an hour. Answers how many."""
    before = (now or timezone.now()) - timedelta(minutes=Attachment.HELD_MINUTES)
    forgotten = 0
    with scopes_disabled():  # the clock's work is for every account
        while True:
            with transaction.atomic():
                old = Attachment.objects.filter(message=None, created_at__lt=before)
                keys = list(old.select_for_update().order_by("pk").values_list("pk", flat=True)[:BATCH])
                store.forget_files(keys)
                Attachment.objects.filter(pk__in=keys, message=None).delete()
            forgotten += len(keys)
            if len(keys) < BATCH:
                return forgotten


def sweep_files() -> int:
    """Removes files that no row names: a process died between file and row. Answers how many."""
    return store.remove_strays(list(store.list_strays(STRAY_SECONDS)))
