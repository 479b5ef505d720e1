"""The colours of the design language keep their contrast in both themes (WCAG 1.4.3, 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = Path(__file__).resolve().parents[2] / "static" / "css"
TEXT, SHAPE = 4.5, 3.0
SURFACES = ("bg", "surface", "surface-2", "surface-3", "paper")
MARKS = ("signal-mark", "ok", "danger", "accent", "focus")
PAIRS: list[tuple[str, str, float]] = [
    *((text, ground, TEXT) for text in ("text", "text-2", "text-3") for ground in SURFACES),
    *(("accent-text", ground, TEXT) for ground in ("bg", "surface", "surface-2", "accent-soft")),
    *(("text", ground, TEXT) for ground in ("accent-soft", "signal-soft", "ok-soft", "danger-soft")),
    *((text, "accent-soft", TEXT) for text in ("text-2", "text-3")),
    *(("on-accent", ground, TEXT) for ground in ("accent", "accent-hover")),
    *(("signal-text", ground, TEXT) for ground in ("bg", "surface", "signal-soft")),
    ("on-signal", "signal", TEXT),
    *(("ok-text", ground, TEXT) for ground in ("bg", "surface", "ok-soft")),
    *(("danger-text", ground, TEXT) for ground in ("bg", "surface", "danger-soft")),
    *(("on-danger", ground, TEXT) for ground in ("danger", "danger-hover")),
    *((text, ground, TEXT) for text in ("frame-text", "frame-text-2") for ground in ("frame", "frame-2", "frame-3")),
    *(("line-strong", ground, SHAPE) for ground in ("bg", "surface", "surface-2")),
    *((mark, ground, SHAPE) for mark in MARKS for ground in ("bg", "surface")),
    *((f"data-{number}", "surface", SHAPE) for number in (1, 2, 3, 4)),
]


def read_colours(theme: int) -> dict[str, str]:
    """Every colour token as hex; `theme` 0 is light, 1 dark."""
    text = (CSS / "tokens.css").read_text(encoding="utf-8")
    colours = {}
    for name, value in re.findall(r"--([\w-]+):\s*(light-dark\([^;]+\)|#\w+);", text):
        hexes = re.findall(r"#[0-9a-fA-F]{3,6}\b", value)
        if hexes:
            colours[name] = hexes[min(theme, len(hexes) - 1)]
    return colours


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        digits = colour.lstrip("#")
        digits = "".join(digit * 2 for digit in digits) if len(digits) == 3 else digits
        channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_pair_of_tokens_can_be_read(theme: int) -> None:
    colours = read_colours(theme)
    low = [
        f"{front} on {ground}: {contrast(colours[front], colours[ground]):.2f}, needs {least}"
        for front, ground, least in PAIRS
        if contrast(colours[front], colours[ground]) < least
    ]
    assert not low, low


def test_no_template_carries_a_style_or_a_handler() -> None:
    root = CSS.parents[1] / "templates"
    assert root.is_dir()
    mail = re.compile(r"(^|/)mail/|/mail_|_mail|messages/")  # mail needs inline styles: clients drop style blocks
    found = [
        f"{path.relative_to(root)}: {match.group(0)}"
        for path in root.rglob("*.html")
        if not mail.search(str(path.relative_to(root)))
        for match in re.finditer(r"<[a-z][^>]*\s(style|on[a-z]+)=", path.read_text(encoding="utf-8"))
    ]
    assert not found, found
