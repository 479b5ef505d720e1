"""Reads the sentences of `policies/texts/*.toml` and fills in the figures that the code enforces."""

import datetime
import hashlib
import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.errors import Refused

TEXTS = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class SourceSentence:
    """One sentence as written: its probe, or why it needs none."""

    ident: str
    section: str
    text: str
    rows: tuple[str, ...]
    probe: str
    no_probe: str


@dataclass(frozen=True)
class SourceText:
    """One text, ready to be published."""

    kind: str
    title: str
    edited_at: datetime.datetime
    short: tuple[str, ...]
    sentences: tuple[SourceSentence, ...]

    @property
    def text_hash(self) -> str:
        """SHA-256 over the title and each section, id and text in their order."""
        return hash_text(self.title, self.sentences)


def hash_text(title: str, sentences: Iterable[Any]) -> str:
    """The hash of a text, from its file or from the stored sentences."""
    body = [title, *([sentence.section, sentence.ident, sentence.text] for sentence in sentences)]
    return hashlib.sha256(json.dumps(body, separators=(",", ":")).encode()).hexdigest()


def figures() -> dict[str, Any]:
    """What may stand in braces in a text: figures and names of this site, read from its settings."""
    return {
        "site": settings.SITE_NAME,
        "support": settings.SUPPORT_EMAIL,
        "trial_days": settings.TRIAL_DAYS,
        "keep_days": _default_of("accounts.Account", "chat_keep_days"),
        "summary_hour": f"{settings.SUMMARY_HOUR}:00",
    }


def read_text(kind: str, folder: Path | None = None) -> SourceText:
    """The text of "policy" or "terms" from its file.

    A sentence with `when = "trial"` is left out where the site has no trial (TRIAL_DAYS=0).
    Raises Refused (`bad_text`) for a file that is not complete.
    """
    with ((folder or TEXTS) / f"{kind}.toml").open("rb") as file:
        raw = tomllib.load(file)
    known = figures()
    sentences = []
    for section in raw.get("section", []):
        for entry in section.get("sentence", []):
            if entry.get("when") == "trial" and not settings.TRIAL_DAYS:
                continue
            sentences.append(_sentence(section["title"], entry, known))
    idents = [sentence.ident for sentence in sentences]
    if not sentences or len(set(idents)) != len(idents):
        raise Refused("bad_text", _("%(kind)s.toml has no sentences, or two with the same id.") % {"kind": kind})
    edited = raw["edited"]
    return SourceText(
        kind=kind,
        title=raw["title"],
        edited_at=datetime.datetime(edited.year, edited.month, edited.day, tzinfo=datetime.UTC),
        short=tuple(raw.get("short", ())),
        sentences=tuple(sentences),
    )


def find_line(kind: str, ident: str) -> int:
    """The line of a text's file on which the sentence of that id begins; 0 for one that stands in no file."""
    lines = (TEXTS / f"{kind}.toml").read_text(encoding="utf-8").splitlines()
    return next((number for number, line in enumerate(lines, start=1) if line.strip() == f'id = "{ident}"'), 0)


def _sentence(section: str, entry: dict[str, Any], known: dict[str, Any]) -> SourceSentence:
    try:
        text = " ".join(entry["text"].split()).format_map(known)
        return SourceSentence(
            ident=entry["id"],
            section=section,
            text=text,
            rows=tuple(entry.get("rows", ())),
            probe=entry.get("probe", ""),
            no_probe=entry.get("no_probe", ""),
        )
    except KeyError as missing:
        lacking = _("A sentence of %(section)s lacks or asks for %(what)s.")
        raise Refused("bad_text", lacking % {"section": section, "what": missing}) from None


def _default_of(model: str, field: str) -> Any:
    from django.apps import apps

    return apps.get_model(model)._meta.get_field(field).get_default()


def with_entity(text: SourceText, entity: Any) -> SourceText:
    """The text with the sentences that say who decides how data is used, first of all; `entity` None changes nothing.

    They come from the one record of the legal entity, so that policy, mails and pages cannot say different names (S7).
    """
    if entity is None:
        return text
    section = _("Who we are")
    who = ", ".join(filter(None, [entity.name, entity.office, entity.registration]))
    says = _("%(who)s decides how your data is used and answers for it.") % {"who": who}
    sentences = [SourceSentence("entity", section, says, ("S7",), "one_entity", "")]
    if entity.predecessor is not None:
        facts = {"new": entity.name, "old": entity.predecessor.name}
        says = _("%(new)s takes the place of %(old)s. What you accepted before stays on record, and this policy binds "
                 "%(new)s.") % facts  # fmt: skip
        sentences.append(SourceSentence("entity-takeover", section, says, ("S60", "S61"), "takeover_told", ""))
    idents = {one.ident for one in sentences}
    return replace(text, sentences=(*sentences, *(one for one in text.sentences if one.ident not in idents)))
