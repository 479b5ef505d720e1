"""The colour of an account in its chat window, with words that can be read on it (WCAG 2: 4.5 to 1)."""

import re
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from core.errors import Refused

LEAST = 4.5
WHITE, DARK = "#ffffff", "#141b1e"


@dataclass(frozen=True)
class Brand:
    """What is shown for a colour: `colour` itself or the nearest one that can be read, and the colour of the words."""

    colour: str
    ink: str
    is_changed: bool


def choose_brand(colour: str) -> Brand:
    """White words where they can be read on the colour, else dark ones, else the colour a little darker.

    Raises Refused `bad_colour` for what is not #rrggbb.
    """
    for ink in (WHITE, DARK):
        if contrast(colour, ink) >= LEAST:
            return Brand(colour.lower(), ink, False)
    shown = colour
    while contrast(shown, WHITE) < LEAST:
        shown = "#" + "".join(f"{max(0, part - 2):02x}" for part in _parts(shown))
    return Brand(shown, WHITE, True)


def contrast(one: str, other: str) -> float:
    """WCAG 2 contrast ratio of two colours, 1 to 21. Raises Refused `bad_colour`."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _parts(colour: str) -> list[int]:
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", colour):
        raise Refused("bad_colour", _("Enter a colour like #20524a."))
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]


def _luminance(colour: str) -> float:
    parts = [part / 255 for part in _parts(colour)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
