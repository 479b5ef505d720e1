"""The arithmetic of a chain: what is hashed, in which form."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

SITE = "site"
PEOPLE = frozenset({"user", "visitor", "invited", "invitation", "guest"})  # kinds of words that stand for a person


def chain_key(account_ref: int | None) -> str:
    """The key of an account's chain, or of the site's."""
    return SITE if account_ref is None else f"account:{account_ref}"


def is_person(word: str) -> bool:
    """Whether a word such as "user:12" stands for a person and so needs a pseudonym."""
    kind, colon, rest = word.partition(":")
    return bool(colon and rest) and kind in PEOPLE


def is_pseudonym(word: str) -> bool:
    """Whether a word of the log stands in place of a person's ("user~0a1b...")."""
    kind, sign, rest = word.partition("~")
    return bool(sign and rest) and kind in PEOPLE


def plain(facts: dict[str, Any] | None) -> dict[str, Any]:
    """The facts as the database will give them back: JSON types only."""
    result: dict[str, Any] = json.loads(json.dumps(facts or {}, cls=DjangoJSONEncoder))
    return result


def link_hash(
    *,
    chain: str,
    index: int,
    kind: str,
    at: datetime,
    actor: str,
    subject: str,
    action: str,
    facts: dict[str, Any],
    previous: str,
) -> str:
    """SHA-256 over one link and the hash of the link before it."""
    body = [chain, index, kind, at.astimezone(UTC).isoformat(timespec="microseconds"), actor, subject, action, facts]
    text = json.dumps([*body, previous], sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()
