"""The files of copies: where they lie, and that they go with their rows."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from privacy.models import Download


def folder() -> Path:
    """Where copies lie until their day is over."""
    return Path(settings.VAR) / "copies"


def path_of(public_id: Any) -> Path:
    """The file of one copy."""
    return folder() / f"{public_id}.zip"


def forget_files(keys: list[Any]) -> None:
    """Removes the files of copies whose rows are about to go, once the caller's transaction is committed."""
    places = [path_of(one) for one in Download.objects.filter(pk__in=keys).values_list("public_id", flat=True)]

    def remove() -> None:
        for place in places:
            place.unlink(missing_ok=True)

    transaction.on_commit(remove, robust=True)
