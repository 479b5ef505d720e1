"""The hash chain finds what was changed, removed or swapped, and keeps people as pseudonyms."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from audit.actions import forget_subjects, record, write_disclosures
from audit.chain import link_hash
from audit.models import Chain, Entry, SubjectKey
from audit.queries import list_entries_about, verify_all
from core.outbound import Disclosed, disclose
from core.personal_data import Purpose

pytestmark = pytest.mark.django_db


def make_acts(count: int = 3, account_ref: int | None = 7) -> None:
    for number in range(count):
        record(account_ref=account_ref, actor="user:12", action="chat.deleted", subject=f"chat:{number}",
               facts={"chats": number})  # fmt: skip


def make_disclosure(account_ref: int | None, subject: str = "user:12") -> Disclosed:
    return Disclosed("mail", ("contact",), subject, Purpose.SUMMARY, "mail", account_ref, "<id@site>")


def verdict() -> str:
    out = StringIO()
    call_command("verify_audit", stdout=out, stderr=out)
    return out.getvalue()


def test_an_untouched_log_holds():
    make_acts(3, account_ref=7)
    make_acts(2, account_ref=None)
    assert "5 entries in 2 chains: every link holds." in verdict()


def test_a_changed_row_is_found():
    make_acts()
    Entry.objects.filter(index=2).update(facts={"chats": 999})
    assert [(fault.index, fault.what) for fault in verify_all()] == [(2, "was changed after it was written")]
    with pytest.raises(CommandError, match="1 faults in 3 entries"):
        verdict()


def test_the_verifier_has_a_second_name_and_fails_by_it_too():
    make_acts()
    Entry.objects.filter(index=2).update(actor="user~0000000000000000")
    with pytest.raises(CommandError, match="1 faults in 3 entries"):
        call_command("verify_ledger", stdout=StringIO(), stderr=StringIO())


def test_a_removed_row_is_found_in_the_middle_and_at_the_end():
    make_acts()
    Entry.objects.filter(index=2).delete()
    assert any("missing" in fault.what for fault in verify_all())
    make_acts(1, account_ref=8)
    Entry.objects.filter(chain__key="account:8").delete()
    assert any(fault.chain == "account:8" and "end of the chain" in fault.what for fault in verify_all())


def test_swapped_rows_are_found():
    make_acts()
    first, second = Entry.objects.get(index=1), Entry.objects.get(index=2)
    Entry.objects.filter(pk=first.pk).update(index=99)
    Entry.objects.filter(pk=second.pk).update(index=1)
    Entry.objects.filter(pk=first.pk).update(index=2)
    assert {fault.index for fault in verify_all()} >= {1, 2}


def test_a_tail_that_was_cut_off_is_found():
    make_acts(5)
    Entry.objects.filter(index__gte=4).delete()
    assert [(fault.index, fault.what) for fault in verify_all()] == [
        (5, "the end of the chain is not the head that was kept")
    ]


@pytest.mark.parametrize("with_fitting_hash", [False, True])
def test_a_row_that_was_put_in_is_found(with_fitting_hash: bool):
    make_acts(3)
    last = Entry.objects.get(index=3)
    parts: dict[str, Any] = {
        "kind": last.kind, "actor": "system", "subject": "", "action": "chat.deleted", "facts": {"chats": 4},
    }  # fmt: skip
    made = link_hash(chain="account:7", index=4, at=last.at, previous=last.hash, **parts)
    Entry.objects.create(
        chain=last.chain, index=4, at=last.at, previous=last.hash, hash=made if with_fitting_hash else "0" * 64, **parts
    )
    with pytest.raises(CommandError, match="faults in 4 entries"):
        call_command("verify_ledger", stdout=StringIO(), stderr=StringIO())


def test_a_row_that_was_put_in_between_is_found():
    make_acts(3)
    Entry.objects.filter(index=3).update(index=4)
    between = Entry.objects.get(index=2)
    between.pk, between.index = None, 3
    between.save()
    assert {fault.index for fault in verify_all()} >= {3, 4}


def test_a_guest_stands_in_the_log_as_a_pseudonym():
    record(account_ref=None, actor="guest:5", action="case.opened", subject="guest:5")
    entry = Entry.objects.get()
    assert entry.actor == entry.subject and entry.actor.startswith("guest~")
    assert forget_subjects(subjects=["guest:5"]) == 1


def test_a_row_moved_to_another_chain_is_found():
    make_acts(1, account_ref=7)
    make_acts(1, account_ref=8)
    other = Chain.objects.get(key="account:8")
    Entry.objects.filter(chain__key="account:7").update(chain=other, index=2)
    assert {fault.chain for fault in verify_all()} == {"account:7", "account:8"}


def test_people_stand_in_the_log_as_pseudonyms_and_erasure_cuts_the_link():
    make_acts(2)
    disclose([make_disclosure(7)])
    for entry in Entry.objects.all():
        assert "user:12" not in (entry.actor, entry.subject)
    assert list_entries_about("user:12").count() == 1
    assert forget_subjects(subjects=["user:12"]) == 1
    assert list_entries_about("user:12").count() == 0
    assert not SubjectKey.objects.filter(subject="user:12").exists()
    assert list(verify_all()) == []


def test_a_chain_goes_on_in_the_same_transaction_of_its_caller():
    from django.db import transaction

    class Undo(Exception):
        pass

    with pytest.raises(Undo), transaction.atomic():
        make_acts(2)
        raise Undo
    assert not Entry.objects.exists()
    make_acts(1)
    assert list(verify_all()) == []


def test_many_disclosures_take_as_many_statements_as_few():
    write_disclosures([make_disclosure(n % 3, f"user:{n}") for n in range(12)])
    with CaptureQueriesContext(connection) as few:
        write_disclosures([make_disclosure(n % 3, f"user:{n}") for n in range(6)])
    with CaptureQueriesContext(connection) as many:
        write_disclosures([make_disclosure(n % 3, f"user:{n}") for n in range(12)])
    assert len(few.captured_queries) == len(many.captured_queries)
    assert list(verify_all()) == []
    assert Entry.objects.filter(kind="disclosure").count() == 30
