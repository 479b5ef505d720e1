"""Requests behind the fence: one of alice as a member, one of a guest, a saved reply of the desk."""

from typing import Any

from support.actions.settings import save_reply
from support.links import find_secret
from support.models import RequestFile
from support.testing import make_answer, make_note, make_request, text_file

SUBJECT = "Needle request"
NOTE = "Needle note for agents"


def make_requests(world: Any) -> None:
    """Adds `world.asked`, `world.solved`, `world.guest_request` with its secret, a file and a saved reply."""
    world.asked = make_request(world.alice, subject=SUBJECT, uploads=[text_file("needle.txt")])
    make_answer(world.asked, world.nik, "Needle answer")
    make_note(world.asked, world.nik, NOTE)
    world.asked_file = RequestFile.objects.get(message__request=world.asked)
    world.solved = make_request(world.alice, subject=SUBJECT)
    make_answer(world.solved, world.nik, status="solved")
    world.guest_request = make_request(email="needle-guest@specimen.example", subject=SUBJECT)
    world.guest_secret = find_secret(world.guest_request)
    world.saved_reply = save_reply(reply=None, title="Needle reply", text="Hello", agent=world.nik)
