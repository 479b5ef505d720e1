"""An erasure: planned first, killed anywhere it goes on, looked after, and signed."""

import base64
import io
import json
import os
import shlex
import shutil
import subprocess
import uuid

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import actions as account_actions
from accounts.models import User
from accounts.scoping import account_scope, scopes_disabled
from accounts.testing import PASSWORD
from audit.models import SubjectKey
from chat.actions.chats import start_chat
from chat.actions.resuming import resume_chat
from chat.models import Chat, Message, Visitor
from chat.testing import make_chat, make_operator, make_visitor, say
from core.erased import erased_file
from core.errors import Refused
from core.personal_data import Subject
from privacy.actions import erasing, serving
from privacy.actions.cases import open_case
from privacy.certificates import read_certificate
from privacy.models import Case, ErasurePlan
from privacy.persons import person_of_address, person_of_user, person_of_visitor
from privacy.queries.erasures import preview, preview_plan
from privacy.testing import make_guest_case
from support.models import SupportRequest
from support.testing import make_request

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(settings, tmp_path):
    settings.VAR = tmp_path
    settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path / "media", tmp_path / "files"
    return tmp_path


def confirmed(person):
    return erasing.confirm_erasure(plan=erasing.plan_erasure(person=person))


def test_a_person_is_planned_erased_looked_for_and_certified(bob, bob_member, acme):
    account_actions.change_profile(user=bob, name="Needlename", surname="Longsurname", language="en")
    chat = make_chat(acme, text="Hello", operator=make_operator(bob_member))
    plan = erasing.plan_erasure(person=person_of_user(bob))
    assert plan.keys["accounts.User"] == [bob.pk] and bob.email in plan.needles
    assert "Needlename Longsurname" in plan.needles
    with pytest.raises(Refused, match="not_confirmed"):
        erasing.run_erasure(plan=plan)
    plan = erasing.run_erasure(plan=erasing.confirm_erasure(plan=plan))
    assert plan.findings == []
    assert plan.state == "done" and (plan.refs, plan.keys, plan.needles) == ([], {}, [])
    body = read_certificate(plan.certificate)
    assert body["erased"]["accounts.User"] == 1 and body["looked_at"]["columns"] > 200
    assert "Needlename" not in plan.certificate and bob.email not in plan.certificate
    assert not User.objects.filter(pk=bob.pk).exists()
    assert not SubjectKey.objects.filter(subject=f"user:{bob.pk}").exists()
    with scopes_disabled():
        assert Chat.objects.filter(pk=chat.pk).exists()


@pytest.mark.parametrize("at", ["sessions.Session", "account.EmailAddress", "operators.Operator", "accounts.User"])
def test_an_erasure_that_was_killed_goes_on_from_there(bob, bob_member, acme, monkeypatch, at):
    make_operator(bob_member)
    plan, whole = confirmed(person_of_user(bob)), erasing._step

    def die(plan, entry):
        if entry.model == at:
            raise KeyboardInterrupt
        whole(plan, entry)

    monkeypatch.setattr(erasing, "_step", die)
    with pytest.raises(KeyboardInterrupt):
        erasing.run_erasure(plan=plan)
    monkeypatch.setattr(erasing, "_step", whole)
    assert User.objects.filter(pk=bob.pk).exists()
    assert erasing.run_due_erasures() == 1
    plan.refresh_from_db()
    assert plan.state == "done" and read_certificate(plan.certificate)["erased"]["accounts.User"] == 1
    assert not User.objects.filter(pk=bob.pk).exists() and erasing.run_due_erasures() == 0


def test_what_was_forgotten_reopens_the_plan_and_an_officer_says_why_it_stays(bob, acme, pia):
    chat = make_chat(acme, text=f"Write to {bob.email.upper()}, please", name="Someone else")
    plan = erasing.run_erasure(plan=confirmed(person_of_user(bob)))
    assert plan.state == "reopened" and not plan.certificate
    assert ["chat.Message", "text", 1] in plan.findings and ["chat.Chat", "last_text", 1] in plan.findings
    assert erasing.run_due_erasures() == 0
    erasing.accept_findings(plan=plan, by=pia, because="A letter of somebody else names the address.")
    assert erasing.run_due_erasures() == 1
    body = read_certificate(ErasurePlan.objects.get(pk=plan.pk).certificate)
    assert body["found_stays_because"] and {"table": "chat.Message", "column": "text", "rows": 1} in body["found"]
    with scopes_disabled():
        assert Message.objects.filter(chat=chat).exists()


