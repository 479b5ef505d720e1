"""Without a log-in: a code to the address opens its data for half an hour, and nothing of a log-in."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from chat.testing import make_chat
from outbox.actions import deliver_due
from privacy.models import Download, Proof
from support.testing import make_request

pytestmark = pytest.mark.django_db
DAVE = "dave@specimen.example"


def ask(client, email: str) -> str:
    """Asks for a code; the code of the mail that came, "" when none came."""
    mail.outbox.clear()
    answer = client.post("/privacy/start/", {"email": email})
    assert (answer.status_code, answer["Location"]) == (302, "/privacy/start/code/")
    while deliver_due():
        pass
    sent = [one for one in mail.outbox if one.subject.startswith("Your code")]
    assert all(one.to == [email.strip().lower()] for one in sent)
    return re.search(r"\d{6}", sent[0].subject)[0] if sent else ""


def test_a_code_opens_what_an_address_leads_to(acme, eve, client):
    make_chat(acme, text="Where is my bicycle?", email=DAVE)
    make_request(email=DAVE, subject="Needle request")
    assert client.get("/privacy/")["Location"] == "/privacy/start/"
    code = ask(client, f" {DAVE.upper()} ")
    assert client.post("/privacy/start/code/", {"code": f"{code[:3]} {code[3:]}"})["Location"] == "/privacy/"
    page = client.get("/privacy/").content.decode()
    assert DAVE in page and "Your requests" in page and eve.email not in page
    assert "Needle request" in client.get("/privacy/kinds/support.SupportRequest/").content.decode()
    client.post("/privacy/copies/")
    while deliver_due():
        pass
    address = f"/privacy/copies/{Download.objects.get().public_id}/file/"
    assert client.get(address).status_code == 200
    Proof.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.get(address).status_code == 302 and client.get("/privacy/")["Location"] == "/privacy/start/"


def test_an_unknown_address_gets_no_mail_and_the_same_answer(acme, client):
    assert ask(client, "unknown@specimen.example") == ""
    page = client.get("/privacy/start/code/").content.decode()
    make_chat(acme, email=DAVE)
    assert ask(client, DAVE)
    assert client.get("/privacy/start/code/").content.decode().count("If we know") == page.count("If we know") == 1


def test_an_address_opens_nothing_of_a_log_in(eve, client):
    code = ask(client, eve.email)
    client.post("/privacy/start/code/", {"code": code})
    page = client.get("/privacy/").content.decode()
    assert "There is a log-in with this address" in page and "Log in" in page
    assert client.get("/privacy/kinds/accounts.User/").status_code == 404


def test_five_tries_ten_minutes_and_once(acme, client):
    make_chat(acme, email=DAVE)
    code = ask(client, DAVE)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert client.post("/privacy/start/code/", {"code": wrong}).status_code == 400
    assert client.post("/privacy/start/code/", {"code": code}).status_code == 400
    code = ask(client, DAVE)
    Proof.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post("/privacy/start/code/", {"code": code}).status_code == 400
    code = ask(client, DAVE)
    assert client.post("/privacy/start/code/", {"code": code}).status_code == 302
    assert client.get("/privacy/start/code/")["Location"] == "/privacy/start/"
    refused = client.post("/privacy/start/", {"email": DAVE})
    assert refused.status_code == 429 and "Too many tries" in refused.content.decode()
