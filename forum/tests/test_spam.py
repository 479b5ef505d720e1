"""The rules that give points, and the fingerprint of a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forum.spam import HELD_FROM, Verdict, Writing, fingerprint, host_of, judge, read_findings, shorteners

QUESTION = "The chat button does not appear on my shop page since I changed the theme yesterday. What can I look at?"


def rules(writing: Writing) -> dict[str, int]:
    return {finding.rule: finding.points for finding in judge(writing).findings}


def test_an_honest_question_of_somebody_known_has_no_points():
    assert judge(Writing(QUESTION, published=12, seconds=90)).points == 0


def test_an_honest_question_of_somebody_new_is_far_from_spam():
    assert judge(Writing(QUESTION, seconds=90)).points < HELD_FROM / 2


def test_a_typical_advert_of_somebody_new_is_over_the_line():
    text = "CHEAP WATCHES BUY NOW https://bit.ly/x1 https://bit.ly/x2"
    found = rules(Writing(text, links=["https://bit.ly/x1", "https://bit.ly/x2"], seconds=2))
    assert {"new", "links", "shortener"} <= found.keys()
    assert sum(found.values()) >= HELD_FROM


@pytest.mark.parametrize(
    ("writing", "rule"),
    [
        (Writing("see there", links=["https://a.example"], published=9), "links"),
        (Writing("word " * 200, links=["https://a.example"] * 4, published=9), "links"),
        (Writing(QUESTION, links=["https://tinyurl.com/abc"], published=9), "shortener"),
        (Writing(QUESTION, same_by_others=1, published=9), "repeated_by_others"),
        (Writing(QUESTION, same_by_author=1, published=9), "repeated"),
        (Writing("WHY IS NOBODY ANSWERING ME HERE", published=9), "shouting"),
        (Writing("why is nobody answering????", published=9), "marks"),
        (Writing("cas\u200bino and pok\u2063er", published=9), "hidden"),
        (Writing("c\u200da\u200ds\u200dino", published=9), "hidden"),
        (Writing("\u202eevil", published=9), "hidden"),
        (Writing(QUESTION, recent=5, published=9), "many"),
        (Writing(QUESTION, seconds=1, published=9), "quick"),
        (Writing(QUESTION, has_worked=False, published=9), "no_work"),
        (Writing(QUESTION), "new"),
    ],
)
def test_each_rule_finds_its_own(writing: Writing, rule: str):
    found = judge(writing)
    assert [one.rule for one in found.findings] == [rule]
    assert found.points > 0
    assert all(one.why() for one in found.findings)


@pytest.mark.parametrize(
    "text",
    [
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645 \u0628\u062f\u0627\u0646\u0645",  # Persian needs its joiner
        "\U0001f468\u200d\U0001f469\u200d\U0001f467 thanks",
        "\u0915\u094d\u200d\u0937",
        "OK",
        "GDPR, HTTP and CSP: what do they mean for my small shop in the village",
        "Really?!",
        "",
        "\u65e5\u672c\u8a9e\u306e\u8cea\u554f\u3067\u3059" * 5,
    ],
)
def test_what_is_normal_in_a_language_costs_nothing(text: str):
    assert judge(Writing(text, published=9)).points == 0


def test_one_link_in_a_long_text_costs_somebody_known_nothing():
    assert rules(Writing(QUESTION, links=["https://shop.example"], published=9)) == {}


def test_thanks_are_no_repetition():
    assert judge(Writing("Thank you very much", published=9, same_by_others=7, same_by_author=2)).points == 0


def test_the_fingerprint_sees_through_small_changes():
    assert (
        fingerprint("Cheap watches!") == fingerprint("CHEAP  wat\u200bches") == fingerprint("cheap w\u00e1tches\u2026")
    )
    assert fingerprint("Cheap watches") != fingerprint("Cheap clocks")
    assert fingerprint("\U0001f600") != fingerprint("\U0001f601")


def test_a_host_is_read_from_any_kind_of_address():
    assert host_of("https://www.Bit.ly./abc") == "bit.ly"
    assert host_of("bit.ly/abc") == "bit.ly"
    assert host_of("https://user@tinyurl.com:443/") == "tinyurl.com"
    assert host_of("http://[") == ""


def test_the_list_of_shorteners_holds_hosts_only():
    assert len(shorteners()) > 40
    assert all("/" not in host and " " not in host and "." in host for host in shorteners())


def test_findings_come_back_from_the_database_as_they_went_in():
    found = judge(Writing("WHY IS NOBODY ANSWERING ME HERE????", links=["https://bit.ly/a"], seconds=1))
    assert tuple(read_findings(found.stored())) == found.findings
    assert read_findings([{"rule": "gone", "points": 3}, "x", None]) == []
    assert read_findings("nonsense") == []


@given(st.text(max_size=2000), st.lists(st.text(max_size=40), max_size=8))
def test_no_text_makes_the_rules_fail(text: str, links: list[str]):
    found = judge(Writing(text, links=links))
    assert isinstance(found, Verdict)
    assert 0 < found.points < 40
    assert len(fingerprint(text)) == 64
