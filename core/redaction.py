"""Masks card numbers, IBANs and keys in what people write, before it is stored or shown (P15).

Cards are found by length, issuer and the Luhn check (ISO/IEC 7812), IBANs by country, length and check digits
(ISO 13616), keys by the prefixes that their makers gave them so that they can be found. Only the last four digits stay.
"""

import re
from collections.abc import Callable, Iterator

MASK = "•"
KEPT = 4
LONGEST_CARD = 19  # digits

_GAP = "[ \u00a0\u2007\u2009\u202f\\-.·]?"
_NUMBER = re.compile(r"\d\D?\d\D?\d")  # nothing of this: no card number and no IBAN
_UUID = r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b"  # its digits are no card's
_RUN = re.compile(rf"(?P<uuid>{_UUID})|\d(?:{_GAP}\d){{12,}}")
_GROUPS = re.compile(r"\d+")
_IBAN = re.compile(rf"(?P<uuid>{_UUID})|(?<![A-Za-z0-9])[A-Za-z]{{2}}\d\d(?:{_GAP}[A-Za-z0-9]){{11,30}}(?![A-Za-z0-9])")
_REGISTRY = (  # countries and the lengths of their IBANs, from the registry of ISO 13616
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29"
    " ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20"
    " LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29"
    " PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
    " YE30"
)
_IBAN_LENGTHS = {word[:2]: int(word[2:]) for word in _REGISTRY.split()}
_ISSUERS = re.compile(
    r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[689])|35(?:2[89]|[3-8])|6(?:011|4[4-9]|5|2)|50|5[6-8]|6[37]"
)
_KEYS = re.compile(
    r"(?P<pem>-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z))"
    r"|(?P<key>\b(?:(?:sk|rk|pk)_(?:live|test)_[0-9A-Za-z]{10,}|whsec_[0-9A-Za-z+/=]{16,}|sk-[0-9A-Za-z_-]{20,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{30,}|gh[pousr]_[0-9A-Za-z]{20,}|github_pat_[0-9A-Za-z_]{20,}"
    r"|glpat-[0-9A-Za-z_-]{16,}|xox[abeprs]-[0-9A-Za-z-]{10,}|lc_[0-9A-Za-z_-]{20,}"
    r"|eyJ[0-9A-Za-z_-]{8,}\.eyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}))",
    re.DOTALL,
)


def mask_secrets(text: str) -> str:
    """The text with card numbers, IBANs and keys masked; the same text when there are none (P15).

    Masking again changes nothing. Length and separators stay, so that a person sees what was there.
    """
    if "_" in text or "-" in text or "eyJ" in text or "A" in text:  # every key has one of these
        text = _KEYS.sub(_mask_key, text)
    if _NUMBER.search(text) is None:
        return text
    text = _IBAN.sub(_mask_iban, text)
    return _RUN.sub(_mask_cards, text)


def is_card_number(digits: str) -> bool:
    """Whether 12 to 19 digits are a card number: an issuer's beginning, and the Luhn check."""
    return 12 < len(digits) < 20 and _ISSUERS.match(digits) is not None and _luhn(digits)


def _luhn(digits: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0 and digits.strip("0") != ""


def _mask_key(match: re.Match[str]) -> str:
    if match["pem"]:
        return "PRIVATE KEY " + MASK * 8
    return match["key"][:KEPT] + MASK * 8


def _mask_iban(match: re.Match[str]) -> str:
    """Masks the longest beginning that is an IBAN; words that follow it are left as they are."""
    written = match[0]
    if match["uuid"]:
        return written
    for end in range(len(written), 14, -1):
        if end < len(written) and written[end].isalnum():
            continue  # an IBAN ends where a group ends
        compact = "".join(one for one in written[:end] if one.isalnum()).upper()
        if len(compact) == _IBAN_LENGTHS.get(compact[:2]) and _is_iban(compact):
            return _cover(written[:end], str.isalnum, first=2) + written[end:]
    return written


def _is_iban(compact: str) -> bool:
    turned = compact[4:] + compact[:4]
    return int("".join(str(int(one, 36)) for one in turned)) % 97 == 1


def _mask_cards(match: re.Match[str]) -> str:
    """Masks each card number in a run of digits; a group after it (a date, a check number) does not hide it."""
    run = match[0]
    if match["uuid"]:
        return run
    plain = "".join(str(int(one)) if one.isdecimal() else one for one in run)  # other scripts' digits count as ours
    covered, at = [], 0
    for start, end in _cards(plain):
        covered += [run[at:start], _cover(run[start:end], str.isdecimal)]
        at = end
    return "".join([*covered, run[at:]])


def _cards(plain: str) -> Iterator[tuple[int, int]]:
    """Where the card numbers of a run stand, in order: each begins with a group, and ends with one or before a check
    number that is glued to it. Takes a time that grows with the length and not faster, whatever is written.
    """
    groups = [match.span() for match in _GROUPS.finditer(plain)]
    first = 0
    while first < len(groups):
        end = _end_of_card(plain, groups, first)
        if end is None:
            first += 1
            continue
        yield groups[first][0], end
        while first < len(groups) and groups[first][1] <= end:
            first += 1
        if first < len(groups) and groups[first][0] < end:
            groups[first] = (end, groups[first][1])  # what is left of a group behind a card


def _end_of_card(plain: str, groups: list[tuple[int, int]], first: int) -> int | None:
    """Where the longest card number ends that begins with a group; None when none begins there."""
    start, digits, ends = groups[first][0], "", []
    for place in range(first, len(groups)):
        digits += plain[groups[place][0] : groups[place][1]][: LONGEST_CARD + 2]
        if len(digits) > LONGEST_CARD:
            break
        ends.append((len(digits), groups[place][1]))
    for length, end in reversed(ends):
        if is_card_number(digits[:length]):
            return end
    if 18 < groups[first][1] - start < 21:
        for length in (16, 15):
            if is_card_number(digits[:length]):
                return start + length
    return None


def _cover(written: str, is_sign: Callable[[str], bool], first: int = 0) -> str:
    """Hides every sign but the first ones and the last four."""
    signs = sum(1 for one in written if is_sign(one))
    covered, seen = [], 0
    for one in written:
        if is_sign(one):
            seen += 1
            one = one if seen <= first or seen > signs - KEPT else MASK
        covered.append(one)
    return "".join(covered)
