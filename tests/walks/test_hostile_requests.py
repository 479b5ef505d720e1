"""Nothing that somebody writes in a request runs on a page of the requester, of the agents, or in a mail."""

from typing import Any

import pytest

from accounts.models import User
from accounts.scoping import account_scope
from livechat.devmail import list_mails
from outbox.actions import deliver_due
from support.actions.access import give_access
from support.actions.settings import save_hours, save_reply
from support.models import RequestFile, RequestMessage, RequestTag, StaffGrant, SupportRequest, default_targets
from support.testing import make_answer, make_note, make_request, text_file
from tests.walks.hostile import ATTACKS, REQUESTS, hostile, text_fields
from tests.walks.test_hostile_walk import Eyes

OTHER = {
    "support.SupportRequest.secret_hash": "a hash", "support.SupportRequest.language": "one of a list",
    "support.RequestMessage.text": "Markdown: what it says is changed, and this walk looks that nothing runs",
    "support.RequestMessage.mail_id": "shown nowhere", "support.RequestFile.content_type": "one of a list: by content",
    "support.RequestFile.path": "made by the server", "support.RequestEvent.value": "a word of ours, or a tag",
    "support.DeskHours.zone": "one of a list", "support.DeskHours.week": "times only: read_spans",
    "support.DeskHours.targets": "numbers only",
}  # fmt: skip


def test_every_text_field_of_requests_is_attacked_or_has_a_reason() -> None:
    assert text_fields(("support",)) == set(REQUESTS) | set(OTHER)


@pytest.fixture
def asked(alice: User, alice_member: Any, nik: User, settings: Any, site_server: str) -> SupportRequest:
    settings.EMAIL_BACKEND = "livechat.devmail.FileBackend"
    request = make_request(alice, text="\n\n".join(ATTACKS), uploads=[text_file()])
    make_answer(request, nik, "\n\n".join(ATTACKS), status="solved")
    make_note(request, nik, "\n\n".join(ATTACKS))
    own = {name.rpartition(".")[2]: hostile(name) for name in REQUESTS if ".SupportRequest." in name}
    SupportRequest.objects.filter(pk=request.pk).update(rating="bad", **own)
    request.tags.add(RequestTag.objects.create(name=hostile("support.RequestTag.name")))
    RequestFile.objects.update(name=hostile("support.RequestFile.name"))
    text, title = hostile("support.SavedReply.text"), hostile("support.SavedReply.title")
    reply = save_reply(reply=None, title=title, text="x", agent=nik)
    type(reply).objects.update(text=text)  # braces in it are no placeholders of ours
    days = [{"date": "2030-12-25", "name": hostile("support.DeskHours.holidays")}]
    save_hours(zone="UTC", week={}, holidays=days, targets=default_targets(), agent=nik)
    with account_scope(alice_member.account):
        give_access(by=alice_member, hours=1, reason="A question about chats")
        StaffGrant.objects.update(reason=hostile("support.StaffGrant.reason"))
    assert RequestMessage.objects.filter(text__contains="<x-pwn>").count() == 3
    return request


def test_nothing_that_is_written_in_a_request_runs(
    asked: SupportRequest, alice: User, nik: User, page_at: Any, site_server: str
) -> None:
    eyes = Eyes(site_server, {name: hostile(name) for name in REQUESTS})
    number = asked.number
    page = eyes.watch(page_at(375, user=alice, height=800))
    for path in (
        "/support/",
        "/support/requests/",
        f"/support/requests/{number}/",
        f"/support/requests/{number}/sent/",
        "/app/settings/staff-access/",
    ):
        assert page.goto(path).status == 200, path
        eyes.look(page, path)
    page = eyes.watch(page_at(375, user=nik, height=800))
    reply = "/support/desk/replies/"
    for path in ("/support/desk/?view=all", f"/support/desk/{number}/", reply, "/support/desk/hours/"):
        assert page.goto(path).status == 200, path
        eyes.look(page, path)
    page.goto(reply)
    page.locator(".rows a").first.click()
    eyes.look(page, "a saved reply")
    SupportRequest.objects.filter(pk=asked.pk).update(email="pat@specimen.example")  # that a mail server takes
    deliver_due()
    for mail in list_mails():
        page.goto(f"/dev/mail/{mail.name}/html/")
        eyes.look(page, mail.name)
    assert eyes.faults == [], "\n".join(eyes.faults)
    assert sorted(set(REQUESTS) - eyes.seen) == []
