"""A restored backup does not bring back whom the site had erased since."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command

from accounts.actions.erasing import erase_account
from accounts.models import Account, User
from accounts.scoping import account_scope, scopes_disabled
from accounts.testing import make_owner, make_user
from chat.actions.visitors import delete_visitor
from chat.models import Chat, Message, Visitor
from chat.testing import make_chat, make_visitor
from core.erased import erased_file, read_erased
from core.personal_data import Subject, SubjectRef
from operators.testing import make_invitation
from outbox.actions import deliver_all, try_again
from outbox.models import Delivery
from privacy.actions import erasing
from privacy.models import Case
from privacy.persons import Person, person_of_user, person_of_visitor
from privacy.testing import make_guest_case
from support.testing import make_request
from tests.fences.needles import compact_indexes, find_everywhere

VISITOR = "quillfeather@specimen.example"


@pytest.fixture
def var(tmp_path: Path, settings: Any) -> Path:
    var = tmp_path / "var"
    settings.VAR, settings.ADDRESS_KEY_FILE = var, var / "address_key"
    settings.MEDIA_ROOT, settings.FILES_ROOT = var / "media", var / "files"
    settings.MEDIA_ROOT.mkdir(parents=True)
    return var


WORDS = [f"ndl00000000000{letter}" for letter in "abcde"]


def name_people(gone: User, visitor: Visitor, guest: Any, invited: Any) -> None:
    """A word of its own for each of them, one for what they wrote."""
    guest_word, user, seen, asked, said = WORDS
    type(guest).objects.filter(pk=guest.pk).update(name=guest_word)
    User.objects.filter(pk=gone.pk).update(surname=user)
    with scopes_disabled():
        Visitor.objects.filter(pk=visitor.pk).update(name=seen)
        Message.objects.filter(chat__visitor=visitor, author="visitor").update(text=f"needle-7f3a {said}")
        type(invited).objects.filter(pk=invited.pk).update(email=f"{asked}@specimen.example")


@pytest.mark.django_db(transaction=True)
def test_who_was_erased_after_the_backup_is_erased_again_and_nobody_else(var: Path, tmp_path: Path):
    acme, other = make_owner(company="Acme").memberships.get().account, make_owner(company="Closed later")
    gone, stays = make_user(email="gone@specimen.example"), make_user(email="stays@specimen.example")
    visitor = make_visitor(acme, name="Pat", email=VISITOR)
    make_chat(acme, text="needle-7f3a", visitor=visitor)
    left = make_chat(acme, text="needle-of-the-panel").visitor
    thrown_out = make_chat(acme, text="needle-of-the-console").visitor
    closed = other.memberships.get().account
    guest, invited = make_request(email="ndl00000000000a@specimen.example"), make_invitation(acme.memberships.get())
    name_people(gone, visitor, guest, invited)
    file = tmp_path / "site.backup"
    call_command("backup", str(file), stdout=io.StringIO())

    assert set(WORDS) <= set(find_everywhere())
    others = [Person((SubjectRef(Subject.GUEST, guest.pk),)), Person((SubjectRef(Subject.INVITED, invited.pk),))]
    for person in (person_of_user(gone), person_of_visitor(visitor.pk), *others):
        erasing.begin_erasure(person=person)
    assert erasing.run_due_erasures() == 4
    with account_scope(acme):
        delete_visitor(visitor=left)  # in the chat window, by the visitor
        delete_visitor(visitor=thrown_out, by=acme.memberships.get())  # in the console: the company's own log
    compact_indexes()
    assert not set(WORDS) & set(find_everywhere())
    erase_account(account=closed)
    later = make_user(email="later@specimen.example")  # after a restore somebody new may get this number
    erasing.begin_erasure(person=person_of_user(later))
    assert erasing.run_due_erasures() == 1
    text = erased_file().read_text()
    assert "specimen" not in text and f"user:{gone.pk}" not in text
    assert all(json.loads(line)["hash"] for line in text.splitlines())

    out = io.StringIO()
    call_command("restore", str(file), yes=True, stdout=out)
    assert "Erased again: 6 people, 1 accounts." in out.getvalue()
    assert not User.objects.filter(email="gone@specimen.example").exists()
    assert User.objects.filter(pk=stays.pk).exists() and Account.objects.filter(pk=acme.pk).exists()
    assert not Account.objects.filter(pk=closed.pk).exists()
    with scopes_disabled():
        assert not Visitor.objects.filter(email=VISITOR).exists()
        assert not Message.objects.filter(text__contains="needle-").exists()
        for stays in (visitor, left):  # as before the restore: without the person, and the chat is counted
            assert Visitor.objects.get(pk=stays.pk).is_erased and Chat.objects.filter(visitor=stays).exists()
        assert not Visitor.objects.filter(pk=thrown_out.pk).exists(), "a log that its company deleted stays deleted"
    compact_indexes()
    assert not set(WORDS) & set(find_everywhere())
    fresh = User.objects.create(pk=later.pk, email="fresh@specimen.example", name="Fresh")
    # the row of the invited person stays without name and address, and is emptied once more
    assert erasing.replay_erasures() == {"people": 1, "accounts": 0}
    assert User.objects.filter(pk=fresh.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_the_letter_about_an_erasure_leaves_once(var: Path, tmp_path: Path):
    make_owner(company="Acme")
    early, late = make_erasure_case("early@specimen.example"), make_erasure_case("late@specimen.example")
    erase_case_of(early)
    file = tmp_path / "site.backup"
    call_command("backup", str(file), stdout=io.StringIO())
    erase_case_of(late)
    deliver_all()
    answers = [letter.to for letter in mail.outbox if "deleted" in letter.body]
    assert answers == [["early@specimen.example"], ["late@specimen.example"]]
    mail.outbox.clear()

    out = io.StringIO()
    call_command("restore", str(file), yes=True, stdout=out)
    assert "Erased again: 1 people" in out.getvalue()
    assert {case.state for case in Case.objects.all()} == {Case.State.ANSWERED}
    deliver_all()
    assert mail.outbox == []
    parked = Delivery.objects.get(kind="privacy.case_answered", recipient=f"case:{late.pk}")
    assert (parked.state, parked.reason) == (Delivery.State.PARKED, erasing.MAY_HAVE_LEFT)
    assert Delivery.objects.get(kind="privacy.case_answered", recipient=f"case:{early.pk}").state == "done"

    try_again(deliveries=[parked])  # an administrator knows that the first run ended before its letter
    deliver_all()
    assert [letter.to for letter in mail.outbox] == [["late@specimen.example"]]


def make_erasure_case(email: str) -> Case:
    """A guest wrote to support, proved the address and asks for everything to go."""
    make_request(email=email, name=f"Quill of {email}")  # the sweep looks for the name, too
    return make_guest_case(email, kind=Case.Kind.ERASURE)


def erase_case_of(case: Case) -> None:
    erasing.confirm_erasure(plan=erasing.plan_erasure(case=case))
    assert erasing.run_due_erasures() == 1
    deliver_all()


def test_a_line_that_was_cut_off_is_skipped(var: Path):
    erased_file().parent.mkdir(parents=True)
    erased_file().write_text('{"at": "2026-11-23", "hash": "abc"}\n{"at": "2026-')
    assert read_erased() == {"abc"}
