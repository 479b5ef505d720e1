"""What a person wrote in an answer: without the quoted mail and the signature below it.

Plain rules over single lines, so that the time grows with the length (a library with the same aim took 50 s for 20,000
empty lines). When a rule would leave nothing, the text stays whole: rather too much than an empty answer.
"""

import re

MARK = "=====>8====="  # our own mails carry a line that begins so; what stands below is ours
LONGEST_LINE = 1_000  # signs of a line that the rules look at

_OWN_MARK = re.compile(r"^[>\s|]*[-=_]{2,} ?>8 ?[-=_]{2,}")
# how mail programs begin a quote: English, German, French, Spanish, Polish, Italian (and Dutch, Portuguese, Swedish)
_WROTE = re.compile(
    r"(\bwrote|\bschrieb|\ba écrit|\ba ecrit|\bescribió|\bescribio|\bnapisał\(a\)|\bnapisała|\bnapisał|\bnapisal"
    r"|\bpisze|\bha scritto|\bescreveu|\bschreef|\bskrev)\b[^:]{0,120}[:：]\s*$",
    re.IGNORECASE,
)
_WROTE_FIRST = re.compile(
    r"^(on|am|le|el|il|w dniu|dnia|em|op|den|pon\.|wt\.|śr\.|czw\.|pt\.|sob\.|niedz\.)\s", re.IGNORECASE
)
_NEEDS_MORE = re.compile(r"\d{1,4}|@|<")
_DIVIDER = re.compile(
    r"^\s*[-_=*]{2,}\s*(original message|original appointment|forwarded message|reply message|"
    r"ursprüngliche nachricht|ursprungliche nachricht|weitergeleitete nachricht|originalnachricht|"
    r"message d'origine|message d’origine|message original|message transféré|mensaje original|mensaje reenviado|"
    r"wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana dalej|messaggio originale|"
    r"messaggio inoltrato|mensagem original|oorspronkelijk bericht)\s*[-_=*]{2,}\s*$",
    re.IGNORECASE,
)
_HEADER = {
    "from": re.compile(r"^\s*\*?(from|von|de|expéditeur|remitente|od|da|van|från)\s?:\*?\s", re.IGNORECASE),
    "others": re.compile(
        r"^\s*\*?(sent|date|to|cc|subject|gesendet|datum|an|betreff|envoyé|à|objet|date|enviado|enviado el|fecha|para|"
        r"asunto|wysłano|wysłane|data|do|temat|inviato|a|oggetto|verzonden|aan|onderwerp|skickat|till|ämne)"
        r"\s?:\*?\s",
        re.IGNORECASE,
    ),
}
_RULE = re.compile(r"^\s*[_-]{20,}\s*$")
_SIGNATURE = re.compile(r"^-- ?$|^—\s*$")
_DEVICE = re.compile(
    r"^\s*(sent from (my|mail for|outlook|yahoo|samsung|proton|aol)\b.*|get outlook for \w+.*|"
    r"von meinem .{1,60} gesendet.*|gesendet (von|mit) .{1,80}|diese nachricht wurde von meinem .{1,80}|"
    r"envoyé (de|depuis) (mon|ma|l'|l’|outlook|yahoo).*|télécharger outlook pour.*|obtenez outlook pour.*|"
    r"enviado desde (mi|outlook|yahoo|el).*|obtener outlook para.*|wysłane z (mojego|mojej|iphone|telefonu|programu).*|"
    r"wysłano z (mojego|mojej|iphone|telefonu|programu).*|pobierz program outlook.*|"
    r"inviato (da|dal|con) .{1,60}|scarica outlook per.*)\s*$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"^\s?>")


def cut(text: str) -> str:
    """The part of a mail's text that its writer wrote now."""
    lines = text.split("\n")
    kept = _cut_below_mark(lines)
    kept = _cut_quote(kept)
    kept = _cut_signature(kept)
    answer = _tidy(kept)
    return answer or _tidy(_cut_below_mark(lines)) or _tidy(lines)


def _tidy(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()


def _cut_below_mark(lines: list[str]) -> list[str]:
    """Everything above our own mark, without the line that announces the quote it stands in."""
    for place, line in enumerate(lines):
        if _OWN_MARK.match(line[:LONGEST_LINE]):
            above = lines[:place]
            while above and (not above[-1].strip() or _QUOTED.match(above[-1])):
                above.pop()
            start = _wrote_before(above, len(above))
            return above if start is None else above[:start]
    return lines


def _cut_quote(lines: list[str]) -> list[str]:
    """Without the quote of the mail that is answered: all that follows its beginning, or a block above the answer."""
    for place in range(len(lines)):
        if _begins_outlook(lines, place):
            return lines[:place]
        if _is_wrote(lines, place):
            start = _wrote_before(lines, place + 1)
            if start is not None:
                return _cut_at(lines, start, place + 1)
    end = _end_of_text(lines)
    while end and (_QUOTED.match(lines[end - 1]) or not lines[end - 1].strip()):
        end -= 1
    return lines[:end] if end else lines


def _cut_at(lines: list[str], start: int, rest: int) -> list[str]:
    """Without the quote announced in lines[start:rest]; answers between its lines stay, with what they answer."""
    after = lines[rest:]
    quoted = [place for place, line in enumerate(after) if _QUOTED.match(line)]
    if not quoted:
        return lines[:start]  # the program quotes without signs: everything below is the old mail
    own = [place for place, line in enumerate(after) if line.strip() and not _QUOTED.match(line)]
    between = [place for place in own if quoted[0] < place < quoted[-1] and not _is_wrote(after, place)]
    below = [place for place in own if place > quoted[-1]]
    if between:
        return [*lines[:start], *after]
    if below and not "".join(lines[:start]).strip():
        return after[quoted[-1] + 1 :]  # the answer stands below the quote
    if below:
        return [*lines[:start], *after[quoted[-1] + 1 :]]
    return lines[:start]


def _is_wrote(lines: list[str], place: int) -> bool:
    """Whether "... wrote:" ends at this line; an address may have been broken over two."""
    line = lines[place]
    if len(line) > LONGEST_LINE or not line.rstrip().endswith((":", "：")):
        return False
    above = lines[place - 1][-200:] if place and lines[place - 1].rstrip().endswith("<") else ""
    return bool(_WROTE.search(f"{above} {line}"[-300:]))


def _wrote_before(lines: list[str], end: int) -> int | None:
    """Where the up to four lines "On ..., Ada <ada@...> wrote:" before `end` begin; None when there are none."""
    if not end or not _is_wrote(lines, end - 1) or _QUOTED.match(lines[end - 1]):
        return None
    found = None
    for start in range(end - 1, max(-1, end - 5), -1):
        if not lines[start].strip() or _QUOTED.match(lines[start]):
            break
        words = " ".join(lines[start:end])[:LONGEST_LINE]
        if _NEEDS_MORE.search(words):
            if _WROTE_FIRST.match(lines[start].lstrip("* ")):
                return start
            found = start if found is None else found
    return found


def _begins_outlook(lines: list[str], place: int) -> bool:
    """Whether a line says "Original message", or a block From / Sent / To / Subject begins here."""
    line = lines[place][:LONGEST_LINE]
    if _DIVIDER.match(line):
        return True
    if _RULE.match(line):
        following = next((at for at in range(place + 1, min(place + 4, len(lines))) if lines[at].strip()), None)
        return following is not None and _is_header_block(lines, following)
    return _is_header_block(lines, place) and any(above.strip() for above in lines[:place])


def _is_header_block(lines: list[str], place: int) -> bool:
    if not _HEADER["from"].match(lines[place][:LONGEST_LINE]):
        return False
    following = [line[:LONGEST_LINE] for line in lines[place + 1 : place + 6]]
    return sum(bool(_HEADER["others"].match(line)) for line in following) >= 2


def _end_of_text(lines: list[str]) -> int:
    end = len(lines)
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _cut_signature(lines: list[str]) -> list[str]:
    """Without what follows the last "-- ", and without the line that a telephone adds."""
    end = _end_of_text(lines)
    for place in range(end - 1, -1, -1):
        if _SIGNATURE.match(lines[place]) and end - place <= 16 and any(line.strip() for line in lines[:place]):
            end = place
            break
    end = _end_of_text(lines[:end])
    if end > 1 and _DEVICE.match(lines[end - 1][:LONGEST_LINE]):
        end -= 1
    return lines[:end]
