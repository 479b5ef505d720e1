"""Any date gives the text then in force, the feed tells of changes, and officers see who accepted what."""

import datetime
from io import StringIO
from typing import Any
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import Entry
from policies.actions import record_acceptance
from policies.models import Acceptance, Version
from policies.queries import find_version_in_force
from policies.testing import make_version

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
ATOM = "{http://www.w3.org/2005/Atom}"


def test_any_day_gives_the_text_of_that_day(client: Client):
    now = timezone.now()
    make_version("s1: Addresses are kept for 90 days.", effective_at=now - 40 * DAY)
    make_version("s1: Addresses are kept for 30 days.", effective_at=now + 20 * DAY, material=True, told=True)
    make_version("Terms, too.", kind="terms", effective_at=now - 9 * DAY)
    then, soon = (now - 10 * DAY).date(), (now + 20 * DAY).date()
    assert "kept for 90 days" in client.get(f"/policy/on/{then}/").content.decode()
    page = client.get(f"/policy/on/{soon}/").content.decode()
    assert "kept for 30 days" in page
    assert "as far as it is published today" in page
    assert client.get(f"/policy/on/{(now - 41 * DAY).date()}/").status_code == 404
    assert "Terms, too." in client.get(f"/terms/on/{then + 2 * DAY}/").content.decode()
    assert client.get(f"/policy/on/?day={then}").headers["Location"] == f"/policy/on/{then}/"
    for nonsense in ("2026-13-01", "2026-02-30", "yesterday"):
        assert client.get(f"/policy/on/{nonsense}/").status_code == 404
        assert client.get(f"/policy/on/?day={nonsense}").status_code == 404


def test_the_feed_has_one_entry_per_version_and_leads_to_the_change(client: Client):
    make_version("One.")
    make_version("Two & <three>.")
    answer = client.get("/policy/feed/")
    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)  # noqa: S314  our own page
    links = [entry.find(f"{ATOM}link").get("href") for entry in feed.findall(f"{ATOM}entry")]  # type: ignore[union-attr]
    assert [link.partition("/policy")[2] for link in links] == ["/diff/1/2/", "/diff/0/1/"]


def test_officers_see_what_a_person_had_accepted_on_a_date(client_of: Any, alice: User, pia: User):
    first = find_version_in_force("policy")
    Acceptance.objects.filter(user=alice).update(accepted_at=timezone.now() - 5 * DAY)
    second = make_version("Two.")
    record_acceptance(user=alice, version=second, channel=Acceptance.Channel.SITE)
    officer = client_of(pia)

    def ask(email: str, day: datetime.date | str) -> str:
        return officer.post("/privacy/accepted/", {"email": email, "day": str(day)}).content.decode()

    today = timezone.now().date()
    assert second.text_hash[:16] in ask("Alice@acme-bikes.example", today)
    page = ask("alice@acme-bikes.example", today - 3 * DAY)
    assert first.text_hash[:16] in page
    assert second.text_hash[:16] not in page
    assert first.text_hash[:16] not in ask("alice@acme-bikes.example", today - 9 * DAY)
    assert "Nobody logs in with this address." in ask("nobody@specimen.example", today)
    assert "Write the date as YYYY-MM-DD." in ask("alice@acme-bikes.example", "soon")
    assert Entry.objects.filter(action="acceptance.viewed").count() == 3


def test_the_command_says_the_same(alice: User):
    out = StringIO()
    call_command("who_accepted", timezone.now().date().isoformat(), "alice@acme-bikes.example", stdout=out)
    assert "policy: in force version 1; accepted version 1 at" in out.getvalue()
    assert Version.objects.get(kind="terms").text_hash in out.getvalue()
    with pytest.raises(CommandError):
        call_command("who_accepted", "2026-01-01", "nobody@specimen.example", stdout=out)


def test_the_account_reminds_of_the_version_that_applies(client_of: Any, alice: User):
    make_version("Two.")
    page = client_of(alice).get("/app/profile/", follow=True).content.decode()
    assert "version 2 applies since" in page
    assert "you accepted version 1 on" in page
