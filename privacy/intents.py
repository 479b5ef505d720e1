"""What a mail to the support address wants, by plain rules: a right about one's own data, or something else (S103).

The rules are strict: a sentence must speak of "my data" or name a law. A question of how something is done, and a
sentence that says "not", is none. What no rule finds is a question to our support.
"""

import re

from privacy.models.cases import Case

Kind = Case.Kind
LONGEST_READ = 4000  # characters; a wish stands at the beginning
SHORT = 200  # of a mail that says little more than "unsubscribe"

_MINE = r"(?:my|mein\w*|mes|ma|mon|mis?|meus?|minha)"
_DATA = (
    r"(?:personal |private |persönlichen |personenbezogenen )?"
    r"(?:data|information|details|records?|account|profile|daten|konto|données|compte|datos|cuenta|dados|conta)"
)
_GONE = (
    r"(?:delete|erase|remove|take down|destroy|lösch\w*|entfern\w*|supprime[rz]?|efface[rz]?|borr\w+|elimin\w+|apag\w+)"
)
# the first rule that fits decides; the more special ones come first
RULES: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(rule, re.IGNORECASE))
    for kind, rule in (
        (Kind.COMPLAINT, r"\bcomplain\w*\b.*\b(?:privacy|personal data|data protection|my data|gdpr)\b"),
        (Kind.COMPLAINT, r"\b(?:privacy|data protection|gdpr) complaint\b"),
        (Kind.COMPLAINT, r"\bbeschwer\w+\b.*\b(?:datenschutz|dsgvo)\b"),
        (Kind.PHOTO_REMOVAL, rf"\b{_GONE}\b.*\b{_MINE} (?:photo|picture|image|foto|bild)\b"),
        (
            Kind.TESTIMONIAL_REMOVAL,
            rf"\b{_GONE}\b.*\b{_MINE} (?:testimonial|(?:forum )?(?:posts?|topics?|comments?))\b",
        ),
        (Kind.ADDRESS_REMOVAL, rf"\b{_GONE}\b.*\b{_MINE} (?:e-?mail ?)?(?:address|adresse)\b"),
        (Kind.ADDRESS_REMOVAL, rf"\b{_GONE}\b.*\b{_MINE} e-?mail\b(?! ?(?:template|signature))"),
        (Kind.ERASURE, rf"\b{_GONE}\b.*\b{_MINE} {_DATA}\b"),
        (Kind.ERASURE, rf"\b{_MINE} {_DATA}\b.*\b{_GONE}"),
        (Kind.ERASURE, r"\bright to (?:be forgotten|erasure)\b|\b(?:article|art\.?|artikel) ?17\b"),
        (Kind.ERASURE, rf"\b{_GONE}\b.*\b(?:everything|all)\b.*\b(?:about|on|of) me\b"),
        (Kind.PORTABILITY, r"\bdata portability\b|\b(?:article|art\.?|artikel) ?20\b"),
        (Kind.ACCESS, rf"\b(?:copy|export|kopie|auskunft|copie|copia)\b.*\b{_MINE} {_DATA}\b"),
        (Kind.ACCESS, r"\b(?:what|which|all)\b.*\b(?:data|information)\b.*\b(?:about|on|of) me\b"),
        (Kind.ACCESS, r"\b(?:subject access request|right of access|dsar)\b|\b(?:article|art\.?|artikel) ?15\b"),
        (Kind.CORRECTION, rf"\b(?:correct|rectify|fix|berichtig\w*|korrigier\w*)\b.*\b{_MINE} (?:name|{_DATA})\b"),
        (Kind.CORRECTION, rf"\b{_MINE} (?:name|{_DATA})\b (?:is|are) (?:wrong|incorrect|misspelt|misspelled)\b"),
        (Kind.OBJECTION, r"\bi object\b.*\b(?:processing|use|using|statistics|marketing)\b"),
        (Kind.RESTRICTION, rf"\brestrict\b.*\bprocessing\b.*\b{_MINE}\b"),
    )
)
_UNSUBSCRIBE = re.compile(
    r"\b(?:unsubscribe|stop (?:sending|mailing|writing to) me|abmelden|désabonner)\b", re.IGNORECASE
)
_ASKS_HOW = re.compile(r"^\W*(?:how|where|what happens|is it possible|wie|wo|comment|cómo|como)\b", re.IGNORECASE)
_NOT = re.compile(r"\b(?:not|never|nicht|kein\w*|pas)\b|n[’']t\b", re.IGNORECASE)


def find_intent(subject: str, text: str) -> str:
    """The kind of case that a mail asks for, "" for none."""
    sentences = [one for one in _sentences(subject, text) if not _ASKS_HOW.search(one) and not _NOT.search(one)]
    for kind, rule in RULES:
        if any(rule.search(sentence) for sentence in sentences):
            return kind
    if len(text) <= SHORT and any(_UNSUBSCRIBE.search(sentence) for sentence in sentences):
        return Kind.OBJECTION
    return ""


def _sentences(subject: str, text: str) -> list[str]:
    """The subject and the sentences; a line break inside of one is a space, an empty line ends it."""
    parts = re.split(r"(?<=[.!?;])\s+|\n\s*\n", text[:LONGEST_READ])
    return [" ".join(part.split())[:500] for part in (subject, *parts) if part.strip()]
