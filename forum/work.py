"""Proof of work instead of a captcha: the browser computes for a moment, and nobody is asked to look at pictures.

A challenge is signed, bound to a form, a person and a time, and counts once. The answer is a number with which the
SHA-256 of "challenge:number" begins with so many zero bits. SAFETY: forum spam.
"""

import hashlib
import hmac
import secrets
import time
from dataclasses import dataclass
from enum import StrEnum

from django.conf import settings
from django.core.cache import cache

LIFE_SECONDS = 12 * 3600  # somebody may write for half a day
NEW_BITS = 16  # about 65,000 tries: a second or less in a Web Worker
KNOWN_BITS = 12  # about 4,000
LONGEST_ANSWER = 20


class Outcome(StrEnum):
    """What became of a challenge."""

    DONE = "done"
    MISSING = "missing"  # scripts are off, or the form was sent before the browser was ready
    WRONG = "wrong"  # forged, of another form or person, or too few zero bits
    LATE = "late"
    USED = "used"


@dataclass(frozen=True)
class Worked:
    """The outcome, and how many seconds ago the form was opened (None when the challenge cannot say)."""

    outcome: Outcome
    seconds: int | None = None

    @property
    def is_done(self) -> bool:
        """Whether the browser has done its part."""
        return self.outcome is Outcome.DONE


def issue_challenge(*, form: str, person: int, bits: int, now: float | None = None) -> str:
    """A challenge for one form ("topic", "reply:12") and one person; it says neither who nor which."""
    body = f"{bits}.{int(now if now is not None else time.time())}.{secrets.token_urlsafe(12)}"
    return f"{body}.{_sign(settings.SECRET_KEY, body, form, person)}"


def check_answer(*, challenge: str, answer: str, form: str, person: int, now: float | None = None) -> Worked:
    """Whether the answer solves a challenge of ours for this form and person; a good one is used up with it."""
    if not challenge or not answer:
        return Worked(Outcome.MISSING, _age(challenge, form, person, now))
    age = _age(challenge, form, person, now)
    if age is None or len(answer) > LONGEST_ANSWER or not (answer.isascii() and answer.isdigit()):
        return Worked(Outcome.WRONG)
    if age > LIFE_SECONDS:
        return Worked(Outcome.LATE, age)
    if zero_bits(hashlib.sha256(f"{challenge}:{answer}".encode()).digest()) < int(challenge.split(".")[0]):
        return Worked(Outcome.WRONG, age)
    word = hashlib.sha256(challenge.encode()).hexdigest()
    if not cache.add(f"work:{word}", 1, LIFE_SECONDS + 60):
        return Worked(Outcome.USED, age)
    return Worked(Outcome.DONE, age)


def solve(challenge: str) -> str:
    """The smallest answer: what the browser does, for tests and for clients of the API."""
    bits, number = int(challenge.split(".")[0]), 0
    while zero_bits(hashlib.sha256(f"{challenge}:{number}".encode()).digest()) < bits:
        number += 1
    return str(number)


def zero_bits(digest: bytes) -> int:
    """With how many zero bits it begins."""
    return len(digest) * 8 - int.from_bytes(digest, "big").bit_length()


def _age(challenge: str, form: str, person: int, now: float | None) -> int | None:
    """Seconds since it was issued; None unless the signature is ours for this form and person."""
    body, _, signature = challenge.rpartition(".")
    keys = [str(key) for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    good = [hmac.compare_digest(_sign(key, body, form, person).encode(), signature.encode()) for key in keys]
    if not any(good):
        return None
    return max(0, int(now if now is not None else time.time()) - int(body.split(".")[1]))


def _sign(key: str, body: str, form: str, person: int) -> str:
    words = f"{body}|{form}|{person}".encode("utf-8", "ignore")
    return hmac.new(b"forum.work:" + str(key).encode(), words, hashlib.sha256).hexdigest()[:32]
