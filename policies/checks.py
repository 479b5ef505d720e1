"""System check: the texts are whole, and every sentence names a registered probe or says why it needs none (P1)."""

from typing import Any

from django.core.checks import Error, register

from core.errors import Refused
from core.promises import registry
from policies.coverage import read_rows
from policies.source import SourceText, find_line, read_text

KINDS = ("policy", "terms")


@register()
def every_sentence_has_a_check(**kwargs: Any) -> list[Error]:
    """Names each sentence without a probe or reason, with a probe that is not there, and rows that do not exist."""
    found = []
    for kind in KINDS:
        try:
            text = read_text(kind)
        except Refused as refused:
            found.append(Error(f"{kind}.toml: {refused.message}", id="policies.E001"))
            continue
        found += faults_of(text)
    return found


def faults_of(text: SourceText) -> list[Error]:
    """What is wrong with the sentences of one text."""
    rows, found = read_rows(), []
    for sentence in text.sentences:
        where = f"{text.kind}.toml:{find_line(text.kind, sentence.ident)}, {sentence.ident}"
        if not sentence.probe and not sentence.no_probe:
            found.append(Error(f"{where}: no probe, and no reason why.", id="policies.E002"))
        elif sentence.probe and sentence.probe not in registry:
            found.append(Error(f"{where}: there is no probe {sentence.probe}.", id="policies.E003"))
        unknown = [number for number in sentence.rows if number.startswith("S") and number not in rows]
        if unknown:
            found.append(Error(f"{where}: there is no promise {', '.join(unknown)}.", id="policies.E004"))
    return found
