"""Builders for tests, through the app's own actions: copies and cases."""

from typing import Any

from privacy.actions.cases import open_case, verify_case
from privacy.actions.copies import ask_copy, make_copy
from privacy.models import Case, Download
from privacy.persons import person_of_address, person_of_user


def make_download(user: Any) -> Download:
    """A copy of a person's data, ready to be fetched."""
    download = ask_copy(person=person_of_user(user), user=user)
    make_copy(public_id=str(download.public_id))
    download.refresh_from_db()
    return download


def make_case(user: Any, *, kind: str = Case.Kind.CORRECTION, text: str = "My name is wrong.") -> Case:
    """An open case of somebody who is logged in."""
    return open_case(kind=kind, channel=Case.Channel.PAGE, person=person_of_user(user), user=user, text=text)


def make_guest_case(
    email: str = "guest@specimen.example", *, kind: str = Case.Kind.ACCESS, is_proved: bool = True, **more: Any
) -> Case:
    """A case of a guest, whose address is proved or not."""
    case = open_case(kind=kind, channel=Case.Channel.PAGE, person=None, email=email, **more)
    return verify_case(case=case, refs=person_of_address(email)) if is_proved else case
