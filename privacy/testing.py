"""Builders for tests, through the app's own actions."""

from typing import Any

from privacy.actions.copies import ask_copy, make_copy
from privacy.models import Download
from privacy.persons import person_of_user


def make_download(user: Any) -> Download:
    """A copy of a person's data, ready to be fetched."""
    download = ask_copy(person=person_of_user(user), user=user)
    make_copy(public_id=str(download.public_id))
    download.refresh_from_db()
    return download
