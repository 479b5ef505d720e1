"""Reads the button's script without running it: what of it runs before a click, and whether that stores or sends."""

import re

# nowhere in the script, not even after the click: the frame has its own page for that
NEVER = (
    r"document\s*\.\s*cookie", r"\[\s*['\"]cookie", r"cookieStore", r"localStorage", r"indexedDB",
    r"sessionStorage(?!\.(?:get|set|remove)Item\(\"livechat\")",  # the one declared mark (chat/outbound.py)
    r"\blocation(?:\s*\.\s*\w+)?\s*=[^=]", r"location\s*\.\s*(?:assign|replace|reload)\b",
    r"\bcaches\b", r"XMLHttpRequest", r"\bfetch\b", r"sendBeacon", r"\bWebSocket\b", r"EventSource", r"WebTransport",
    r"\bImage\s*\(", r"importScripts", r"\bimport\s*\(", r"serviceWorker", r"SharedWorker", r"\bWorker\s*\(",
    r"\beval\b", r"\bFunction\s*\(", r"url\(", r"@import", r"@font-face", r"navigator\s*\.(?!userActivation\b)",
    r"document\s*\.\s*write",
)  # fmt: skip
# only behind the click
LATER = (
    r"\(\s*['\"]iframe", r"postMessage", r"\.src\b(?!\))", r"\bsrc\s*:", r"location\s*\.(?!(?:pathname|origin)\b)",
    r"document\s*\.\s*title", r"sessionStorage\.setItem", r"\b(?:ready|shown|frame|live)\s*=(?!\s*false|=)",
    r"createElement\(\s*['\"](img|script|link|video|audio|source|embed|object|form)", r"\btell\(", r"\bpage\(",
)  # fmt: skip
FUNCTION = re.compile(r"\bfunction\s+(\w+)\s*\([^)]*\)\s*\{")
ON_CLICK = re.compile(r"addEventListener\(\s*[\"'](?:click|keydown)[\"']\s*,\s*function\s*\([^)]*\)\s*\{")
# blocks that run only after a click: now, earlier on this page, or, by the mark, on a page before
AFTER_CLICK = re.compile(r"\bif \((?:recall\(\)|isAsked\(\)|shown|ready)\) \{")
GUARDS = (
    "return frame || !navigator.userActivation || navigator.userActivation.isActive;",
    'try { kept = sessionStorage.getItem("livechat"); } catch (error) { kept = null; }\n    return kept;',
)
STRINGS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
COMMENTS = re.compile(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", re.DOTALL)


def find_before_click(source: str) -> list[str]:
    """Every word that stores or sends, in what runs before the visitor clicks (P9); empty when there is none."""
    code = COMMENTS.sub(" ", source)
    found = [match.group() for word in NEVER for match in re.finditer(word, code)]
    found += [f"no longer: {guard}" for guard in GUARDS if guard not in source]
    early = _reached(code)
    return found + [match.group() for word in LATER for match in re.finditer(word, early)]


def _reached(code: str) -> str:
    """The code that runs when the script is loaded: all that is not in a function, and the functions it names."""
    code = _cut_all(AFTER_CLICK, _cut_all(ON_CLICK, code)[0])[0]
    rest, bodies = _cut_all(FUNCTION, code)
    rest = rest.replace("new URL(tag.src)", "")  # reads its own address
    todo, seen = [rest], ""
    names = set(bodies)
    while todo:
        part = todo.pop()
        seen += part
        called = {name for name in names if re.search(rf"\b{name}\b", STRINGS.sub("", part))}
        names -= called
        todo.extend(bodies[name] for name in called)
    return seen


def _cut_all(opening: re.Pattern[str], code: str) -> tuple[str, dict[str, str]]:
    """The code without the blocks that begin with `opening`, and those blocks by their name."""
    cut: dict[str, str] = {}
    while match := opening.search(code):
        end = _end_of_block(code, match.end())
        name = match.group(1) if opening.groups else str(len(cut))
        cut[name] = code[match.end() : end]
        code = code[: match.start()] + ";" + code[end + 1 :]
    return code, cut


def _end_of_block(code: str, start: int) -> int:
    """The place of the brace that closes the block opened just before `start`; braces in strings do not count."""
    plain = STRINGS.sub(lambda match: " " * len(match.group()), code)
    depth = 1
    for place in range(start, len(plain)):
        depth += {"{": 1, "}": -1}.get(plain[place], 0)
        if depth == 0:
            return place
    return len(code)
