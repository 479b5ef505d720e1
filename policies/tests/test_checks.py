"""`manage.py check`, which `make check` runs, fails for a sentence without a check."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from policies import checks, source
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
    text = make_source("We keep nothing.")
    bad = replace(text, sentences=(replace(text.sentences[0], **changes),))
    monkeypatch.setattr(checks, "read_text", lambda kind: bad)
    assert {found.id for found in checks.every_sentence_has_a_check()} == {error}


def test_the_command_names_the_sentence_and_its_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    texts = tmp_path / "texts"
    shutil.copytree(source.TEXTS, texts)
    policy = texts / "policy.toml"
    written = policy.read_text(encoding="utf-8").rstrip("\n")
    policy.write_text(
        written + '\n\n[[section.sentence]]\nid = "always-open"\ntext = "Our office is always open."\nrows = ["S17"]\n'
    )
    line = policy.read_text(encoding="utf-8").splitlines().index('id = "always-open"') + 1
    monkeypatch.setattr(source, "TEXTS", texts)
    with pytest.raises(SystemCheckError) as failed:
        call_command("check")
    assert f"policy.toml:{line}, always-open: no probe, and no reason why." in str(failed.value)
    assert str(failed.value).count("policies.E") == 1
    policy.write_text(written + "\n")
    call_command("check")
