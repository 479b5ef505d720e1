"""`manage.py check`, which `make check` runs, fails for a sentence without a check."""

from dataclasses import replace

import pytest

from policies import checks
from policies.testing import make_source


def test_the_shipped_texts_are_whole():
    assert checks.every_sentence_has_a_check() == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"no_probe": ""}, "policies.E002"),
        ({"probe": "no_such_probe"}, "policies.E003"),
        ({"rows": ("S106",)}, "policies.E004"),
    ],
)
def test_a_sentence_that_nobody_checks(changes: dict, error: str, monkeypatch: pytest.MonkeyPatch):
    source = make_source("We keep nothing.")
    bad = replace(source, sentences=(replace(source.sentences[0], **changes),))
    monkeypatch.setattr(checks, "read_text", lambda kind: bad)
    assert {found.id for found in checks.every_sentence_has_a_check()} == {error}
