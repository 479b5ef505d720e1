"""What a case asks is done from the case: a copy or an erasure, and the letter of the answer leads there."""

import io
import json
import re
import time
import zipfile

import pytest
from django.core import mail

from accounts.testing import PASSWORD
from audit.queries import list_disclosures_about
from chat.testing import make_chat
from outbox.actions import deliver_due
from policies.actions import give_consent
from policies.models import Receipt
from privacy import copy_files
from privacy.actions.erasing import run_due_erasures
from privacy.actions.retention import apply_retention
from privacy.models import Case, CaseEvent, Download, ErasurePlan, Proof
from privacy.persons import person_of_address
from privacy.testing import make_case, make_guest_case
from support.models import SupportRequest
from support.testing import make_request

pytestmark = pytest.mark.django_db
GUEST = "gil@specimen.example"
COPY, CERTIFICATE = r"/privacy/copies/[0-9a-f-]{36}/", r"/privacy/erase/[0-9a-f-]{36}/"


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path, texts):
    settings.VAR, settings.FILES_ROOT, settings.MEDIA_ROOT = tmp_path, tmp_path / "files", tmp_path / "media"


def letters(*, to: str) -> list:
    """What left since the last time, to this address."""
    mail.outbox.clear()
    while deliver_due():
        pass
    return [one for one in mail.outbox if to in one.to[0]]


def steps(case: Case) -> list[str]:
    return list(CaseEvent.objects.filter(case=case).order_by("pk").values_list("what", flat=True))


def code_of(sent: list) -> str:
    return next(found[1] for one in sent if (found := re.match(r"Your code: (\d{6})", one.subject)))


def prove_address(client, email: str, path: str) -> None:
    """Goes where a mail leads, and shows with the code that the address is theirs."""
    asked = client.get(path)
    assert asked.status_code == 302 and asked["Location"] == f"/privacy/start/?next={path}"
    client.post(asked["Location"], {"email": email})
    answer = client.post("/privacy/start/code/", {"code": code_of(letters(to=email))})
    assert answer["Location"] == path


def test_an_officer_has_the_copy_made_and_the_answer_leads_the_proved_person_to_it(pia, eve, client, client_of):
    make_request(email=GUEST, subject="Needle request")
    make_guest_case(GUEST, text="And whom did you tell?")
    officer = client_of(pia)
    assert "Make the copy" in officer.get("/privacy/queue/1/").content.decode()
    assert officer.post("/privacy/queue/1/", {"do": "copy"}).status_code == 302
    (ready,) = (one for one in letters(to=GUEST) if one.subject == "Your copy is ready")
    assert "It is ready." in officer.get("/privacy/queue/1/").content.decode()
    officer.post("/privacy/queue/1/", {"do": "answer", "answer": "Only the mail server."})
    (answer,) = letters(to=GUEST)
    path = re.search(COPY, answer.body)[0]
    assert path == re.search(COPY, ready.body)[0] and "Only the mail server." in answer.body

    assert client_of(pia).get(path).status_code == client_of(eve).get(path).status_code == 404
    prove_address(client, GUEST, path)
    assert "It is ready" in client.get(path).content.decode()
    data = b"".join(client.get(f"{path}file/").streaming_content)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert json.loads(archive.read("data/support.SupportRequest.json"))["rows"][0]["subject"] == "Needle request"
    page = client.get("/privacy/").content.decode()
    assert "took a copy as a file" in page  # fetching it is a line, and so is the officer's look
    assert "A member of our staff</strong> · looked at your data" in page


def test_who_is_logged_in_and_asks_for_a_copy_waits_for_nobody(eve, pia, client_of, commits):
    browser = client_of(eve)
    with commits():
        page = browser.post("/privacy/requests/new/", {"kind": "access", "text": ""}, follow=True).content.decode()
    assert "A copy of your data is being made." in page
    case = Case.objects.get()
    answer = next(one for one in letters(to=eve.email) if "Our answer" in one.subject)
    assert re.search(COPY, answer.body)[0] == f"/privacy/copies/{Download.objects.get().public_id}/"
    case.refresh_from_db()
    assert case.state == Case.State.ANSWERED
    assert steps(case)[-3:] == ["copying", "copied", "answered"]
    assert "Fetch it" in browser.get("/privacy/requests/").content.decode()


def test_what_a_person_wrote_is_read_by_an_officer_before_the_case_ends(eve, client_of, commits):
    with commits():
        client_of(eve).post("/privacy/requests/new/", {"kind": "access", "text": "Also: who saw my photo?"})
    assert "Your copy is ready" in [one.subject for one in letters(to=eve.email)]
    assert Case.objects.get().state == Case.State.OPEN


