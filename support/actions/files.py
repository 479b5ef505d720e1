"""Files of requests: judged and stored before the message is, forgotten when it does not come (SAFETY: attachments)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from chat.actions.files import judge_file
from chat.files import store
from core.errors import Refused
from core.uploads import LARGEST_UPLOAD
from support.models import RequestFile, RequestMessage

MOST = 5  # of one message


@dataclass(frozen=True)
class Upload:
    """A file as it came: its name and its bytes."""

    name: str
    data: bytes


@contextmanager
def taken(uploads: Sequence[Upload]) -> Iterator[list[RequestFile]]:
    """Judges and stores the files, 10 MB each and together; a block that fails leaves nothing on the disk.

    Gives rows that `attach` saves. Raises Refused: `too_many_files`, `too_large`, and the codes of chat's files.
    Not inside a transaction: the disk comes first.
    """
    if len(uploads) > MOST:
        raise Refused("too_many_files", _("Send at most %(count)d files with one message.") % {"count": MOST})
    if sum(len(one.data) for one in uploads) > LARGEST_UPLOAD:
        raise Refused("too_large", _("These files are larger than 10 MB together. Send fewer of them."), status=413)
    rows: list[RequestFile] = []
    try:
        for one in uploads:
            judged, content = judge_file(one.name, one.data)
            name = store.clean_name(one.name, judged["ending"])
            rows.append(
                RequestFile(name=name, content_type=judged["type"], size=len(content), path=store.store(content))
            )
        yield rows
    except BaseException:
        store.remove([row.path for row in rows])
        raise


def attach(message: RequestMessage, rows: Sequence[RequestFile]) -> None:
    """Puts stored files on a message, in the caller's transaction."""
    for row in rows:
        row.message = message
    RequestFile.objects.bulk_create(rows)
