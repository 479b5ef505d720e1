"""The builder, the results and the export; for an account and for the site."""

import io
from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.test import Client
from openpyxl import load_workbook

from accounts.models import Account, User
from accounts.scoping import account_scope
from surveys.actions import fill_in
from surveys.actions.filling import Asked
from surveys.filling import Filled
from surveys.models import Question, Sheet, Survey
from surveys.queries import list_questions
from surveys.testing import make_survey

pytestmark = pytest.mark.django_db


def builder(**changes: str) -> dict[str, str]:
    return {
        "title": "After the chat", "intro": "", "audience": "visitors", "sample": "50", "rating": "bad",
        "q1-kind": "nps", "q1-label": "Would you recommend us?", "q1-required": "on",
        "q2-kind": "choice", "q2-label": "Why?", "q2-options": "Price\r\nService", **changes,
    }  # fmt: skip


@pytest.mark.promise("surveys_whole")
def test_a_survey_is_built_without_script_and_nothing_is_lost_on_the_way(
    acme: Account, alice: User, bob: User, client_of: Callable[[User], Client]
):
    browser = client_of(alice)
    page = browser.post("/app/surveys/new/", builder(do="add", kind="text")).content.decode()
    assert "After the chat" in page
    assert 'name="q3-kind"' in page
    page = browser.post("/app/surveys/new/", builder(do="up:2")).content.decode()
    assert page.index("Why?") < page.index("Would you recommend us?")
    answer = browser.post("/app/surveys/new/", builder(do="save", **{"q2-options": "Price"}))
    assert answer.status_code == 400
    assert "Question 2: Write 2 to 12 answers" in answer.content.decode()
    assert not Survey.of(acme).exists()
    assert browser.post("/app/surveys/new/", builder(do="save")).status_code == 302
    survey = Survey.of(acme).get()
    assert (survey.sample, survey.rating, survey.is_on) == (50, "bad", False)
    assert [one.kind for one in list_questions(survey)] == ["nps", "choice"]
    browser.post(f"/app/surveys/{survey.public_id}/switch/", {"on": "yes"})
    assert "being asked" in browser.get(f"/app/surveys/{survey.public_id}/preview/").content.decode()
    assert client_of(bob).get("/app/surveys/").status_code == 404
    with account_scope(acme):
        Sheet.objects.create(account=acme, survey=survey, channel="link", month="2030-05-01")
    answer = browser.post(f"/app/surveys/{survey.public_id}/", builder(do="save", **{"q1-label": "Other?"}))
    assert "stay as they are" in answer.content.decode()
    assert browser.post(f"/app/surveys/{survey.public_id}/", builder(do="save", title="New")).status_code == 302
    browser.post(f"/app/surveys/{survey.public_id}/copy/")
    assert Survey.of(acme).count() == 2
    assert Question.of(acme).count() == 4
    assert "1 answer goes with it" in browser.get(f"/app/surveys/{survey.public_id}/delete/").content.decode()
    browser.post(f"/app/surveys/{survey.public_id}/delete/")
    assert Survey.of(acme).count() == 1


def fill(survey: Survey, points: int, about: int, text: str, name: str = "") -> None:
    stars, choice, words = list_questions(survey)
    filled = Filled({stars.pk: [points], choice.pk: [about], words.pk: text}, name=name)
    with account_scope(survey.account):
        fill_in(survey=survey, asked=Asked(), filled=filled, consent="Known.")


@pytest.mark.promise("surveys_whole")
def test_results_wait_for_five_people_then_count_and_export_as_plain_cells(
    acme: Account, alice: User, carol: User, client_of: Callable[[User], Client]
):
    survey, browser = make_survey(acme, "link"), client_of(alice)
    path = f"/app/surveys/{survey.public_id}/results/"
    for number in range(4):
        fill(survey, 5, 1, f"<i>text</i> {number}", name="Pat" if number == 0 else "")
    page = browser.get(path).content.decode()
    assert "Too few to show" in page
    assert "text" not in page.split("Too few")[1].split("</section>")[0].replace("nobody can be told", "")
    export = f"/app/surveys/{survey.public_id}/export/?kind=xlsx"
    assert browser.get(export).status_code == 302
    fill(survey, 1, 0, "=HYPERLINK(1)")
    page = browser.get(path).content.decode()
    assert "4.2" in page
    assert "80 %" in page
    assert "&lt;i&gt;text&lt;/i&gt; 3" in page
    assert "Pat" in page
    assert "Too few to show" in browser.get(f"{path}?since=2029-01&until=2029-02").content.decode()
    book = load_workbook(io.BytesIO(b"".join(browser.get(export).streaming_content)))
    cells = [cell for row in book.active.iter_rows(min_row=2) for cell in row]
    assert all(cell.data_type != "f" for cell in cells)
    assert "=HYPERLINK(1)" in [cell.value for cell in cells]
    csv = b"".join(browser.get(export.replace("xlsx", "csv")).streaming_content).decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in csv
    assert "'=1+1" in csv
    stranger = client_of(carol)
    for address in (path, export, f"/app/surveys/{survey.public_id}/"):
        assert stranger.get(address).status_code == 404


def test_administrators_make_surveys_of_the_site_and_nobody_else_does(
    acme: Account, alice: User, ada: User, sam: User, client_of: Callable[[User], Client]
):
    for staff in (ada, sam):
        TOTP.activate(staff, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    own, browser = make_survey(acme, "link"), client_of(ada)
    assert browser.post("/site/surveys/new/", builder(do="save")).status_code == 400  # the site has no visitors
    answer = browser.post("/site/surveys/new/", builder(do="save", audience="members"))
    assert answer.status_code == 302
    assert browser.get(answer["Location"]).status_code == 200
    assert browser.get(f"/site/surveys/{own.public_id}/").status_code == 404
    for person in (alice, sam):
        assert client_of(person).get("/site/surveys/").status_code == 404
