"""Where the pages about personal data are found: from Your data, and from the officers' console."""

import pytest

from privacy.actions.cases import withdraw_case
from privacy.testing import make_case

pytestmark = pytest.mark.django_db


def test_your_data_names_a_case_while_its_clock_runs(eve, alice, client_of):
    case, other = make_case(eve), make_case(alice)
    page = client_of(eve).get("/privacy/").content.decode()
    assert f"Your request {case.label}: Correct something." in page and other.label not in page
    assert f"answered by {case.due_at:%-d %B %Y} at the latest" in page and f"/privacy/requests/#{case.label}" in page
    withdraw_case(case=case)
    assert case.label not in client_of(eve).get("/privacy/").content.decode()


def test_your_data_leads_to_the_requests_and_to_the_erasure(eve, client_of):
    browser = client_of(eve)
    page = browser.get("/privacy/").content.decode()
    for path in ("/privacy/requests/", "/privacy/erase/", "/privacy/receipts/", "/cookies/"):
        assert f'href="{path}"' in page
        assert browser.get(path).status_code == 200


def test_an_officer_finds_the_officers_pages_and_an_agent_does_not(pia, nik, client_of):
    paths = ("/privacy/queue/", "/privacy/accepted/", "/privacy/figures/")
    for path in paths:
        page = client_of(pia).get(path).content.decode()
        assert all(f'href="{one}"' in page for one in paths), path
    desk = client_of(nik).get("/support/desk/").content.decode()
    assert "Requests" in desk and not any(f'href="{one}"' in desk for one in paths)
