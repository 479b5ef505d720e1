"""Greetings of a website: which sentence the bubble shows on which page and when; the loader decides, with no request.

A rule is `{"id", "text", "page", "after", "first", "times"}`: `page` is a path in which a star stands for anything,
`after` are seconds on the page, `first` says that the visitor must have come from outside, `times` is how often it
is shown in the life of a page. Nothing is stored for it (P9), so there are no days of quiet and no count of visits;
`first` is the cap over several pages.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from chat.realtime.protocol import clean_text
from core.errors import Refused

MOST = 10
LONGEST_TEXT = 160
LONGEST_PAGE = 200
LONGEST_WAIT = 3600  # seconds
MOST_TIMES = 5
MOST_STARS = 3


class BadGreeting(Refused):
    """A rule that does not fit; `number` counts from 0 and `field` names its field."""

    def __init__(self, number: int, field: str, message: Any) -> None:
        super().__init__("bad_greeting", message)
        self.number, self.field = number, field


@dataclass(frozen=True)
class Greeting:
    """One rule."""

    id: str
    text: str
    page: str = "*"
    after: int = 20
    first: bool = True
    times: int = 1


def read_greetings(stored: Iterable[Mapping[str, Any]]) -> list[Greeting]:
    """The rules as they are stored."""
    names = Greeting.__dataclass_fields__
    return [Greeting(**{name: value for name, value in rule.items() if name in names}) for rule in stored]


def check_greetings(rules: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules as they will be stored, each with an id. Raises BadGreeting, Refused `too_many`."""
    rules = list(rules)
    if len(rules) > MOST:
        raise Refused("too_many", _("A website can have %(count)d greetings.") % {"count": MOST})
    return [asdict(_check(number, rule)) for number, rule in enumerate(rules)]


def _check(number: int, rule: Mapping[str, Any]) -> Greeting:
    text = " ".join(clean_text(str(rule.get("text", ""))).split())
    if not text:
        raise BadGreeting(number, "text", _("Write what the greeting says."))
    if len(text) > LONGEST_TEXT:
        raise BadGreeting(number, "text", _("A greeting can have %(count)d characters.") % {"count": LONGEST_TEXT})
    page = clean_text(str(rule.get("page", ""))) or "*"
    if not page.startswith(("/", "*")) or re.search(r"\s", page):
        raise BadGreeting(
            number, "page", _("Enter the path of a page, like /pricing or /shop/*. A star stands for anything.")
        )
    if len(page) > LONGEST_PAGE or page.count("*") > MOST_STARS:
        raise BadGreeting(
            number,
            "page",
            _("A path can have %(count)d characters and %(stars)d stars.")
            % {"count": LONGEST_PAGE, "stars": MOST_STARS},
        )
    return Greeting(
        id=str(rule.get("id") or secrets.token_hex(4))[:8],
        text=text,
        page=page,
        after=_whole(number, rule, "after", 0, LONGEST_WAIT, _("Enter seconds from 0 to 3600.")),
        first=bool(rule.get("first")),
        times=_whole(number, rule, "times", 1, MOST_TIMES, _("Enter how often, from 1 to 5.")),
    )


def _whole(number: int, rule: Mapping[str, Any], name: str, least: int, most: int, sentence: Any) -> int:
    value = str(rule.get(name, "")).strip()
    if not re.fullmatch(r"[0-9]{1,5}", value) or not least <= int(value) <= most:
        raise BadGreeting(number, name, sentence)
    return int(value)


def rules_for_loader(stored: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The rules as the loader reads them: the path as a regular expression."""
    return [
        {
            "text": rule.text,
            "page": "^" + ".*".join(re.escape(part) for part in rule.page.split("*")) + "$",
            "after": rule.after,
            "first": int(rule.first),
            "times": rule.times,
        }
        for rule in read_greetings(stored)
    ]
