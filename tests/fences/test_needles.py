"""Every declared table: words that mean one person stand in their copy, and after their erasure nowhere (P2, P6)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from accounts.scoping import scopes_disabled
from chat.models import Chat
from chat.tasks import compact_search_index as compact_chats
from core.personal_data import Erase, Subject, SubjectRef, registry
from privacy.actions import erasing
from privacy.copying import write_copy
from privacy.models import ErasurePlan
from privacy.persons import Person
from privacy.queries.erasures import find_keys
from support.tasks import compact_search_index as compact_requests
from tests.fences.needle_world import make_rest
from tests.fences.needles import NO_WORD, REST, Planted, compact_indexes, find_everywhere, plant, texts_of, words_of_zip
from tests.fences.world import World

# tables of a person that are found by no person: the row holds a keyed hash and nothing else
OF_NOBODY_KNOWN = {"notifications.Suppression"}


@pytest.fixture
def var(settings: Any, tmp_path: Any) -> None:
    settings.VAR, settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path, tmp_path / "media", tmp_path / "files"


@pytest.fixture
def world(
    alice: Any, bob: Any, carol: Any, eve: Any, sam: Any, ada: Any, nik: Any, pia: Any, acme: Any, cakes: Any,
    alice_member: Any, bob_member: Any, carol_member: Any, var: None,
) -> World:  # fmt: skip
    made = World(alice, bob, carol, eve, sam, ada, nik, pia, acme, cakes, alice_member, bob_member, carol_member)
    make_rest(made)
    return made


def people_of(world: World) -> dict[str, SubjectRef]:
    """One person of each kind, in the order in which they are erased: alice leaves an account that goes on with bob."""
    return {
        "visitor": SubjectRef(Subject.VISITOR, world.dave.pk),
        "earlier visitor": SubjectRef(Subject.VISITOR, world.closed_chat.visitor_id),
        "guest": SubjectRef(Subject.GUEST, world.guest_request.pk),
        "invited": SubjectRef(Subject.INVITED, world.invitation.pk),
        "agent": SubjectRef(Subject.USER, world.nik.pk),
        "officer": SubjectRef(Subject.USER, world.pia.pk),
        "administrator": SubjectRef(Subject.USER, world.ada.pk),
        "asker": SubjectRef(Subject.USER, world.pat.pk),
        "owner": SubjectRef(Subject.USER, world.alice.pk),
        "operator": SubjectRef(Subject.USER, world.bob.pk),
    }


# of our own staff these have rows; of everybody else with a log-in alice has one in each table
OF_STAFF = {
    "accounts.StaffAssignment", "admin.LogEntry", "policies.OfficerContact", "support.SavedReply", "support.StaffLook",
}  # fmt: skip
OF_OTHERS = {"forum.Topic": "asker", "operators.Invitation": "invited", "operators.ImportRow": "invited"}
# a guest has rows in these, too
OF_GUESTS = {
    "support.SupportRequest", "support.RequestMessage", "support.RequestEvent", "privacy.Proof",
    "notifications.UnclaimedMail", "notifications.ReceivedMail",
}  # fmt: skip


def check_that_no_table_is_empty(people: dict[str, SubjectRef], keys: dict[SubjectRef, dict[str, list[Any]]]) -> None:
    """Fails when a declared table has no row of the person whom it is about."""
    empty = []
    staff = {model for name in ("agent", "officer", "administrator") for model in keys[people[name]]}
    for entry in registry:
        if not (entry.fields or entry.keys) or entry.subject is Subject.NOBODY or entry.model in OF_NOBODY_KNOWN:
            continue
        assert entry.rows_of is not None, f"{entry.model} is about a person, and nothing leads from one to its rows"
        who = OF_OTHERS.get(entry.model) or ("visitor" if entry.subject is Subject.VISITOR else "owner")
        there = staff if entry.model in OF_STAFF else keys[people[who]]
        if entry.model not in there:
            empty.append(entry.model)
    empty += [f"{model} of a guest" for model in sorted(OF_GUESTS - set(keys[people["guest"]]))]
    assert not empty, f"no row in {empty}: make one in tests/fences/needle_world.py"


def test_each_field_takes_a_word_or_says_why_not():
    fields = {f"{entry.model}.{one.name}" for entry in registry for one in entry.fields}
    assert set(NO_WORD) <= fields, sorted(set(NO_WORD) - fields)
    count = sum(f"{entry.model}.{one.name}" not in NO_WORD for entry in registry for one in texts_of(entry))
    assert count > 90


@pytest.mark.long
@pytest.mark.timeout(500)
@pytest.mark.django_db(transaction=True)  # files go with the commits of the steps
def test_a_person_reads_all_of_their_words_and_after_the_erasure_nobody_does(
    world: World, tmp_path: Path, caplog: Any, capfd: Any
) -> None:
    people = people_of(world)
    keys = {ref: find_keys([ref]) for ref in people.values()}
    check_that_no_table_is_empty(people, keys)
    planted = plant(keys)
    without = {f"{entry.model}.{one.name}" for entry in registry if entry.rows_of for one in texts_of(entry)}
    assert without - set(planted.tell(planted.places)) - set(NO_WORD) == set(), "no row of these takes a word"
    for name, ref in people.items():
        now = find_keys([ref])
        moved = [model for model in keys[ref] | now if set(keys[ref].get(model, [])) != set(now.get(model, []))]
        assert moved == [], f"a word that was planted leads {name} elsewhere"
    there = find_everywhere()
    assert set(planted.places) <= set(there), "what is looked through does not hold what was planted"
    if connection.vendor == "sqlite":
        indexes = {place for places in there.values() for place in places if place.startswith("index ")}
        assert indexes >= {"index chat_search", "index forum_post_search", "index support_search"}
    for name, ref in people.items():
        copy = tmp_path / "copy.zip"
        write_copy(Person((ref,)), copy)
        wanted = planted.of(ref) & planted.open
        found = words_of_zip(copy)
        copy.unlink()
        assert planted.tell(wanted - found) == [], f"not in the copy of {name}"
        assert planted.tell(found - wanted) == [], f"of others, or secret, in the copy of {name}"
    caplog.set_level("DEBUG")
    gone: set[str] = set()
    for name, ref in people.items():
        gone |= planted.of(ref)
        certificate = erase(ref, name)
        check_what_is_left(planted, gone, name, certificate)
        if name == "earlier visitor":
            check_the_chats(world)
    out, error = capfd.readouterr()
    assert not [word for word in planted.places if word in caplog.text + out + error]


def erase(ref: SubjectRef, name: str) -> dict[str, Any]:
    """Erases as for somebody who left; answers the certificate."""
    erasing.erase_ref(ref)
    plan = ErasurePlan.objects.latest("pk")
    assert (plan.state, plan.findings) == ("done", []), name
    assert (plan.refs, plan.keys, plan.needles) == ([], {}, [])
    body: dict[str, Any] = json.loads(json.loads(plan.certificate)["signed"])
    return body


def check_what_is_left(planted: Planted, gone: set[str], name: str, certificate: dict[str, Any]) -> None:
    """Of those who went there are only the words that the data map keeps, and their certificate says why."""
    for compact in (compact_chats, compact_requests):  # as at night: deleted letters leave the pages of the indexes
        compact()
    compact_indexes()
    found = find_everywhere()
    left = {word for word in gone if word in found}
    said = [f"{planted.tell([word])} in {sorted(found[word])}" for word in left if not planted.kept(word)]
    assert said == [], f"after the erasure of {name}:\n" + "\n".join(sorted(said))
    others = set(planted.places) - gone
    lost = planted.tell(others - set(found))
    assert lost == [], f"words of others went with {name}: {lost}"
    reasons = {line["table"]: line["why"] for line in certificate["kept"]}
    assert all(reasons.values())


def check_the_chats(world: World) -> None:
    """The company keeps its own words of an erased visitor's chat, and that somebody wrote in between."""
    with scopes_disabled():
        chat = Chat.objects.select_related("visitor").get(pk=world.closed_chat.pk)
        lines = list(chat.messages.order_by("seq"))
    own = [line for line in lines if line.author == "operator"]
    assert own and all(line.text.endswith(REST) and line.masked_at for line in own)
    assert all(chat.visitor.name in line.text for line in own) and chat.visitor.name.startswith("Visitor ")
    assert all(line.text.startswith("[message removed ") for line in lines if line.author == "visitor")


def test_what_is_kept_is_listed_with_its_reason():
    for entry in registry:
        kept = [one for one in entry.fields if one.erase is Erase.KEEP]
        assert all(str(one.kept_because) for one in kept), entry.model
        with scopes_disabled():
            assert not kept or str(entry.kept), f"{entry.model} does not say how long"
