"""Builders for tests, through the app's own actions."""

import itertools
from typing import Any

from support.actions import desk, requests
from support.actions.files import Upload
from support.actions.requests import Contact, Written
from support.models import RequestMessage, SupportRequest

_numbers = itertools.count(1)


def make_request(user: Any = None, *, text: str = "The chat does not appear.", **changes: Any) -> SupportRequest:
    """A request of a member, or (without `user`) of a guest with an address of their own."""
    names = Contact.__dataclass_fields__
    given = {name: changes.pop(name) for name in list(changes) if name in names}
    email = user.email if user else f"guest{next(_numbers)}@specimen.example"
    channel = changes.pop("channel", SupportRequest.Channel.FORM)
    made = requests.make_request(
        contact=Contact(**{"email": email, "name": user.name if user else "Gil Guest", **given}), user=user,
        subject=changes.pop("subject", "Chat does not appear"),
        written=Written(text, channel, mail_id=changes.pop("mail_id", None)), **changes,
    )  # fmt: skip
    made.refresh_from_db()
    return made


def make_answer(request: SupportRequest, agent: Any, text: str = "Here is how.", **changes: Any) -> RequestMessage:
    """An agent's answer; it is the requester's turn afterwards."""
    return desk.answer_request(request=request, agent=agent, written=Written(text), **changes)


def make_note(request: SupportRequest, agent: Any, text: str = "Only for us.") -> RequestMessage:
    """A note for agents."""
    return desk.add_note(request=request, agent=agent, written=Written(text))


def make_reply(request: SupportRequest, text: str = "It still does not.", **changes: Any) -> RequestMessage:
    """What the requester writes again."""
    return requests.reply_as_requester(request=request, written=Written(text), **changes)


def text_file(name: str = "notes.txt", text: str = "Some words.") -> Upload:
    """A small file that is taken."""
    return Upload(name, text.encode())
