"""Proof of work: what counts, and what does not."""

import time
from typing import Any

import pytest

from forum.work import LIFE_SECONDS, Outcome, check_answer, issue_challenge, solve, zero_bits

FORM, PERSON = "reply:12", 7


def challenge(**changes: Any) -> str:
    return issue_challenge(**{"form": FORM, "person": PERSON, "bits": 8, **changes})


def outcome(word: str, answer: str, **changes: Any) -> Outcome:
    return check_answer(**{"challenge": word, "answer": answer, "form": FORM, "person": PERSON, **changes}).outcome


def test_a_solved_challenge_counts_once():
    word = challenge()
    assert outcome(word, solve(word)) is Outcome.DONE
    assert outcome(word, solve(word)) is Outcome.USED


def test_it_tells_how_long_the_form_was_open():
    now = time.time()
    word = challenge(now=now - 75)
    assert check_answer(challenge=word, answer=solve(word), form=FORM, person=PERSON, now=now).seconds == 75
    word = challenge(now=now - 75)
    unsolved = check_answer(challenge=word, answer="", form=FORM, person=PERSON, now=now)
    assert (unsolved.outcome, unsolved.seconds) == (Outcome.MISSING, 75)


def test_nothing_at_all_is_missing():
    assert outcome("", "") is Outcome.MISSING


def test_another_form_or_person_cannot_use_it():
    word = challenge()
    assert outcome(word, solve(word), form="reply:13") is Outcome.WRONG
    assert outcome(word, solve(word), person=8) is Outcome.WRONG
    assert outcome(word, solve(word)) is Outcome.DONE  # the wrong tries did not use it up


def test_less_work_cannot_be_chosen():
    bits, rest = challenge(bits=20).split(".", 1)
    assert outcome(f"1.{rest}", solve(f"1.{rest}")) is Outcome.WRONG


def test_too_little_work_is_wrong():
    word = challenge(bits=12)
    wrong = next(str(n) for n in range(10000) if str(n) != solve(word))
    assert outcome(word, wrong) is Outcome.WRONG
    assert outcome(word, solve(word)) is Outcome.DONE


def test_an_old_challenge_is_late():
    word = challenge(now=time.time() - LIFE_SECONDS - 5)
    assert outcome(word, solve(word)) is Outcome.LATE


def test_one_signed_with_an_older_key_still_counts(settings: Any):
    word = challenge()
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "another-key-for-this-test-only"
    assert outcome(word, solve(word)) is Outcome.DONE


@pytest.mark.parametrize("answer", ["-1", "1.5", "0x1", "\u0661", "9" * 21, "abc", " 1"])
def test_an_answer_is_a_plain_number(answer: str):
    assert outcome(challenge(), answer) is Outcome.WRONG


@pytest.mark.parametrize("word", ["x", "8.1.a.b", "....", "8..x.y", "\ud800.1.2.3", "8.1.\x00.z", "." * 5000])
def test_a_forged_challenge_is_wrong(word: str):
    assert outcome(word, "1") is Outcome.WRONG


def test_zero_bits_are_counted_from_the_left():
    assert zero_bits(b"\x00\x0f" + b"\xff" * 30) == 12
    assert zero_bits(b"\x80" + b"\x00" * 31) == 0
    assert zero_bits(b"\x00" * 32) == 256
