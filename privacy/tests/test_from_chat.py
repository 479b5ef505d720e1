"""A visitor comes from the chat to Your data, reads and asks; nobody else does with what they could learn."""

import re

import pytest
from django.test import Client

from accounts.scoping import scopes_disabled
from chat.models import Visitor
from chat.testing import make_chat, make_visitor
from chat.window.mail_links import CONTINUE, link_to
from core.tickets import issue_ticket
from policies.actions import give_consent
from policies.queries import has_consent
from privacy.actions.asking import ask_as_known
from privacy.models import Case
from privacy.persons import person_of_address, person_of_visitor
from privacy.tasks import run_erasures
from privacy.testing import make_guest_case

pytestmark = pytest.mark.django_db
TICKET = re.compile(r'name="ticket" value="([^"]+)"')


def ticket_of(**proof) -> str:
    answer = Client().post("/widget/your-data/", proof)
    assert answer.status_code == 200, answer.content
    return TICKET.search(answer.content.decode()).group(1)


def come(visitor) -> Client:
    """A browser that came from the visitor's chat."""
    browser = Client()
    answer = browser.post("/privacy/start/chat/", {"ticket": ticket_of(secret=visitor.secret)})
    assert (answer.status_code, answer["Location"]) == (302, "/privacy/")
    return browser


def test_a_visitor_reads_what_is_held_and_nobody_elses(acme, dave):
    make_chat(acme, text="needle of dave", visitor=dave)
    make_chat(acme, text="needle of pat", name="Pat")
    browser = come(dave)
    page = browser.get("/privacy/").content.decode()
    assert "You came from your chat with Acme Bikes" in page and "203.0.113.24" in page and "Dave" in page
    rows = browser.get("/privacy/kinds/chat.Message/").content.decode()
    assert "needle of dave" in rows and "needle of pat" not in rows
    browser.post("/privacy/start/forget/")
    assert browser.get("/privacy/")["Location"] == "/privacy/start/"


def test_a_mailed_link_leads_there_too_and_a_ticket_works_once(acme, dave):
    link = link_to(CONTINUE, make_chat(acme, visitor=dave)).rstrip("/").rpartition("/")[2]
    assert f'value="{link}"' in Client().get(f"/widget/continue/{link}/").content.decode()
    ticket = ticket_of(link=link)
    assert Client().post("/privacy/start/chat/", {"ticket": ticket})["Location"] == "/privacy/"
    for bad in (ticket, "", "x" * 5000, issue_ticket("widget", visitor=dave.pk)):
        browser = Client()
        assert browser.post("/privacy/start/chat/", {"ticket": bad})["Location"] == "/privacy/start/"
        assert browser.get("/privacy/")["Location"] == "/privacy/start/"
    for bad in ({"secret": "wrong"}, {"secret": dave.secret_hash}, {"link": "wrong"}, {}):
        assert Client().post("/widget/your-data/", bad).status_code == 404


def test_no_key_is_in_an_address_and_no_cookie_of_ours_before_the_button(dave):
    browser = Client()
    answer = browser.post("/widget/your-data/", {"secret": dave.secret})
    assert answer["Referrer-Policy"] == "same-origin" and "session" not in answer.cookies
    assert dave.secret not in answer.content.decode()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/privacy/start/chat/", {"ticket": ticket_of(secret=dave.secret)}).status_code == 403


def test_a_visitors_erasure_goes_to_the_account_and_the_answer_is_on_the_page(
    acme, alice, client_of, settings, tmp_path
):
    settings.VAR, settings.MEDIA_ROOT, settings.FILES_ROOT = tmp_path, tmp_path / "media", tmp_path / "files"
    dave = make_visitor(acme, name="Dave Needlename")
    make_chat(acme, text="needle of dave", visitor=dave)
    browser = come(dave)
    page = browser.post(
        "/privacy/requests/new/", {"kind": "erasure", "text": "All of it"}, follow=True
    ).content.decode()
    assert "D-0001" in page and "<strong>30</strong>" in page and "Acme Bikes" in page
    assert "Identity checked: by the key of the chat" in page
    own = re.search(r'href="http://[^/]+(/privacy/requests/c/[^"]+)"', page).group(1)
    browser.post("/privacy/requests/new/", {"kind": "erasure", "text": "Really"})
    assert Case.objects.count() == 1
    owner = client_of(alice)
    assert "All of it" in owner.get("/app/settings/cases/1/").content.decode()
    for step in ("plan", "erase"):
        owner.post("/app/settings/cases/1/", {"do": step})
    run_erasures()
    with scopes_disabled():
        assert not Visitor.objects.filter(name=dave.name).exists()
    for shown in (browser.get("/privacy/requests/"), Client().get(own)):
        assert "Your data is deleted" in shown.content.decode()
    assert browser.get("/privacy/").status_code == 200