def test_an_officer_reads_the_plan_erases_and_the_certificate_is_the_answer(pia, acme, client, client_of):
    asked = make_request(email=GUEST, subject="Needle request")
    make_chat(acme, text="Where is my bicycle?", email=GUEST)
    make_guest_case(GUEST, kind=Case.Kind.ERASURE)
    officer, page = client_of(pia), "/privacy/queue/1/"
    assert officer.post(page, {"do": "erase"}).status_code == 409  # nobody has read the plan
    letters(to=GUEST)
    officer.post(page, {"do": "plan"})
    shown = officer.get(page).content.decode()
    assert "A chat" in shown and ">Your requests<" in shown and "Erase it now" in shown
    assert SupportRequest.objects.filter(pk=asked.pk, email=GUEST).exists()
    officer.post(page, {"do": "plan"})
    assert ErasurePlan.objects.count() == 1
    officer.post(page, {"do": "erase"})
    assert "It runs now" in officer.get(page).content.decode()
    assert officer.post(page, {"do": "plan"}).status_code == 409
    assert run_due_erasures() == 1
    (answer,) = letters(to=GUEST)
    plan, case = ErasurePlan.objects.get(), Case.objects.get()
    path = re.search(CERTIFICATE, answer.body)[0]
    assert path == f"/privacy/erase/{plan.public_id}/" and "Your data is erased" in client.get(path).content.decode()
    assert (case.state, case.handled_by) == (Case.State.ANSWERED, pia)
    assert steps(case)[-5:] == ["planned", "planned", "erasing", "erased", "answered"]
    own = re.search(r"/privacy/requests/c/\w+/", answer.body)[0]
    assert path in client.get(own).content.decode() and path in officer.get(page).content.decode()
    assert not SupportRequest.objects.filter(email=GUEST).exists() and not person_of_address(GUEST).refs


def test_who_erases_their_data_on_the_page_gets_their_open_case_answered_too(eve, client_of):
    case = make_case(eve, kind=Case.Kind.ERASURE, text="All of it")
    email = eve.email
    client_of(eve).post("/privacy/erase/", {"password": PASSWORD, "understood": "1"})
    assert run_due_erasures() == 1
    case.refresh_from_db()
    assert case.state == Case.State.ANSWERED and case.user is None
    assert [one for one in letters(to=email) if re.search(CERTIFICATE, one.body)]


def test_a_copy_by_address_and_what_knows_the_browser_go_with_an_erasure(pia, client, client_of, commits):
    make_request(email=GUEST, subject="Needle request")
    client.post("/privacy/start/", {"email": GUEST})
    client.post("/privacy/start/code/", {"code": code_of(letters(to=GUEST))})
    assert GUEST not in str(dict(client.session))
    client.post("/privacy/copies/")
    letters(to=GUEST)
    place = copy_files.path_of(Download.objects.get().public_id)
    assert place.is_file() and client.get("/privacy/").status_code == 200
    make_guest_case(GUEST, kind=Case.Kind.ERASURE)
    officer = client_of(pia)
    officer.post("/privacy/queue/1/", {"do": "plan"})
    officer.post("/privacy/queue/1/", {"do": "erase"})
    with commits():
        assert run_due_erasures() == 1
    assert not place.exists() and not Download.objects.exists() and not Proof.objects.exists()
    assert client.get("/privacy/")["Location"] == "/privacy/start/"


def test_a_proof_is_deleted_when_its_half_hour_is_over(client):
    make_request(email=GUEST)
    client.post("/privacy/start/", {"email": GUEST})
    client.post("/privacy/start/code/", {"code": code_of(letters(to=GUEST))})
    proof = Proof.objects.get()
    apply_retention(now=proof.used_at)
    assert Proof.objects.exists()
    apply_retention(now=proof.expires_at)
    assert not Proof.objects.exists()


def test_a_yes_is_taken_back_from_your_data_and_both_changes_stand_on_the_page_of_receipts(eve, client_of):
    give_consent(subject=f"user:{eve.pk}", purpose="marketing", text="Send me offers.", channel="site")
    browser, receipt = client_of(eve), Receipt.objects.get()
    page = browser.get("/privacy/").content.decode()
    assert "Offers and news" in page and "Yes on" in page and "Your 1 receipt<" in page
    browser.post(f"/privacy/yes/{receipt.public_id}/withdraw/")
    assert "Yes on" not in browser.get("/privacy/").content.decode()
    page = browser.get("/privacy/receipts/").content.decode()
    assert "Agreed" in page and page.count("Taken back") == 2


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/app/archive/chats.csv", "chats.csv"),
        ("/app/reports/download/operators.csv", "report.operators"),
        ("/app/account/data.zip", "account.zip"),
    ],
)
def test_each_file_about_people_is_a_line_that_those_of_the_account_read(path, why, acme, alice, bob, client_of):
    make_chat(acme)
    owner = client_of(alice)
    session = owner.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = str(alice.pk)
    session.save()
    assert owner.get(path).status_code == 200
    (line,) = (one for one in list_disclosures_about([f"account:{acme.pk}"]) if one.channel == "export")
    assert (line.reference, line.recipient_name) == (why, "somebody of the account")
    assert "Somebody of the account" in client_of(bob).get("/privacy/").content.decode()