def test_a_forgotten_file_and_a_forgotten_cache_entry_are_found(bob, var):
    from django.core.cache import cache

    (var / "media").mkdir()
    (var / "media" / "left.txt").write_text(f"to: {bob.email}")
    cache.set("about", {"email": bob.email})
    plan = erasing.run_erasure(plan=confirmed(person_of_user(bob)))
    assert ["files: media", "content", 1] in plan.findings and ["cache", "entry", 1] in plan.findings
    (var / "media" / "left.txt").unlink()
    cache.clear()
    erasing.try_again(plan=plan)
    assert erasing.run_due_erasures() == 1


@pytest.mark.once  # of SQLite: the indexes of PostgreSQL are columns, which are looked through as such
def test_a_ghost_in_a_search_index_is_found(dave, acme):
    from django.db import connection

    make_chat(acme, text="Hello", visitor=dave, email="needle@specimen.example")
    plan = confirmed(person_of_visitor(dave.pk))
    plan.needles = [*plan.needles, "ghostly needle"]
    plan.save()
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE sql LIKE '%USING fts5%' ORDER BY name")
        index = cursor.fetchone()[0]
        cursor.execute(f'INSERT INTO "{index}"(rowid, words) VALUES (987654, %s)', ["a ghostly needle here"])  # noqa: S608
    plan = erasing.run_erasure(plan=plan)
    assert [index, "words", 1] in plan.findings


def test_a_visitor_is_erased_with_chats_and_nobody_else(dave, acme):
    make_chat(acme, text="needle-7f3a of dave", visitor=dave)
    other = make_chat(acme, text="of somebody else")
    lines = {line.model: line for line in preview(person_of_visitor(dave.pk))}
    assert lines["chat.Message"].count and str(lines["chat.Visitor"].what) == "emptied; the rest is kept"
    assert "made-up name" in str(lines["chat.Visitor"].reason) and "days" in str(lines["chat.Visitor"].until)
    plan = erasing.run_erasure(plan=confirmed(person_of_visitor(dave.pk)))
    assert plan.state == "done", plan.findings
    with scopes_disabled():
        assert Visitor.objects.get(pk=dave.pk).is_erased and not other.visitor.is_erased
        assert Message.objects.get(chat=other).text == "of somebody else"
        assert Chat.objects.count() == 2


def test_who_works_alone_takes_the_company_along_and_the_last_owner_stays(alice, acme, bob_member, carol, cakes):
    with pytest.raises(Refused, match="last_owner"):
        confirmed(person_of_user(alice))
    assert preview(person_of_user(carol))[0].label == cakes.company
    plan = erasing.run_erasure(plan=confirmed(person_of_user(carol)))
    assert plan.state == "done", plan.findings
    assert not type(cakes).objects.filter(pk=cakes.pk).exists() and type(acme).objects.filter(pk=acme.pk).exists()


# ---- chats: rows stay, without the person ----
STEPS = ["chat.Chat", "chat.Attachment", "chat.MessageVersion", "chat.BoardReceipt", "chat.Visitor"]


def quoted_chat(acme, bob_member, visitor):
    chat = make_chat(acme, text="I am at 0170 1234567", visitor=visitor, operator=make_operator(bob_member))
    say(chat, f"Dear {visitor.name}, we call 0170/1234567 or write to {visitor.email}", operator=chat.operator)
    return chat


def lines_of(chat):
    with scopes_disabled():
        return list(Message.objects.filter(chat=chat).exclude(text="").order_by("seq").values_list("text", flat=True))


@pytest.mark.parametrize("at", STEPS)
def test_an_erasure_of_chats_that_was_killed_goes_on_with_the_same_pseudonym(acme, bob_member, monkeypatch, at):
    dave = make_visitor(acme, name="Dave Needlename", email="dave@needle.example")
    chat = quoted_chat(acme, bob_member, dave)
    plan, whole = confirmed(person_of_visitor(dave.pk)), erasing._step

    def die(plan, entry):
        if entry.model == at:
            raise KeyboardInterrupt
        whole(plan, entry)

    monkeypatch.setattr(erasing, "_step", die)
    with pytest.raises(KeyboardInterrupt):
        erasing.run_erasure(plan=plan)
    monkeypatch.setattr(erasing, "_step", whole)
    between = lines_of(chat)
    assert "Needlename" not in between[1]
    if at == "chat.Visitor":  # a colleague looked at it meanwhile: the steps before are not done again
        with scopes_disabled():
            Message.objects.filter(chat=chat, seq__gt=1).update(masked_at=None)
    assert erasing.run_due_erasures() == 1
    plan.refresh_from_db()
    body = read_certificate(plan.certificate)
    with scopes_disabled():
        alias = Visitor.objects.get(pk=dave.pk).name
        assert Message.objects.exclude(masked_at=None).count() == (at != "chat.Visitor")
    assert lines_of(chat) == between and between[1] == f"Dear {alias}, we call [removed] or write to [removed]"
    kept = {line["table"]: line for line in body["kept"]}
    assert kept["chat.Message"]["emptied"] == ["text", "file"] and "masked" in kept["chat.Message"]["why"]
    assert kept["chat.Visitor"]["rows"] == 1 and "made-up name" in kept["chat.Visitor"]["why"]
    assert all(kept[name]["until"] for name in ("chat.Chat", "chat.Message", "chat.Visitor"))
    assert "chat.Message" not in body["erased"]


