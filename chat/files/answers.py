"""Answers whose bytes come from a file of ours: one file of a chat, or all of them in a zip file.

The bytes go out in the server's loop (livechat/door.py): a slow reader holds no thread.
"""

import json
import zipfile
from typing import Any

from django.http import HttpResponse

from chat.files import store
from chat.models import Attachment

FILE_CSP = "sandbox; default-src 'none'; frame-ancestors 'none'"
SEND_HEADER = "X-Livechat-File"  # never leaves the site: livechat/door.py puts the bytes in its place


def send_bytes(path: str, size: int, content_type: str) -> HttpResponse:
    """An answer whose bytes livechat/door.py takes from a file of ours, fenced in."""
    response = HttpResponse(content_type=content_type)
    response[SEND_HEADER] = path
    response["Content-Length"] = str(size)
    response["Content-Security-Policy"] = FILE_CSP
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def pack(name: str, document: dict[str, Any], attachments: list[Attachment]) -> HttpResponse:
    """A zip file with a JSON document and the files beside it, made on the disk for this one answer.

    Raises Refused `no_space`.
    """
    parcel, place = store.new_parcel()
    try:
        with zipfile.ZipFile(place, "x", zipfile.ZIP_STORED) as packed:
            packed.writestr(f"{name}.json", json.dumps(document, indent=2, ensure_ascii=False))
            for file in attachments:
                source = store.path_of(file.path)
                if source.is_file():
                    packed.write(source, f"files/{file.public_id}/{file.name}")
        size = place.stat().st_size
    except OSError:
        place.unlink(missing_ok=True)
        raise store.no_space() from None
    response = send_bytes(parcel, size, "application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    response["Cache-Control"] = "no-store"
    return response
