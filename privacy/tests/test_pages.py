"""The ledger of promises shows each result, good or bad; the data map shows each declared field."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from core.personal_data import registry
from core.promises import Outcome
from policies.models import ProbeRun
from policies.proving import prove
from policies.testing import make_policies
from privacy.ledger import read_ledger

pytestmark = pytest.mark.django_db


def test_the_ledger_counts_kept_late_and_broken(client: Client):
    make_policies()
    prove(["no_card_field", "tenant_wall"])
    now = timezone.now()
    ProbeRun.objects.filter(key="tenant_wall").update(holds=False, figure="9 tables of accounts, 1 open")
    ProbeRun.objects.create(key="ledger_chain", holds=True, figure="old", ran_at=now - timedelta(days=2))
    answer = client.get("/promises.json").json()
    by_probe = {line["probe"]: line for line in answer["promises"]}
    assert by_probe["no_card_field"]["result"] == "kept"
    assert by_probe["tenant_wall"]["result"] == "broken"
    assert by_probe["ledger_chain"]["result"] == "late"
    assert by_probe["fences"]["result"] == "late"
    assert answer["total"] == answer["kept"] + answer["late"] + answer["broken"]
    assert {line["of"] for line in answer["promises"] if line["probe"] == "no_card_field"} == {"policy", "terms"}
    assert (answer["policy_version"], answer["terms_version"]) == (1, 1)
    page = client.get("/promises/").content.decode()
    assert f"2 of {answer['total']} promises kept" in page  # the policy and the terms both say that there is no card
    assert "Terms: Trial" in page and "#no-card" in page
    assert "9 tables of accounts, 1 open" in page
    assert "Broken 1" in page


def test_the_ledger_folds_what_is_kept_and_never_what_is_not(client: Client):
    make_policies()
    prove()
    ledger = read_ledger()
    sections = {}
    for line in ledger.lines:
        sections.setdefault(line.heading, []).append(line.sentence.ident)
    long_one = max(sections, key=lambda title: len(sections[title]))
    last = next(line for line in reversed(ledger.lines) if line.heading == long_one and line.outcome is Outcome.KEPT)
    folded = {line.sentence.ident: group.title for group in read_ledger().groups() for line in group.folded}
    assert folded[last.sentence.ident] == long_one
    ProbeRun.objects.filter(key=last.standing.probe.key).update(holds=False)
    groups = {group.title: group for group in read_ledger().groups()}
    assert last.sentence.ident in [line.sentence.ident for line in groups[long_one].shown]
    shown = [line for group in groups.values() for line in (*group.shown, *group.folded)]
    assert len(shown) == len(ledger.lines) and all(len(group.folded) != 1 for group in groups.values())
    page = client.get("/promises/").content.decode()
    assert page.count('<li class="promise"') == len(ledger.lines) and "Show the other" in page
    assert re.search(r"next in (1[0-5]|[1-9]) min", page)
    ProbeRun.objects.update(ran_at=timezone.now() - timedelta(hours=1))
    assert "next in" not in client.get("/promises/").content.decode()


def test_the_ledger_can_be_narrowed_to_what_is_broken(client: Client):
    make_policies()
    prove(["no_card_field"])
    page = client.get("/promises/?show=broken").content.decode()
    assert "No promise is broken by its last check." in page
    assert "0 places for a card" not in page


def test_the_ledger_is_empty_before_a_policy(client: Client):
    assert "No policy is in force yet" in client.get("/promises/").content.decode()


def test_the_data_map_shows_every_declared_field(client: Client):
    from django.utils.html import escape

    page = client.get("/privacy/data/").content.decode()
    for entry in registry:
        for field in entry.fields:
            assert escape(str(field.label)) in page
            assert escape(str(field.why)) in page


@pytest.mark.parametrize(
    "path", ["/promises/", "/promises/history/", "/privacy/data/", "/policy/", "/policy/principles/"]
)
def test_a_long_page_comes_compressed_within_its_weight(client: Client, path: str):
    make_policies()
    plain = client.get(path)
    packed = client.get(path, headers={"accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip" and "Accept-Encoding" in packed["Vary"]
    assert len(packed.content) < min(30_000, len(plain.content) / 2)  # beside 22 KB of style, scripts and icons: G14
