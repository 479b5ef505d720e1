"""G9: each page takes exactly so many statements, for few rows and for many, and none alike more than three times."""

import re
from collections import Counter

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from forum.models import Category
from support.actions import desk
from support.links import link_of
from support.models import SupportRequest
from support.testing import make_answer, make_note, make_reply, make_request, text_file

pytestmark = pytest.mark.django_db
SAME_SHAPE = 3
ANONYMOUS = {"/support/": 2, "/support/requests/new/": 0, "/support/requests/lost/": 0}
MEMBER = {"/support/": 6, "/support/requests/new/": 3, "/support/requests/": 8, "/support/requests/{number}/": 8}
# one of each asks whether the agent is a privacy officer too: the sidebar has a place for them
AGENT = {
    "/support/desk/": 11, "/support/desk/?view=waiting": 10, "/support/desk/?view=all&q=chat": 10,
    "/support/desk/?view=open&priority=normal": 10, "/support/desk/{number}/": 18, "/support/desk/replies/": 10,
    "/support/desk/hours/": 10,
}  # fmt: skip


def add_rows(eve, nik, request):
    for number in range(3):
        make_reply(request, f"More {number}", uploads=[text_file()])
        make_note(request, nik)
        make_answer(request, nik, status="open")
        guest = make_request()
        private = make_request(kind="privacy")
        mine = make_request(eve)
        make_answer(mine, nik)
        made = [guest, private, mine]
        changes = desk.Changes(assignee=nik, add_tags=(f"tag {number}", "all"))
        desk.change_requests(requests=made, agent=nik, changes=changes)


def statements(browser, path):
    with CaptureQueriesContext(
        connection,
    ) as captured:
        assert browser.get(path).status_code == 200, path
    shapes = Counter(re.sub(r"\d+|'[^']*'", "?", one["sql"]) for one in captured.captured_queries)
    worst = shapes.most_common(1)
    assert not worst or worst[0][1] <= SAME_SHAPE, (path, worst)
    return len(captured.captured_queries)


def counted(browser, pages, number=0):
    return {path: statements(browser, path.format(number=number)) for path in pages}


def test_each_page_takes_exactly_so_many(client_of, eve, nik):
    Category.objects.create(slug="chat", name="Chat")
    request = make_request(eve)
    make_answer(request, nik, status="open")
    nik_browser, eve_browser = client_of(nik), client_of(eve)
    Client().get("/support/")  # which notices there are is remembered for a minute
    nik_browser.get(f"/support/desk/{request.number}/")  # the first look of an hour is written into the ledger
    for _twice in range(2):
        add_rows(eve, nik, request)
        assert counted(Client(), ANONYMOUS) == ANONYMOUS
        assert counted(eve_browser, MEMBER, request.number) == MEMBER
        assert counted(nik_browser, AGENT, request.number) == AGENT


def test_a_guests_page_takes_as_many_for_many_messages(nik):
    request = make_request()
    browser = Client()
    browser.get("/" + link_of(request).split("/", 3)[3])
    path = f"/support/requests/{request.number}/"
    before = statements(browser, path)
    for _ in range(3):
        make_reply(request, uploads=[text_file()])
        make_answer(request, nik)
    assert statements(browser, path) <= before + 2  # who answered, and the files
    assert SupportRequest.objects.count() == 1
