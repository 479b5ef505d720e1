"""A version is published once, from sentences that are checked, and never changes."""

import datetime
from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from accounts.models import User
from core.errors import Refused
from policies.actions import publish_version, record_acceptance
from policies.models import Acceptance, Version
from policies.queries import (
    diff_versions,
    find_acceptance,
    find_version_in_force,
    list_versions,
    list_versions_to_accept,
)
from policies.source import read_text
from policies.testing import make_policies, make_source, make_version

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def make_person() -> User:
    return User.objects.create(email="pat@specimen.example", name="Pat")


def test_the_command_publishes_both_texts_with_their_hash():
    out = StringIO()
    call_command("publish_policy", stdout=out)
    policy, terms = find_version_in_force("policy"), find_version_in_force("terms")
    assert policy.text_hash == read_text("policy").text_hash
    assert policy.number == terms.number == 1
    assert policy.text_hash in out.getvalue()
    assert policy.sentences.count() == len(read_text("policy").sentences)


def test_the_same_text_is_not_published_twice():
    make_policies()
    with pytest.raises(CommandError, match="The text is that of"):
        call_command("publish_policy")
    assert Version.objects.count() == 2


def test_a_sentence_without_a_probe_must_say_why():
    source = make_source("We keep nothing.")
    bare = replace(source, sentences=(replace(source.sentences[0], no_probe=""),))
    with pytest.raises(Refused) as refused:
        publish_version(kind="policy", source=bare)
    assert refused.value.code == "no_probe"
    unknown = replace(source, sentences=(replace(source.sentences[0], probe="no_such_probe"),))
    with pytest.raises(Refused, match="no_such_probe"):
        publish_version(kind="policy", source=unknown)
    assert not Version.objects.exists()


def test_any_date_gives_the_text_then_in_force():
    now = timezone.now()
    first = make_version("One.", effective_at=now - 40 * DAY)
    second = make_version("Two.", effective_at=now + 20 * DAY, material=True, told=True)
    assert find_version_in_force("policy", now - 41 * DAY) is None
    assert find_version_in_force("policy") == first
    assert find_version_in_force("policy", now + 21 * DAY) == second
    assert [version.number for version in list_versions("policy")] == [2, 1]


def test_a_material_version_needs_two_weeks_and_no_version_begins_in_the_past():
    make_version("One.")
    with pytest.raises(Refused) as refused:
        make_version("Two.", material=True)
    assert refused.value.code == "too_early"
    with pytest.raises(Refused):
        make_version("Two.", effective_at=timezone.now() - DAY)
    assert Version.objects.count() == 1


def test_acceptance_holds_the_hash_and_is_stored_once():
    version, person = make_version("One."), make_person()
    first = record_acceptance(user=person, version=version, channel=Acceptance.Channel.SIGNUP)
    again = record_acceptance(user=person, version=version, channel=Acceptance.Channel.SITE)
    assert first.pk == again.pk
    assert find_acceptance(person, version).text_hash == version.text_hash


def test_people_are_asked_again_after_a_material_change_only():
    now = timezone.now()
    person = make_person()
    first = make_version("One.")
    assert list_versions_to_accept(person) == [first]
    record_acceptance(user=person, version=first, channel=Acceptance.Channel.SIGNUP)
    make_version("One, in better words.")
    assert list_versions_to_accept(person) == []
    third = make_version("Three.", effective_at=now + 15 * DAY, material=True, told=True)
    assert list_versions_to_accept(person) == []
    assert list_versions_to_accept(person, at=now + 16 * DAY) == [third]


def test_the_difference_marks_words():
    first = make_version("keep: Addresses are kept for 90 days.", "same: We sell nothing.", "old: Gone.")
    second = make_version("keep: Addresses are kept for 30 days.", "same: We sell nothing.", "new: Here.")
    lines = diff_versions(first, second)
    assert [line.kind for line in lines] == ["cut", "add", "gap", "cut", "add"]
    assert [part.text for part in lines[0].parts if part.changed] == ["90"]
    assert [part.text for part in lines[1].parts if part.changed] == ["30"]
    assert lines[2].count == 1
    assert [line.kind for line in diff_versions(None, first)] == ["add", "add", "add"]


def test_a_small_change_does_not_slip_past_a_material_one_that_was_not_told():
    make_version("One.")
    second = make_version("Two.", effective_at=timezone.now() + 20 * DAY, material=True)
    with pytest.raises(Refused) as refused:
        make_version("Two, in better words.", effective_at=timezone.now() + 21 * DAY)
    assert refused.value.code == "notices_out"
    assert find_version_in_force("policy", second.effective_at + DAY) != second
