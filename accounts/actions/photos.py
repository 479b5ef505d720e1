"""Writes of a person's photo: judged and drawn anew in a child, stored in two sizes, removed without a trace."""

import base64
import secrets
import threading
from typing import Any

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts import photo_files as files
from accounts.actions.changes import note_change
from accounts.models import User
from core import sandbox
from core.errors import Refused

log = structlog.get_logger(__name__)

MOST_BYTES = 10 * 1024 * 1024
LIMITS = sandbox.Limits(seconds=5, megabytes=640)  # 25 megapixels as WebP take 485 while they are decoded
STRAY_SECONDS = 3600  # a file without a person that is older than this was left by a process that died
FINISH_SECONDS = 20  # a removal that has not removed its files after these was left by a process that died
SENTENCES = {
    "empty_file": _("This file is empty. Choose a photo."),
    "too_large": _("This file is larger than 10 MB. Choose a smaller one."),
    "unsupported_image": _("This is no JPEG, PNG, WebP or GIF picture. Save it as one of these and try again."),
    "corrupt_image": _("This picture is damaged. Open it on your device, save it again and try that one."),
    "too_many_pixels": _("This picture has more than 25 megapixels. Make it smaller and try again."),
    "too_small": _("This picture is smaller than 16 pixels on one side. Choose a larger one."),
    "bad_aspect": _("This picture is more than ten times as long as it is wide. Cut it and try again."),
    "too_many_frames": _("This animation has more than 500 pictures. Choose a still one."),
}
_one_at_a_time = threading.BoundedSemaphore(1)  # in each process: what is decoded takes memory


def set_photo(*, user: User, data: bytes) -> str:
    """Makes this picture the person's photo and answers its key. Refuses each code of SENTENCES, and `no_space`."""
    pictures = _clean(data)
    key = secrets.token_urlsafe(16)
    try:
        files.store(key, pictures)
    except OSError:
        log.exception("photo.not_stored")
        raise Refused("no_space", _("We cannot store the photo now. Try again later."), status=503) from None
    try:
        _change(user, key)
    except BaseException:
        files.remove(key)
        raise
    return key


def remove_photo(*, user: User) -> bool:
    """Removes the photo with all its files; again does nothing. Returns whether there was one."""
    return _change(user, "")


@transaction.atomic
def _change(user: User, key: str) -> bool:
    locked = User.objects.select_for_update().get(pk=user.pk)
    old = locked.photo_key
    if old == key:
        return False
    files.announce_removal(old)
    locked.photo_key = user.photo_key = key
    locked.save(update_fields=["photo_key"])
    note_change(user_id=locked.pk, what="photo.changed" if key else "photo.removed")
    transaction.on_commit(lambda: files.remove(old))
    return True


def finish_removals() -> int:
    """Removes the files of photos whose removal a process did not live to finish (S36). Returns how many keys."""
    keys = files.list_announced(FINISH_SECONDS)
    kept = set(User.objects.filter(photo_key__in=keys).values_list("photo_key", flat=True)) if keys else set()
    for key in keys:
        if key in kept:  # the commit did not come
            files.take_back(key)
        else:
            files.remove(key)
    return len(keys) - len(kept)


def sweep_photos() -> int:
    """Removes files that belong to nobody: a process died between file and row. Returns how many keys."""
    keys = list(files.list_keys(STRAY_SECONDS))
    known = set(User.objects.filter(photo_key__in=keys).values_list("photo_key", flat=True))
    stray = [key for key in keys if key not in known]
    for key in stray:
        files.remove(key)
    return len(stray)


def _clean(data: bytes) -> dict[int, bytes]:
    if not data:
        raise refusal("empty_file")
    if len(data) > MOST_BYTES:
        raise refusal("too_large")
    try:
        with _one_at_a_time:
            answer: dict[str, Any] = sandbox.run("accounts.photos:clean", data, limits=LIMITS)
    except sandbox.SandboxFailure as failure:
        log.warning("photo.failed", kind=failure.kind, detail=failure.detail)
        raise refusal("corrupt_image") from None
    if "code" in answer:
        raise refusal(answer["code"])
    return {512: base64.b64decode(answer["large"]), 96: base64.b64decode(answer["small"])}


def refusal(code: str) -> Refused:
    """The refusal of a picture, with its sentence."""
    return Refused(code, SENTENCES[code], status=413 if code == "too_large" else 400)
