"""An erasure: planned first, killed anywhere it goes on, looked after, and signed."""

import pytest

from accounts import actions as account_actions
from accounts.models import User
from accounts.scoping import scopes_disabled
from audit.models import SubjectKey
from chat.models import Chat, Message, Visitor
from chat.testing import make_chat, make_operator
from core.errors import Refused
from privacy.actions import erasing
from privacy.certificates import read_certificate
from privacy.models import ErasurePlan
from privacy.persons import person_of_user, person_of_visitor
from privacy.queries.erasures import preview

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


def test_a_ghost_in_a_search_index_is_found(dave, acme):
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("the indexes of PostgreSQL are columns")
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
    assert lines["chat.Message"].count and str(lines["chat.Visitor"].what) == "deleted"
    plan = erasing.run_erasure(plan=confirmed(person_of_visitor(dave.pk)))
    assert plan.state == "done", plan.findings
    with scopes_disabled():
        assert not Visitor.objects.filter(pk=dave.pk).exists()
        assert list(Chat.objects.all()) == [other]


def test_who_works_alone_takes_the_company_along_and_the_last_owner_stays(alice, acme, bob_member, carol, cakes):
    with pytest.raises(Refused, match="last_owner"):
        confirmed(person_of_user(alice))
    assert preview(person_of_user(carol))[0].label == cakes.company
    plan = erasing.run_erasure(plan=confirmed(person_of_user(carol)))
    assert plan.state == "done", plan.findings
    assert not type(cakes).objects.filter(pk=cakes.pk).exists() and type(acme).objects.filter(pk=acme.pk).exists()
