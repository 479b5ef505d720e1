"""What names a person leaves the lines of others: name, addresses, numbers; everything else stands."""

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.masking import GONE, REMOVED, Mask, read_marks, say_alias, say_removed, texts_in

ALIAS = say_alias(0x7F3A)


def mask(text, *, names=(), words=(), texts=()):
    return Mask(read_marks(names=names, words=words, texts=texts), ALIAS).mask(text)


@pytest.mark.parametrize(
    ("name", "text", "masked"),
    [
        ("Dave Miller", "Hello Dave Miller, hello dave.", f"Hello {ALIAS}, hello {ALIAS}."),
        ("Dave Miller", "DAVE  MILLER wrote; Mrs Miller too", f"{ALIAS} wrote; Mrs {ALIAS} too"),
        ("Dave Miller", "Dave\nMiller", ALIAS),
        ("Dave", "Dave's bike, Daves Rad, Davenport, undave", f"{ALIAS} bike, {ALIAS} Rad, Davenport, undave"),
        ("Mark", "I will mark it", f"I will {ALIAS} it"),
        ("Will", "Will it?", f"{ALIAS} it?"),
        ("Jo Li", "Jo said: Li, not Jo Li", f"Jo said: Li, not {ALIAS}"),  # parts of two letters are words of any text
        ("A", "A is a letter", "A is a letter"),
        ("José", "Jose\u0301 and JOSÉ", f"{ALIAS} and {ALIAS}"),
        ("Jose\u0301", "José", ALIAS),
        ("Groß", "Herr GROSS und Herr Groß", f"Herr {ALIAS} und Herr {ALIAS}"),
        ("Anne-Marie", "Anne, Marie, Anne-Marie", f"{ALIAS}, {ALIAS}, {ALIAS}"),
        ("Дмитрий", "Здравствуйте, дмитрий!", f"Здравствуйте, {ALIAS}!"),
        ("田中太郎", "田中太郎さん、こんにちは", f"{ALIAS}さん、こんにちは"),
        ("김철수", "김철수님 안녕하세요", f"{ALIAS}님 안녕하세요"),
        ("प्रिया", "नमस्ते प्रिया", f"नमस्ते {ALIAS}"),
        ("(.*)+$", "What is (.*)+$ here, and what not", f"What is {ALIAS} here, and what not"),
        ("[a-z]", "lower case [a-z]", f"lower case {ALIAS}"),
        ("Visitor Smith", "Dear Visitor Smith", f"Dear {ALIAS}"),
        ("", "Nothing to mask", "Nothing to mask"),
    ],
)
def test_a_name_becomes_the_pseudonym(name, text, masked):
    assert mask(text, names=[name]) == masked
    assert mask(masked, names=[name]) == masked


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("I write to dave@needle.example.", f"I write to {GONE}."),
        ("(DAVE@needle.example)", f"({GONE})"),
        ("Dave <dave@needle.example>", f"Dave <{GONE}>"),
        ("mailto:dave@needle.example?x", f"mailto:{GONE}?x"),
        ("xdave@needle.example.org", f"x{GONE}.org"),  # wherever it stands: so it is looked for afterwards
        ("other@needle.example", "other@needle.example"),
        ("Your number is C-4711, not 4711", f"Your number is {GONE}, not 4711"),
    ],
)
def test_the_address_and_the_number_elsewhere_go_wherever_they_stand(text, masked):
    assert mask(text, words=["dave@needle.example", "C-4711"]) == masked


@pytest.mark.parametrize(
    ("said", "text", "masked"),
    [
        ("Call +49 (170) 123-4567", "I call 0170 1234567 now", f"I call {GONE} now"),
        ("Call 0170/1234567", "+49.170.123.45.67?", f"+{GONE}?"),
        ("Call 1234567", "Call 1234567 or 7654321", f"Call {GONE} or 7654321"),
        ("Room 12, 34 people", "Room 12, 34 people", "Room 12, 34 people"),
        ("My other one is [pat@other.example]", "pat@other.example it is", f"{GONE} it is"),
        ("My other one is pat@other.example", "not spat@other.example", "not spat@other.example"),
        ("٠١٧٠١٢٣٤٥٦٧", "0170 1234567", GONE),
    ],
)
def test_what_the_visitor_wrote_of_themselves_is_known_again(said, text, masked):
    assert mask(text, texts=[said]) == masked


def test_several_names_and_every_text_of_an_answer_are_read():
    answers = [{"question": "Your number?", "answer": "0170 1234567"}, {"more": ["pat@other.example", 5, None]}]
    line = "Dave or Pat, 0170-1234567, pat@other.example"
    assert mask(line, names=["Dave", "Pat"], texts=texts_in(answers)) == f"{ALIAS} or {ALIAS}, {GONE}, {GONE}"


def test_what_an_erasure_writes_is_known_again():
    day = date(2026, 11, 23)
    assert say_removed(day) == "[message removed 2026-11-23]" and REMOVED.fullmatch(say_removed(day))
    assert REMOVED.fullmatch(say_removed(day, is_file=True)) and not REMOVED.fullmatch("[message removed today]")
    assert (say_alias(0), say_alias(0xFFFF)) == ("Visitor 0000", "Visitor FFFF")


WORDS = st.text(alphabet="aABbé ß.@1-2(3)[]{}*+?\\d$^|'’_田", max_size=24)


@given(name=WORDS, email=WORDS, said=WORDS, text=st.lists(WORDS, max_size=6).map("".join))
def test_masking_ends_is_harmless_twice_and_leaves_no_name(name, email, said, text):
    def once(line):
        return mask(line, names=[name], words=[email], texts=[said])

    masked = once(f"{text} {name} {email} {said}")
    assert once(masked) == masked
    rest = masked.replace(GONE, "").replace(ALIAS, "")
    assert len(email.strip()) < 6 or "@" not in email or email.strip().lower() not in rest.lower()


@pytest.mark.parametrize("sign", ["a", "1", "@", "a@", "a.", "1 ", "((", "é\u0301", "dave@", "-", "田"])
def test_a_long_line_takes_no_longer_than_it_is(sign):
    line = (sign * 20_000)[:20_000]
    began = time.process_time()
    mask(line, names=["Dave Miller", "aaaa aaaa", "田中"], words=["dave@needle.example"], texts=[line, "0170 1234567"])
    assert time.process_time() - began < 3
