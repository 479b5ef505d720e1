"""Writes the bubble's script: the file static/widget/loader.js without its comments, with a website's settings."""

import functools
import gzip
import json
import re
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from chat.bubble.greetings import rules_for_loader
from chat.models import Widget
from chat.queries import find_chat_settings
from chat.window.colours import choose_brand
from chat.window.languages import LANGUAGES
from chat.window.seen import ask_to_be_seen
from core.errors import Refused

SOURCE = Path("static/widget/loader.js")
SETTINGS = "/* settings */"  # what follows it in the file is for the older tag
HEAVIEST = 5 * 1024  # bytes, compressed (G12)
STRINGS = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'")
AROUND = re.compile(r"\s*([=+(){};,:?<>&|!\[\]*/-])\s*")


def tag_of(widget: Widget) -> str:
    """The one line that a customer pastes."""
    return f'<script src="{settings.PUBLIC_ORIGIN}/widget/{widget.key}.js" async></script>'


def write_script(widget: Widget) -> str:
    """The script with the settings of a widget."""
    code = _shrink(_read_source(_source().stat().st_mtime_ns))
    found = json.dumps(settings_of(widget), ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    return f"{code}{found},document.currentScript);\n"


def settings_of(widget: Widget) -> dict[str, Any]:
    """What the loader knows of a widget; all of it is public."""
    asks = find_chat_settings(widget.account).board_on and not widget.account.is_read_only()
    brand = choose_brand(widget.brand_colour)
    company = widget.account.company
    found: dict[str, Any] = {
        "site": settings.PUBLIC_ORIGIN,
        "key": widget.key,
        "colour": brand.colour,
        "ink": brand.ink,
        "side": widget.position,
        "lang": widget.language,
        "words": {code: words_in(code, company if asks else "") for code in _languages_of(widget)},
    }
    if widget.greetings:
        found["greetings"] = rules_for_loader(widget.greetings)
    if asks:
        found["ask"] = 1
    return found


def _languages_of(widget: Widget) -> list[str]:
    """The one that the account chose, and English to fall back to; else all, as the page's own language decides."""
    return ["en"] if widget.language == "en" else [widget.language, "en"] if widget.language else list(LANGUAGES)


def words_in(language: str, company: str = "") -> list[str]:
    """The loader's words in the order in which it reads them; with `company` those of the board's question too."""
    with translation.override(language):
        words = [
            _("Open chat"), _("Close chat"), _("unread"), _("Chat"), _("The chat did not load. Try again later."),
            _("Dismiss"),
        ]  # fmt: skip
        return [*words, ask_to_be_seen(company), _("Yes"), _("No")] if company else words


def check_weight(widget: Widget) -> None:
    """Raises Refused `too_heavy` when the script with the greetings of a widget would be over its 5 KB (G12)."""
    if len(gzip.compress(write_script(widget).encode(), 6)) > HEAVIEST:
        raise Refused("too_heavy", _("The greetings are too long together. Shorten some of them."))


# ---- the file ----
def _source() -> Path:
    return Path(settings.BASE_DIR) / SOURCE


@functools.lru_cache(maxsize=2)
def _read_source(changed: int) -> str:
    return _source().read_text(encoding="utf-8").partition(SETTINGS)[0]


@functools.lru_cache(maxsize=2)
def _shrink(source: str) -> str:
    """The script without comments and needless space; strings stay as they are."""
    source = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    source = re.sub(r"(?m)^\s*//.*$", "", source)
    source = re.sub(r"\" \+\n\s*\"", "", source)
    shrunk, at = [], 0
    for text in STRINGS.finditer(source):
        shrunk += [AROUND.sub(r"\1", source[at : text.start()]), text.group()]
        at = text.end()
    code = "".join([*shrunk, AROUND.sub(r"\1", source[at:])])
    return re.sub(r"\s*\n\s*", "\n", code).replace(";}", "}")