def test_a_plan_that_is_reopened_and_run_again_changes_nothing_more(acme, bob_member, pia):
    dave = make_visitor(acme, name="Dave Needlename", email="dave@needle.example")
    chat = quoted_chat(acme, bob_member, dave)
    other = make_chat(acme, text="Dave Needlename told me of you", name="Somebody Else")
    plan = erasing.run_erasure(plan=confirmed(person_of_visitor(dave.pk)))
    assert plan.state == "reopened" and ["chat.Message", "text", 1] in plan.findings
    with scopes_disabled():
        once, lines = Visitor.objects.filter(pk=dave.pk).values().get(), lines_of(chat)
    known = erased_file().read_text()
    erasing.accept_findings(plan=plan, by=pia, because="A line of somebody else names the person.")
    assert erasing.run_due_erasures() == 1
    with scopes_disabled():
        assert Visitor.objects.filter(pk=dave.pk).values().get() == once
    assert lines_of(chat) == lines and lines_of(other) == ["Dave Needlename told me of you"]
    assert erased_file().read_text() == known, "the row that stays is nobody, and no restored backup erases it again"
    assert erasing.replay_erasures() == {"people": 0, "accounts": 0}


def test_a_person_with_several_chats_is_one_pseudonym_and_each_account_has_its_own(acme, cakes, bob_member, alice):
    rows = [make_visitor(account, name="Pat", email="pat@needle.example") for account in (acme, acme, cakes)]
    for row in rows[:2]:
        quoted_chat(acme, bob_member, row)
    plan = erasing.run_erasure(plan=confirmed(person_of_address("pat@needle.example")))
    assert plan.state == "done", plan.findings
    with scopes_disabled():
        names = list(Visitor.objects.order_by("pk").values_list("name", flat=True))
    assert names[0] == names[1] and all(name.startswith("Visitor ") for name in names)


def test_what_came_while_the_plan_waited_goes_too_and_a_visitor_cannot_come_between(acme, bob_member, monkeypatch):
    dave = make_visitor(acme, name="Dave Needlename", email="dave@needle.example")
    chat = quoted_chat(acme, bob_member, dave)
    plan, whole = confirmed(person_of_visitor(dave.pk)), erasing._step
    say(chat, "Still there? I am Needlename")
    refused = []

    def come_back(plan, entry):
        whole(plan, entry)
        if entry.model == "chat.Message":
            with account_scope(acme):
                for door in (
                    lambda: start_chat(visitor=dave, client_id=uuid.uuid4(), text="Needlename again"),
                    lambda: resume_chat(
                        account=acme, chat_pk=chat.pk, visitor_pk=dave.pk, client_id=uuid.uuid4(), text="Needlename"
                    ),
                ):
                    with pytest.raises(Refused, match="not_found") as refusal:
                        door()
                    refused.append(refusal.value.code)

    monkeypatch.setattr(erasing, "_step", come_back)
    assert erasing.run_erasure(plan=plan).state == "done"
    assert refused == ["not_found"] * 2 and "Needlename" not in str(lines_of(chat))


# ---- pages ----
def test_a_person_reads_the_plan_erases_and_gets_the_certificate(bob, client_of, commits):
    browser = client_of(bob)
    page = browser.get("/privacy/erase/").content.decode()
    assert "Your log-in" in page and "Log of acts and disclosures" in page and "the pseudonym means nobody" in page
    for sent, said in (({"password": "wrong"}, "This is not your password"), ({"password": PASSWORD}, "Tick the box")):
        answer = browser.post("/privacy/erase/", sent)
        assert answer.status_code == 400 and said in answer.content.decode()
    assert User.objects.get(pk=bob.pk).is_active
    where = browser.post("/privacy/erase/", {"password": PASSWORD, "understood": "1"})["Location"]
    assert "is being erased" in browser.get(where).content.decode()
    assert browser.get(where + "certificate.json").status_code == 404
    assert browser.get("/privacy/erase/").status_code == 302  # logged out
    assert erasing.run_due_erasures() == 1
    page = Client().get(where).content.decode()
    assert "Your data is erased" in page and "accounts.User" in page and bob.email not in page
    text = Client().get(where + "certificate.json").content.decode()
    assert read_certificate(text)["what"] == "erasure"
    assert read_certificate(text.replace('"Ed25519"', '"Ed25529"')) is None  # the envelope says what we signed with
    checked = Client().post("/privacy/certificate/", {"certificate": text})
    assert "The signature fits" in checked.content.decode()
    changed = Client().post("/privacy/certificate/", {"certificate": text.replace("erasure", "nothing")})
    assert changed.status_code == 400 and "no certificate of this site" in changed.content.decode()
    for nonsense in ("[]", "{}", "null", '{"signed": 1, "signature": 2}', "x" * 300_000, "[" * 100_000):
        assert Client().post("/privacy/certificate/", {"certificate": nonsense}).status_code == 400


