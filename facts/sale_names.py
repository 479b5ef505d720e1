"""The word under which a sale is counted: its currency, whether the chat was going on, and who said so."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class SaleName:
    """The three things that a word holds: "EUR.direct.checked"."""

    currency: str
    is_direct: bool
    is_checked: bool


def name_of(sale: Any) -> str:
    """The word of a Sale."""
    return f"{sale.currency}.{'direct' if sale.is_direct else 'later'}.{'checked' if sale.is_checked else 'told'}"


def read_name(word: str) -> SaleName:
    """What a word says."""
    currency, when, who = word.split(".")
    return SaleName(currency, when == "direct", who == "checked")
