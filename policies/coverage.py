"""Which of the numbered promises are built: a row is built when a sentence names it with a registered check."""

import functools
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from core.promises import registry
from policies.models import Sentence, Version
from policies.queries import find_version_in_force, list_sentences
from policies.source import TEXTS


@dataclass(frozen=True)
class Row:
    """One numbered promise; `sentences` are the ids of those that keep it, none while it is not built."""

    number: str
    text: str
    sentences: tuple[str, ...]

    @property
    def is_built(self) -> bool:
        """Whether a sentence with a check names it."""
        return bool(self.sentences)


@functools.cache
def read_rows() -> dict[str, str]:
    """Number and short words of each promise, from `policies/texts/rows.toml`."""
    with (TEXTS / "rows.toml").open("rb") as file:
        return {number: str(text) for number, text in tomllib.load(file).items()}


def list_promises() -> list[Sentence]:
    """Every sentence in force that has a registered check, each with its version: of the policy, then of the terms."""
    versions = [find_version_in_force(kind) for kind in (Version.Kind.POLICY, Version.Kind.TERMS)]
    return [one for version in versions if version for one in list_sentences(version) if one.probe in registry]


def list_rows(sentences: Iterable[Sentence]) -> list[Row]:
    """Every numbered promise with the sentences (of a version) that keep it."""
    kept: dict[str, list[str]] = {}
    for sentence in sentences:
        for number in sentence.rows if sentence.probe in registry else ():
            kept.setdefault(number, []).append(sentence.ident)
    return [Row(number, text, tuple(kept.get(number, ()))) for number, text in read_rows().items()]


@dataclass(frozen=True)
class Principle:
    """One of the seven principles (S4), with the sentences of a version that put it into practice."""

    ident: str
    title: str
    text: str
    sentences: tuple[Sentence, ...]


@functools.cache
def read_principles() -> tuple[dict[str, Any], ...]:
    """The seven principles from `policies/texts/principles.toml`: id, title, text, rows."""
    with (TEXTS / "principles.toml").open("rb") as file:
        return tuple(tomllib.load(file)["principle"])


def list_principles(sentences: Iterable[Sentence]) -> list[Principle]:
    """Every principle with those of the sentences that have a registered check and name one of its promises."""
    checked = [one for one in sentences if one.probe in registry]
    return [
        Principle(
            entry["id"],
            entry["title"],
            entry["text"],
            tuple(one for one in checked if set(one.rows) & set(entry["rows"])),
        )
        for entry in read_principles()
    ]
