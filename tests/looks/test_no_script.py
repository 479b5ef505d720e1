"""The forms about personal data without any script, with the keyboard alone, and on paper."""

from typing import Any

import pytest

pytestmark = [pytest.mark.once, pytest.mark.timeout(180)]

# of what has the focus: whether its ring is seen, and what it is; null for the page itself
RING = """() => { const one = document.activeElement, look = getComputedStyle(one);
  if (one === document.body) return null;
  return [look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2, one.outerHTML.slice(0, 90)]; }"""


@pytest.fixture
def person(site_server: str) -> Any:
    from accounts.testing import make_user
    from policies.testing import make_acceptances, make_policies

    make_policies()
    user = make_user(name="Kim", surname="Testcase")
    make_acceptances(user)
    return user


def test_a_copy_is_asked_for_and_a_case_is_opened_and_taken_back(person: Any, page_at: Any) -> None:
    from privacy.models import Case, Download

    page = page_at(375, user=person, java_script_enabled=False)
    page.goto("/privacy/")
    page.get_by_role("button", name="Download all").click()
    page.get_by_role("heading", name="A copy of your data", level=1).wait_for()
    assert Download.objects.count() == 1
    page.goto("/privacy/")
    page.get_by_role("link", name="Make a request").click()
    page.get_by_role("link", name="Correct something").click()
    assert page.get_by_role("radio", name="Correct something").is_checked()
    page.get_by_label("What should we know?").fill("My surname has two t.")
    page.get_by_role("button", name="Send request").click()
    page.get_by_role("heading", name="Correct something", level=2).wait_for()
    case = Case.objects.get()
    assert (case.kind, case.text, case.state) == ("correction", "My surname has two t.", "open")
    assert page.get_by_text("days left").is_visible()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("heading", name="Answered", level=2).wait_for()
    case.refresh_from_db()
    assert case.state == "withdrawn"


def test_what_was_typed_stands_beside_the_sentence_about_it(person: Any, page_at: Any, complaints: Any) -> None:
    complaints.expect("status of 400")
    page = page_at(375, java_script_enabled=False)
    page.goto("/privacy/requests/new/?kind=objection")
    page.get_by_label("What should we know?").fill("No statistics, please.")
    page.get_by_role("button", name="Send request").click()
    field = page.get_by_label("E-mail")
    assert field.get_attribute("aria-invalid") == "true"
    told = page.locator(f"#{(field.get_attribute('aria-describedby') or '').split()[-1]}")
    assert "e-mail" in told.inner_text()
    assert page.get_by_label("What should we know?").input_value() == "No statistics, please."
    assert page.get_by_role("radio", name="Object to a use").is_checked()


def test_cookie_choices_are_saved(person: Any, page_at: Any) -> None:
    page = page_at(375, java_script_enabled=False)
    page.goto("/cookies/")
    page.get_by_role("switch", name="Comfort").check()
    page.get_by_role("button", name="Save choices").click()
    assert page.get_by_role("status").is_visible()
    assert page.get_by_role("switch", name="Comfort").is_checked()
    assert not page.get_by_role("switch", name="Statistics").is_checked()
    page.get_by_role("button", name="Only needed").click()
    assert not page.get_by_role("switch", name="Comfort").is_checked()


@pytest.mark.real_hasher
def test_the_plan_of_an_erasure_is_read_and_confirmed(person: Any, page_at: Any) -> None:
    from accounts.testing import PASSWORD
    from privacy.models import ErasurePlan

    page = page_at(375, user=person, java_script_enabled=False)
    page.goto("/privacy/")
    page.get_by_role("link", name="Erase my data").click()
    assert page.get_by_role("rowheader", name="Your log-in").is_visible()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("I know that this cannot be undone.").check()
    page.get_by_role("button", name="Erase my data").click()
    page.get_by_role("heading", name="Your data is").wait_for()
    assert ErasurePlan.objects.get().confirmed_at is not None
    page.goto("/privacy/")
    assert page.get_by_role("link", name="I have a log-in").is_visible(), "who is erased is logged out"


def test_each_stop_of_the_tab_key_is_seen(person: Any, page_at: Any) -> None:
    page = page_at(1440, user=person)
    for path in ("/privacy/", "/privacy/requests/", "/cookies/", "/policy/", "/promises/"):
        page.goto(path)
        unseen, stops = [], 0
        for _press in range(25):
            page.keyboard.press("Tab")
            found = page.evaluate(RING)
            if found is None:
                break
            stops += 1
            unseen += [] if found[0] else [found[1]]
        assert stops > 10 and not unseen, f"{path}: no ring of focus on {unseen}"


def test_a_policy_is_printed_without_the_ways_to_other_pages(person: Any, page_at: Any) -> None:
    page = page_at(1440)
    page.goto("/policy/")
    page.emulate_media(media="print")
    assert page.get_by_role("heading", level=1).is_visible()
    for name in ("Site", "Versions", "View"):
        assert not page.get_by_role("navigation", name=name).is_visible(), name
    assert not page.get_by_role("button", name="Show it").is_visible()
    wide = page.get_by_role("main").evaluate("main => main.querySelector('h2').getBoundingClientRect().width")
    assert wide > 700, "the text has the width of the sheet"
