"""Enforcement: evidence and a notice before a suspension, an appeal decided by somebody else, data stays (S53)."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.actions.erasing import erase_account, erase_person
from accounts.models import Account, User
from accounts.testing import make_public
from audit.models import Entry
from chat.files import store
from chat.testing import make_chat, make_visitor
from core.errors import Refused
from enforcement import actions
from enforcement.models import EnforcementCase, Evidence
from enforcement.personal_data import old_cases
from enforcement.testing import make_noticed, make_suspended
from forum.testing import make_category, make_topic, make_writer
from outbox.actions import deliver_all


@pytest.fixture
def letters():
    """Delivers what waits, and answers the mails since the last time."""

    def deliver():
        mail.outbox.clear()
        deliver_all()
        return list(mail.outbox)

    return deliver


def test_an_agent_takes_a_case_from_the_evidence_to_the_suspension(alice, acme, nik, client_of, letters):
    browser = client_of(nik)
    sent = {"who": acme.slug, "ground": "money", "facts": "Cards of strangers were tried."}
    page = browser.post("/staff/enforcement/", sent, follow=True)
    case = EnforcementCase.objects.get()
    address = f"/staff/enforcement/{case.number}/"
    assert "E-0001" in page.content.decode() and letters() == []  # nobody is told before the notice
    refused = browser.post(address, {"do": "notice", "days": "7"})
    assert refused.status_code == 400 and "Add the evidence first" in refused.content.decode()
    file = SimpleUploadedFile("log.txt", b"40 cards\n")
    browser.post(address, {"do": "evidence", "text": "40 cards in an hour", "link": "", "file": file})
    browser.post(address, {"do": "notice", "days": "7"})
    (letter,) = letters()
    assert alice.email in letter.to[0] and "Cards of strangers" in letter.body
    early = browser.post(address, {"do": "suspend", "decision": "Proved."})
    assert early.status_code == 409 and "time to answer" in early.content.decode()
    EnforcementCase.objects.update(answer_by=timezone.now())
    browser.post(address, {"do": "suspend", "decision": "Proved."})
    (letter,) = letters()
    assert "Proved." in letter.body and Account.objects.get(pk=acme.pk).is_read_only()
    done = set(Entry.objects.filter(action__contains="enforcement.").values_list("action", flat=True))
    assert {"enforcement.opened", "enforcement.noticed", "enforcement.suspended"} <= done
    assert Entry.objects.filter(action="account.suspended").count() == 1


def test_without_a_notice_not_even_the_database_takes_a_suspension(nik, acme):
    case = actions.open_case(ground="terms", facts="x", by=nik, account=acme)
    actions.add_evidence(case=case, by=nik, text="y")
    with pytest.raises(Refused):
        actions.suspend(case=case, by=nik, decision="z")
    with pytest.raises(IntegrityError), transaction.atomic():
        EnforcementCase.objects.update(state="suspended", suspended_at=timezone.now(), decision="z")
    assert Account.objects.get(pk=acme.pk).suspended_at is None


def test_an_answer_ends_the_wait(alice, acme, nik, client_of):
    case = make_noticed(nik, account=acme)
    browser = client_of(alice)
    page = browser.get(f"/enforcement/{case.public_id}/").content.decode()
    assert "Advertising in 40 chats." in page and "Buy now, 40 times." in page and "chats.txt" in page
    row = Evidence.objects.get()
    sent = browser.get(f"/enforcement/files/{row.public_id}/")
    assert sent["X-Livechat-File"] == row.path and store.path_of(row.path).read_bytes() == b"Buy now\n"
    browser.post(f"/enforcement/{case.public_id}/", {"do": "answer", "text": "It was a test of ours."})
    assert "It was a test of ours." in client_of(nik).get(f"/staff/enforcement/{case.number}/").content.decode()
    actions.suspend(case=case, by=nik, decision="It was none.")
    assert Account.objects.get(pk=acme.pk).suspended_at


def test_a_suspended_account_reads_and_exports_and_its_chat_is_closed(alice, acme, nik, client_of):
    chat = make_chat(acme, text="Hello from before", name="Robin")
    make_suspended(nik, account=acme)
    browser = client_of(alice)
    page = browser.get("/app/archive/").content.decode()
    assert "The account is suspended." in page and "/enforcement/" in page
    assert browser.get("/privacy/").status_code == 200
    assert browser.get("/app/archive/").status_code == 200
    assert browser.post("/privacy/copies/").status_code == 302
    acme.refresh_from_db()
    with pytest.raises(Refused):
        make_chat(acme, visitor=make_visitor(acme, name="Late"), text="Hi")
    assert chat.pk


def test_a_suspended_member_reads_and_cannot_write(eve, nik, client_of, letters):
    make_public(eve, "Eve in public")
    make_writer(eve)
    category = make_category()
    make_topic(eve, category=category, title="Before the suspension")
    case = make_suspended(nik, user=eve)
    letters()
    eve.refresh_from_db()
    with pytest.raises(Refused) as refused:
        make_topic(eve, category=category, title="After the suspension")
    assert refused.value.code == "suspended" and "/enforcement/" in str(refused.value.message)
    assert "You cannot write in public" in client_of(eve).get(f"/enforcement/{case.public_id}/").content.decode()
    actions.lift(case=case, by=nik)
    eve.refresh_from_db()
    assert make_topic(eve, category=category, title="After it was lifted")
    assert ["lifted" in letter.subject for letter in letters()] == [True]


def test_an_appeal_is_decided_by_somebody_else_and_can_lift_it(alice, acme, nik, pia, client_of, letters):
    case = make_suspended(nik, account=acme)
    letters()
    client_of(alice).post(f"/enforcement/{case.public_id}/", {"do": "appeal", "text": "It was my cousin."})
    assert ["pia@livechat.example" in letter.to[0] for letter in letters()] == [True]
    for who in (nik, User.objects.get(pk=nik.pk)):
        with pytest.raises(Refused) as refused:
            actions.decide_appeal(case=case, by=who, is_granted=True, answer="Yes.")
        assert refused.value.code == "same_person"
    assert client_of(nik).get(f"/staff/appeals/{case.number}/").status_code == 404  # agents decide none
    browser = client_of(pia)
    assert "Acme Bikes" in browser.get("/staff/appeals/").content.decode()
    assert "It was my cousin." in browser.get(f"/staff/appeals/{case.number}/").content.decode()
    browser.post(f"/staff/appeals/{case.number}/", {"do": "grant", "text": "You are right."})
    assert Account.objects.get(pk=acme.pk).suspended_at is None
    assert any("You are right." in letter.body for letter in letters())


def test_the_database_refuses_an_appeal_decided_by_who_suspended(acme, nik):
    make_suspended(nik, account=acme)
    with pytest.raises(IntegrityError), transaction.atomic():
        EnforcementCase.objects.update(appeal_decided_by=nik)


def test_a_rejected_appeal_leaves_it_and_there_is_one_appeal(alice, acme, nik, pia):
    case = actions.appeal(case=make_suspended(nik, account=acme), by=alice, text="No.")
    with pytest.raises(Refused):
        actions.appeal(case=case, by=alice, text="No again.")
    actions.decide_appeal(case=case, by=pia, is_granted=False, answer="The logs are clear.")
    assert Account.objects.get(pk=acme.pk).suspended_at
    actions.lift(case=case, by=nik)
    assert Account.objects.get(pk=acme.pk).suspended_at is None


def test_two_cases_keep_it_until_both_have_ended(acme, nik):
    first, second = make_suspended(nik, account=acme), make_suspended(nik, account=acme)
    actions.lift(case=first, by=nik)
    assert Account.objects.get(pk=acme.pk).suspended_at
    actions.lift(case=second, by=nik)
    assert Account.objects.get(pk=acme.pk).suspended_at is None


def test_strangers_and_other_owners_see_nothing(carol, bob, acme, nik, client_of):
    case = make_noticed(nik, account=acme)
    file = Evidence.objects.get()
    for user in (carol, bob):
        assert client_of(user).get(f"/enforcement/{case.public_id}/").status_code == 404
        assert client_of(user).get(f"/enforcement/files/{file.public_id}/").status_code == 404
        assert case.label not in client_of(user).get("/enforcement/").content.decode()


def test_a_draft_is_seen_by_our_agents_only_and_staff_cannot_be_its_subject(alice, acme, nik, sam, client_of):
    case = actions.open_case(ground="law", facts="x", by=nik, account=acme)
    assert client_of(alice).get(f"/enforcement/{case.public_id}/").status_code == 404
    with pytest.raises(Refused):
        actions.open_case(ground="law", facts="x", by=nik, user=sam)


def test_files_go_with_the_case_after_three_years(acme, nik):
    case = make_noticed(nik, account=acme)
    actions.drop(case=case, by=nik)
    assert not old_cases(timezone.now()).exists()
    assert old_cases(timezone.now() + timedelta(days=3 * 365 + 1)).get() == case
    assert store.path_of(Evidence.objects.get().path).exists()


def test_an_account_and_a_member_can_be_erased_with_their_cases(alice, acme, eve, nik):
    about_account, about_member = make_suspended(nik, account=acme), make_suspended(nik, user=eve)
    erase_person(user=eve)
    assert not EnforcementCase.objects.filter(pk=about_member.pk).exists()
    erase_account(account=acme)
    assert not EnforcementCase.objects.filter(pk=about_account.pk).exists()