def test_nobody_erases_with_the_plan_of_another_and_an_unconfirmed_plan_has_no_page(bob, eve, client_of):
    plan = erasing.plan_erasure(person=person_of_user(bob))
    assert Client().get(f"/privacy/erase/{plan.public_id}/").status_code == 404
    client_of(eve).post("/privacy/erase/", {"password": PASSWORD, "understood": "1"})
    assert erasing.run_due_erasures() == 1
    assert User.objects.filter(pk=bob.pk).exists() and not User.objects.filter(pk=eve.pk).exists()


# ---- certificates ----
def test_any_program_can_check_a_certificate(bob, tmp_path, settings):
    plan = erasing.run_erasure(plan=confirmed(person_of_user(bob)))
    file, key = tmp_path / "certificate.json", tmp_path / "key.pem"
    file.write_text(plan.certificate)
    key.write_bytes(Client().get("/privacy/certificate/key.pem").content)
    out = io.StringIO()
    call_command("verify_certificate", str(file), "--key", str(key), stdout=out)
    assert "The signature fits." in out.getvalue() and '"accounts.User": 1' in out.getvalue()
    parts = json.loads(plan.certificate)
    (tmp_path / "body").write_text(parts["signed"])
    (tmp_path / "signature").write_bytes(base64.b64decode(parts["signature"]))
    guide = (settings.BASE_DIR / "docs" / "privacy-erasure.md").read_text(encoding="utf-8")
    command = shlex.split(next(line for line in guide.splitlines() if line.strip().startswith("openssl ")))
    if shutil.which("openssl") or os.environ.get("CI") == "true":  # as the guide says it, word by word
        fits = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (fits.returncode, "Verified Successfully" in fits.stdout) == (0, True)
        (tmp_path / "body").write_text(parts["signed"].replace("accounts.User", "accounts.Loser"))
        changed = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
        assert (changed.returncode, "Failure" in changed.stdout + changed.stderr) == (1, True)
    file.write_text(plan.certificate.replace("accounts.User", "accounts.Loser"))
    with pytest.raises(CommandError, match="was changed"):
        call_command("verify_certificate", str(file))


def test_a_log_in_that_was_not_asked_for_and_a_namesake_do_not_hold_an_erasure_up(acme, eve, pia, client_of):
    """A guest proves an address by a mailed link; behind it is a log-in, and another visitor has the same name."""
    User.objects.filter(pk=eve.pk).update(name="Maria", surname="Example")
    make_request(email=eve.email, name="Maria Example")
    make_visitor(acme, name="Maria Example", email="another@specimen.example")
    person = person_of_address(eve.email).without(Subject.USER)
    case = open_case(kind=Case.Kind.ERASURE, channel=Case.Channel.PAGE, person=person, email=person.email, how="code")
    page = client_of(pia).get(f"/privacy/queue/{case.number}/").content.decode()
    assert "yes; it is not part of this case" in page
    plan = serving.plan_case(case=case, by=pia)
    assert "A log-in with the same address is not part of this." in str(preview_plan(plan)[-1].label)
    erasing.run_erasure(plan=serving.erase_case(case=case, by=pia))
    plan.refresh_from_db()
    assert (plan.state, plan.findings) == ("done", [])
    body = read_certificate(plan.certificate)
    assert body["not_asked_for"] == ["A log-in with the same address is not part of this. Log in to erase it."]
    case.refresh_from_db()
    assert case.state == "answered" and "Log in to erase it." in case.answer
    assert User.objects.get(pk=eve.pk).is_active
    assert not SupportRequest.objects.filter(email=eve.email).exists()


def test_a_trace_in_a_text_of_somebody_else_still_holds_it_up(eve, pia):
    make_request(email="only@specimen.example")
    make_request(eve, text="Write to only@specimen.example about it")
    case = make_guest_case("only@specimen.example", kind=Case.Kind.ERASURE)
    serving.plan_case(case=case, by=pia)
    plan = erasing.run_erasure(plan=serving.erase_case(case=case, by=pia))
    assert plan.state == "reopened" and "support.RequestMessage" in [line[0] for line in plan.findings]
