"""A check that somebody says is wrong counts as broken, in public, until what was found is written."""

import datetime

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from core.errors import Refused
from policies.actions import record_doubt, settle_doubt
from policies.models import Doubt, ProbeDay
from policies.proving import prove
from policies.testing import make_policies

pytestmark = pytest.mark.django_db
WORDS = "A form of an add-on asks for a card."


def line_of(client, key):
    return next(one for one in client.get("/promises.json").json()["promises"] if one["probe"] == key)


def test_a_doubt_makes_a_kept_promise_broken_until_it_is_settled(client):
    make_policies()
    prove(["no_card_field"])
    assert line_of(client, "no_card_field")["result"] == "kept"
    doubt = record_doubt(key="no_card_field", text=WORDS)
    assert (line_of(client, "no_card_field")["result"], line_of(client, "no_card_field")["doubt"]) == ("broken", WORDS)
    page = client.get("/promises/?show=broken").content.decode()
    assert WORDS in page and "It counts as broken until that is settled." in page
    prove(["no_card_field"])  # a check that runs again does not settle it, and the day is no kept day
    day = ProbeDay.objects.get(key="no_card_field", day=timezone.now().astimezone(datetime.UTC).date())
    assert day.result == "broken" and line_of(client, "no_card_field")["result"] == "broken"

    settle_doubt(doubt=doubt, finding="The form is of another site.")
    assert line_of(client, "no_card_field")["result"] == "kept"
    history = client.get("/promises/history/no_card_field/").content.decode()
    assert WORDS in history and "The form is of another site." in history


@pytest.mark.parametrize(
    ("key", "text", "code"), [("no_such_check", WORDS, "no_probe"), ("no_card_field", " ", "missing")]
)
def test_a_doubt_names_a_check_and_what_is_wrong(key, text, code):
    with pytest.raises(Refused) as refused:
        record_doubt(key=key, text=text)
    assert refused.value.code == code and not Doubt.objects.exists()


def test_a_doubt_is_settled_once_and_with_words():
    doubt = record_doubt(key="no_card_field", text=WORDS)
    for finding, code in ((" ", "missing"), ("It was right.", ""), ("It was wrong.", "settled")):
        if not code:
            settle_doubt(doubt=doubt, finding=finding)
            continue
        with pytest.raises(Refused) as refused:
            settle_doubt(doubt=doubt, finding=finding)
        assert refused.value.code == code
    assert Doubt.objects.get().finding == "It was right."


def test_an_administrator_writes_it_down_and_settles_it(ada, client_of):
    Authenticator.objects.create(user=ada, type="totp", data={"secret": "x"})
    browser = client_of(ada)
    form = browser.get("/admin/policies/doubt/add/").content.decode()
    assert '<option value="no_card_field">' in form
    browser.post("/admin/policies/doubt/add/", {"key": "no_card_field", "text": WORDS})
    doubt = Doubt.objects.get()
    assert (doubt.text, doubt.settled_at) == (WORDS, None)
    browser.post(f"/admin/policies/doubt/{doubt.pk}/change/", {"finding": "The check was repaired."})
    doubt.refresh_from_db()
    assert doubt.settled_at is not None and doubt.finding == "The check was repaired."
