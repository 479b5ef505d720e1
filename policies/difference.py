"""The difference of two versions, sentence by sentence and word by word; pure."""

import difflib
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """A run of words: `changed` is drawn as cut or added."""

    text: str
    changed: bool


@dataclass(frozen=True)
class Line:
    """One line of a diff. `kind` is "same", "cut", "add" or "gap"; a gap counts sentences without change."""

    kind: str
    parts: tuple[Part, ...] = ()
    section: str = ""
    count: int = 0


@dataclass(frozen=True)
class Plain:
    """What is compared of a sentence."""

    ident: str
    section: str
    text: str


def diff_sentences(old: Sequence[Plain], new: Sequence[Plain]) -> list[Line]:
    """Lines of the diff: cut before add; runs of unchanged sentences become one gap line per section."""
    lines: list[Line] = []
    matcher = difflib.SequenceMatcher(None, [one.text for one in old], [one.text for one in new], autojunk=False)
    for word, a1, a2, b1, b2 in matcher.get_opcodes():
        if word == "equal":
            lines.extend(_gaps(new[b1:b2]))
        else:
            lines.extend(_changed(old[a1:a2], new[b1:b2]))
    return lines


def count_changes(lines: Iterable[Line]) -> tuple[int, int]:
    """How many sentences were added and how many removed."""
    kinds = [line.kind for line in lines]
    return kinds.count("add"), kinds.count("cut")


def _gaps(same: Sequence[Plain]) -> list[Line]:
    return [
        Line("gap", section=section, count=len(list(group)))
        for section, group in itertools.groupby(same, key=lambda one: one.section)
    ]


def _changed(old: Sequence[Plain], new: Sequence[Plain]) -> list[Line]:
    """Pairs sentences of the same id, so that only the words that differ are marked."""
    before = {one.ident: one for one in old}
    lines = [_whole("cut", one) for one in old if one.ident not in {two.ident for two in new}]
    for one in new:
        if one.ident in before:
            lines.extend(_words(before[one.ident], one))
        else:
            lines.append(_whole("add", one))
    return lines


def _whole(kind: str, one: Plain) -> Line:
    return Line(kind, (Part(one.text, True),), section=one.section)


def _words(old: Plain, new: Plain) -> list[Line]:
    a, b = old.text.split(), new.text.split()
    cut, add = [], []
    for word, a1, a2, b1, b2 in difflib.SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if a2 > a1:
            cut.append(Part(" ".join(a[a1:a2]), word != "equal"))
        if b2 > b1:
            add.append(Part(" ".join(b[b1:b2]), word != "equal"))
    return [Line("cut", tuple(cut), section=old.section), Line("add", tuple(add), section=new.section)]
