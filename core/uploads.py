"""Uploads: kept in memory up to a cap, never on disk, and read once (SAFETY: spreadsheet, photo, file kept)."""

from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.utils.translation import gettext_lazy as _

from core.errors import Refused

LARGEST_UPLOAD = 10 * 1024 * 1024  # of all files of one request together
LARGEST_REQUEST = 64 * 1024 * 1024  # what is read and thrown away, so that the browser hears our sentence


class CappedUpload(InMemoryUploadedFile):
    """A file in memory. `is_too_large`: it went over the cap, and nothing of it was kept."""

    is_too_large = False


class CappedUploadHandler(FileUploadHandler):
    """Keeps the files of a request in memory; beyond the cap it keeps nothing. There is no temporary file to forget."""

    def __init__(self, request: Any = None) -> None:
        super().__init__(request)
        self._read = 0
        self._kept = BytesIO()
        self._is_over = False
        self._largest = max(LARGEST_UPLOAD, settings.LARGEST_FILE)

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._kept, self._is_over = BytesIO(), False

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._read += len(raw_data)
        if self._read > LARGEST_REQUEST:
            raise StopUpload(connection_reset=True)
        if self._read > self._largest:
            self._kept, self._is_over = BytesIO(), True
        else:
            self._kept.write(raw_data)

    def file_complete(self, file_size: int) -> CappedUpload:
        self._kept.seek(0)
        upload = CappedUpload(
            self._kept, self.field_name, self.file_name, self.content_type, file_size, self.charset,
            self.content_type_extra,
        )  # fmt: skip
        upload.is_too_large = self._is_over
        return upload


def read_upload(upload: "UploadedFile[Any]", *, largest: int = LARGEST_UPLOAD) -> bytes:
    """The bytes of an uploaded file, which is closed and forgotten. Raises Refused `too_large`."""
    try:
        size = upload.size or 0
        if getattr(upload, "is_too_large", False) or size > largest:
            raise Refused("too_large", _("This file is larger than 10 MB: choose a smaller one."), status=413)
        data: bytes = upload.read()
        return data
    finally:
        upload.close()
