"""The answer that carries a file: always saved, never shown (SAFETY: attachments)."""

import structlog
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from chat.files import store
from chat.files.answers import send_bytes
from core.errors import not_found
from support.models import RequestFile

log = structlog.get_logger(__name__)


def send_file(file: RequestFile) -> HttpResponse:
    """The bytes, fenced in. Raises Refused `not_found` when they are gone from the disk."""
    if not store.path_of(file.path).is_file():
        log.error("support.file_missing", file=file.pk)
        raise not_found()
    response = send_bytes(file.path, file.size, file.content_type)
    response["Content-Disposition"] = content_disposition_header(True, file.name) or "attachment"
    response["Cache-Control"] = "private, no-store"
    return response