def test_who_types_the_address_of_another_reads_and_joins_no_case_of_theirs(acme):
    victim = "victim@needle.example"
    mallory = make_visitor(acme, email=victim)
    proved = make_guest_case(victim, kind=Case.Kind.ERASURE, text="Secret words of the victim")
    coded = ask_as_known(
        person=person_of_address(victim), how="code", kind="erasure", text="More secret words", language="en"
    )
    browser = come(mallory)
    page = browser.post("/privacy/requests/new/", {"kind": "erasure", "text": "Mine"}, follow=True).content.decode()
    assert "ecret words" not in page and "Mine" in page
    for case in (proved, *coded):
        case.refresh_from_db()
        assert case.state == Case.State.OPEN and "Mine" not in case.text
    later = ask_as_known(person=person_of_address(victim), how="code", kind="erasure", text="Again", language="en")
    assert "Again" not in browser.get("/privacy/requests/").content.decode()
    assert {case.pk for case in later}.isdisjoint(
        Case.objects.filter(text__contains="Mine").values_list("pk", flat=True)
    )


def test_a_yes_is_taken_back_on_the_page_and_nobody_takes_back_that_of_another(acme, dave):
    pat = make_visitor(acme, name="Pat")
    words = [f"visitor:{one.pk}" for one in (dave, pat)]
    for word in words:
        give_consent(subject=word, purpose="marketing", text=f"News for {word}, please", channel="chat")
    browser = come(dave)
    page = browser.get("/privacy/").content.decode()
    assert f"News for {words[0]}" in page and f"News for {words[1]}" not in page
    where = re.search(r'action="(/privacy/yes/[^"]+)"', page).group(1)
    assert come(pat).post(where).status_code == 404 and has_consent(words[0], "marketing")
    browser.post(where)
    assert not has_consent(words[0], "marketing") and has_consent(words[1], "marketing")


def test_a_copy_holds_the_visitors_own_words(acme, dave):
    make_chat(acme, text="needle of dave", visitor=dave)
    where = come(dave).post("/privacy/copies/")["Location"]
    assert come(dave).get(where).status_code == 200  # the same chat, from another tab
    assert come(make_visitor(acme)).get(where).status_code == 404
    assert person_of_visitor(dave.pk).words() == [f"visitor:{dave.pk}"]


def test_an_operator_opens_a_case_for_a_visitor_and_the_owner_answers_it(acme, bob, alice, carol, client_of):
    dave = make_visitor(acme, name="Dave", email="dave@needle.example")
    chat = make_chat(acme, text="Delete me, please", visitor=dave)
    operator, where = client_of(bob), f"/app/visitors/{dave.public_id}/case/"
    assert where in operator.get(f"/app/archive/{chat.public_id}/").content.decode()
    assert "The letters of the case go there" in operator.get(where).content.decode()
    answer = operator.post(where, {"kind": "erasure", "text": ""})
    assert answer.status_code == 400 and "Write what the visitor asks" in answer.content.decode()
    page = operator.post(where, {"kind": "erasure", "text": "She said: delete me"}, follow=True).content.decode()
    assert "Case D-0001 is open" in page
    assert operator.get("/app/settings/cases/1/").status_code == 404  # leaders answer
    case = Case.objects.get()
    assert (case.account, case.channel, case.state, case.refs) == (acme, "operator", "open", [["visitor", dave.pk]])
    assert "She said: delete me" in client_of(alice).get("/app/settings/cases/1/").content.decode()
    assert "She said: delete me" in come(dave).get("/privacy/requests/").content.decode()
    assert client_of(carol).get(where).status_code == 404
