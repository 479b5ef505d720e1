"""The agents' desk: who gets in, lists and search, answers and notes, changes for many, merging."""

import pytest

from outbox.models import Delivery
from support.actions import desk
from support.models import RequestMessage, SupportRequest
from support.testing import make_answer, make_note, make_reply, make_request

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(client_of, nik):
    return client_of(nik)


def test_nobody_but_agents_gets_in(client, client_of, alice, sam, ada, nik):
    request = make_request()
    for path in (
        "/support/desk/",
        f"/support/desk/{request.number}/",
        "/support/desk/hours/",
        "/support/desk/replies/",
    ):
        assert client.get(path).status_code == 302
        for person in (alice, sam, ada):
            assert client_of(person).get(path).status_code == 404, (person, path)
        assert client_of(nik).get(path).status_code == 200


def test_each_view_lists_its_requests(agent, nik):
    new, mine, waiting, solved = (make_request() for _ in range(4))
    desk.change_requests(requests=[mine], agent=nik, changes=desk.Changes(assignee=nik))
    make_answer(waiting, nik)
    make_answer(solved, nik, status="solved")
    expected = {
        "open": {new, mine}, "mine": {mine}, "unassigned": {new}, "waiting": {waiting}, "solved": {solved},
        "closed": set(), "all": {new, mine, waiting, solved}, "due": set(),
    }  # fmt: skip
    for view, requests in expected.items():
        page = agent.get("/support/desk/", {"view": view})
        assert {row.request.pk for row in page.context["rows"]} == {one.pk for one in requests}, view


def test_pages_go_on_where_the_last_one_ended(agent):
    made = [make_request().number for _ in range(33)]
    first = agent.get("/support/desk/")
    second = agent.get("/support/desk/", {"after": first.context["after"]})
    found = [row.request.number for page in (first, second) for row in page.context["rows"]]
    assert found == made and second.context["after"] == ""
    assert agent.get("/support/desk/", {"after": "forged"}).status_code == 200


def test_words_and_filters_find_a_request(agent, nik):
    request = make_request(text="The pedal squeaks", subject="Noise", email="needle@specimen.example")
    make_request(text="Other")
    desk.change_requests(requests=[request], agent=nik, changes=desk.Changes(add_tags=("bikes",), priority="high"))
    tag = "Bikes"
    for asked in (
        {"q": "squeak*"},
        {"q": "noise"},
        {"q": "needle"},
        {"q": '"the pedal"'},
        {"priority": "high"},
        {"tag": tag},
    ):
        rows = agent.get("/support/desk/", {"view": "all", **asked}).context["rows"]
        assert [row.request.pk for row in rows] == [request.pk], asked
    assert agent.get("/support/desk/", {"q": "'\"() AND *"}).status_code == 200


def test_an_answer_goes_by_mail_and_a_note_does_not(agent, nik):
    request = make_request()
    agent.post(f"/support/desk/{request.number}/answer/", {"text": "Only us", "do": "note"})
    assert not Delivery.objects.filter(kind="support_answer").exists()
    agent.post(f"/support/desk/{request.number}/answer/", {"text": "Here is how", "do": "solve"})
    request.refresh_from_db()
    assert (request.status, request.assignee_id) == ("solved", nik.pk)
    assert Delivery.objects.filter(kind="support_answer").count() == 1


def test_many_are_changed_at_once(agent, nik):
    made = [make_request() for _ in range(3)]
    numbers = [one.number for one in made]
    agent.post("/support/desk/bulk/", {"number": numbers, "assignee": "me", "status": "solved", "add_tag": "a, b"})
    for one in SupportRequest.objects.all():
        assert (one.assignee_id, one.status, one.tags.count()) == (nik.pk, "solved", 2)


def test_take_it_in_the_list(agent, nik):
    request = make_request()
    agent.post(f"/support/desk/{request.number}/change/", {"take": "me", "assignee": ""})
    request.refresh_from_db()
    assert request.assignee_id == nik.pk


def test_requests_of_one_person_are_merged_and_of_two_are_not(agent, nik, eve):
    old, new, other = make_request(eve), make_request(eve), make_request()
    make_reply(old, "A second message")
    agent.post(f"/support/desk/{old.number}/change/", {"merge": str(new.number)})
    assert RequestMessage.objects.filter(request=new).count() == 3
    old.refresh_from_db()
    assert (old.status, old.merged_into_id) == ("closed", new.pk)
    agent.post(f"/support/desk/{other.number}/change/", {"merge": str(new.number)})
    other.refresh_from_db()
    assert other.merged_into_id is None


def test_a_saved_reply_is_put_behind_what_was_written(agent, nik):
    from support.actions.settings import save_reply

    reply = save_reply(reply=None, title="Hello", text="Hello {name|there}, about {number}.", agent=nik)
    request = make_request(name="")
    page = agent.post(f"/support/desk/{request.number}/answer/", {"do": "insert", "reply": reply.pk, "text": "Before"})
    assert f"Before\n\nHello there, about {request.number}." in page.content.decode()


def test_another_agent_who_looks_is_named(agent, nik, client_of):
    from accounts.testing import make_agent

    other = make_agent(email="lee@livechat.example")
    request = make_request()
    client_of(other).get(f"/support/desk/{request.number}/")
    assert "has this open" in agent.get(f"/support/desk/{request.number}/").content.decode()
    assert "has this open" in agent.get(f"/support/desk/{request.number}/looking/").content.decode()


def test_a_request_is_deleted_with_a_reason(agent):
    request = make_request()
    agent.post(f"/support/desk/{request.number}/delete/", {"reason": ""})
    assert SupportRequest.objects.exists()
    agent.post(f"/support/desk/{request.number}/delete/", {"reason": "spam"})
    assert not SupportRequest.objects.exists()


def test_hours_and_targets_are_changed(agent):
    sent = {f"day_{day}": "" for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
    sent |= {"day_mon": "8-12", "zone": "Europe/Berlin", "holidays": "2026-12-25 Christmas"}
    for priority in ("low", "normal", "high", "urgent"):
        sent |= {f"first_{priority}": "1.5", f"resolve_{priority}": "8"}
    assert agent.post("/support/desk/hours/", sent).status_code == 302
    assert "08:00-12:00" in agent.get("/support/desk/hours/").content.decode()
    assert agent.post("/support/desk/hours/", {**sent, "day_tue": "nonsense"}).status_code == 400
    assert agent.post("/support/desk/hours/", {**sent, "zone": "Mars/Base"}).status_code == 400


def test_notes_are_shown_to_agents(agent, nik):
    request = make_request()
    make_note(request, nik, "They are angry")
    assert "They are angry" in agent.get(f"/support/desk/{request.number}/").content.decode()
