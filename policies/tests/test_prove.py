"""`manage.py prove` prints promise, evidence and result, keeps them, and exits 1 on a broken promise."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from policies.models import ProbeRun, Sentence
from policies.testing import make_policies

pytestmark = pytest.mark.django_db


def prove(*args: str) -> str:
    out = StringIO()
    call_command("prove", *args, stdout=out, no_color=True)
    return out.getvalue()


def test_it_prints_promise_evidence_and_result_and_keeps_it():
    make_policies()
    table = prove("versions_fixed", "no_card_field")
    row = next(line for line in table.splitlines() if "versions_fixed" in line)
    assert row.split()[:3] == ["S1", "S9", "versions_fixed"]
    assert row.endswith("kept")
    assert "2 versions, 0 changed after publication" in table
    assert "2 kept, 0 late, 0 broken" in table
    assert ProbeRun.objects.get(key="versions_fixed").figure == "2 versions, 0 changed after publication"


def test_it_fails_on_a_broken_promise_and_keeps_that_too():
    make_policies()
    Sentence.objects.filter(ident="no-card").update(text="Something else.")
    with pytest.raises(CommandError, match="Not proved: versions_fixed"):
        prove("versions_fixed", "no_card_field")
    assert not ProbeRun.objects.get(key="versions_fixed").holds


def test_late_results_fail_only_when_asked(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    assert "late" in prove("fences")
    with pytest.raises(CommandError, match="Not proved: fences"):
        prove("fences", "--strict")


def test_json_for_programs():
    make_policies()
    (result,) = json.loads(prove("versions_fixed", "--json"))
    assert result["result"] == "kept"
    assert result["rows"] == ["S1", "S9"]


def test_a_key_that_is_not_there():
    with pytest.raises(CommandError, match="There is no probe nothing"):
        prove("nothing")
