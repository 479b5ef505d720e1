"""Reports of a child's data: nothing of who reports, a fast lane, an erasure, and then only a count (S49, S50)."""

import json
from datetime import timedelta

import pytest
from django.core import mail
from django.utils import timezone

from accounts.actions.public import become_member, set_minor
from accounts.models import User
from accounts.queries import public_person
from audit.models import Entry
from chat.testing import make_chat
from core.errors import Refused
from forum.testing import make_post, make_topic, make_writer
from notifications.actions import set_preference
from notifications.queries import NEWS, list_audience
from outbox.actions import deliver_all
from policies.queries import has_consent
from privacy.actions.children import close_report, erase_child, report_child, watch_reports
from privacy.actions.erasing import run_due_erasures
from privacy.models import ChildCount, ChildReport, ErasurePlan
from privacy.persons import person_of_user
from privacy.queries.children import find_person
from support.models import SupportRequest
from support.personal_data import old_requests
from support.testing import make_request

TOLD = {"place": "forum", "found": "The topic about the saddle, by kid_2016", "email": "parent@specimen.example"}


@pytest.fixture
def letters():
    """Delivers what waits, and answers the mails since the last time."""

    def deliver():
        mail.outbox.clear()
        deliver_all()
        return list(mail.outbox)

    return deliver


def test_a_stranger_reports_and_an_officer_is_told_without_a_word_of_it(client, pia, letters):
    page = client.post("/privacy/child/", TOLD)
    assert page.status_code == 200 and "within 72 hours" in page.content.decode()
    report = ChildReport.objects.get()
    assert (report.due_at - report.received_at) == timedelta(hours=72) and report.email == TOLD["email"]
    (letter,) = letters()
    assert "pia@" in letter.to[0] and "saddle" not in letter.body and "parent" not in letter.body


def test_nothing_of_who_reports_is_logged(client_of, eve, capfd, caplog):
    browser = client_of(eve)
    before = set(Entry.objects.values_list("pk", flat=True))
    assert browser.post("/privacy/child/", TOLD, REMOTE_ADDR="203.0.113.77").status_code == 200
    rows = Entry.objects.exclude(pk__in=before)
    kept = json.dumps([{f.name: str(getattr(row, f.name)) for f in row._meta.concrete_fields} for row in rows])
    out, err = capfd.readouterr()
    for text in (kept, out + err + caplog.text):
        assert not any(word in text for word in ("203.0.113.77", "parent@", "saddle", eve.email))
    assert [row.actor for row in rows] == ["system"] and [row.action for row in rows] == ["child.reported"]
    fields = {field.name for field in ChildReport._meta.concrete_fields}
    assert not fields & {"user", "ip", "address", "session", "name"}


def test_what_is_missing_is_said_and_nothing_is_lost(client, db):
    page = client.post("/privacy/child/", {"place": "chat", "found": "", "email": "parent@specimen.example"})
    text = page.content.decode()
    assert page.status_code == 400 and "Write how we can find it." in text and "parent@specimen.example" in text
    assert not ChildReport.objects.exists()


def test_the_officer_sees_what_goes_deletes_it_and_only_a_count_stays(eve, pia, client_of, letters):
    report = report_child(**TOLD)
    browser, address = client_of(pia), f"/privacy/queue/children/{report.public_id}/"
    assert "kid_2016" in browser.get(address).content.decode()
    assert "Under 13: delete all of it" in browser.post(address, {"do": "look", "who": eve.email}).content.decode()
    assert User.objects.filter(pk=eve.pk, is_active=True).exists()  # looking deletes nothing
    browser.post(address, {"do": "erase", "who": eve.email})
    run_due_erasures()
    watch_reports()
    assert not User.objects.filter(email=eve.email).exists()
    answer = [letter for letter in letters() if "parent@" in letter.to[0]]
    assert len(answer) == 1 and "It is deleted." in answer[0].body
    watch_reports()
    assert not ChildReport.objects.exists()
    assert (ChildCount.objects.get().erased, ChildCount.objects.get().late) == (1, 0)


def test_a_report_stays_open_until_the_erasure_is_proved(eve, pia):
    report = erase_child(report=report_child(place="forum", found="x"), person=person_of_user(eve), by=pia)
    watch_reports()
    assert ChildReport.objects.filter(pk=report.pk, closed_at=None).exists()
    with pytest.raises(Refused):
        close_report(report=report, by=pia)


def test_a_report_without_an_address_is_gone_when_it_is_closed(pia, client_of):
    report = report_child(place="chat", found="x")
    ChildReport.objects.update(due_at=timezone.now() - timedelta(hours=1))
    assert "Overdue" in client_of(pia).get("/privacy/queue/children/").content.decode()
    client_of(pia).post(f"/privacy/queue/children/{report.public_id}/", {"do": "nothing"})
    assert not ChildReport.objects.exists()
    assert (ChildCount.objects.get().nothing, ChildCount.objects.get().late) == (1, 1)


def test_a_handle_an_address_and_a_link_to_a_chat_lead_to_the_person(eve, nik, acme):
    become_member(user=eve, display_name="Ev", is_minor=False)
    chat = make_chat(acme, text="Hello", name="Robin")
    assert find_person(f"@{eve.handle}").refs == find_person(eve.email).refs != ()
    assert find_person(f"https://example.org/forum/members/{eve.handle}/").refs == find_person(eve.email).refs
    (ref,) = find_person(f"https://example.org/app/archive/{chat.public_id}/").refs
    assert (ref.subject.value, ref.pk) == ("visitor", chat.visitor_id)
    request = make_request(eve)
    SupportRequest.objects.filter(pk=request.pk).update(assignee=nik)  # who answers it is not whom it is about
    assert find_person(str(request.public_id)).refs == find_person(eve.email).refs[:1]
    guest = make_request()
    (ref,) = find_person(str(guest.public_id)).refs
    assert (ref.subject.value, ref.pk) == ("guest", guest.pk)
    assert find_person("nobody").refs == () and find_person("@").refs == ()


def test_others_of_our_staff_and_strangers_see_no_report(nik, eve, client_of):
    report = report_child(place="chat", found="x")
    for user in (nik, eve):
        assert client_of(user).get("/privacy/queue/children/").status_code == 404
        assert client_of(user).get(f"/privacy/queue/children/{report.public_id}/").status_code == 404


# ---- 13 to 17 ------------------------------------------------------------------------------------------------
def test_an_officer_marks_somebody_and_the_person_cannot_take_it_back(eve, pia, client_of):
    become_member(user=eve, display_name="Ev", is_minor=False)
    eve.photo_key = "key"
    eve.save()
    assert public_person(eve).photo_url
    client_of(pia).post("/privacy/queue/children/", {"do": "young", "who": eve.email})
    fresh = User.objects.get(pk=eve.pk)
    become_member(user=fresh, display_name="Ev", is_minor=False)
    assert User.objects.get(pk=eve.pk).is_minor and public_person(fresh).photo_url is None
    client_of(pia).post("/privacy/queue/children/", {"do": "grown", "who": eve.email})
    assert not User.objects.get(pk=eve.pk).is_minor


def test_no_news_go_to_somebody_under_18(alice, acme, pia):
    set_preference(user=alice, account=acme, kind=NEWS, is_on=True)
    assert alice.pk in list_audience(timezone.now()) and has_consent(f"user:{alice.pk}", "marketing")
    set_minor(user=alice, is_minor=True, by_user_id=pia.pk)
    assert alice.pk not in list_audience(timezone.now()) and not has_consent(f"user:{alice.pk}", "marketing")
    with pytest.raises(Refused):
        set_preference(user=alice, account=acme, kind=NEWS, is_on=True)
    assert alice.pk not in list_audience(timezone.now())


def test_requests_of_somebody_under_18_go_after_a_year(alice, carol, pia):
    for user in (alice, carol):
        request = make_request(user)
        SupportRequest.objects.filter(pk=request.pk).update(
            status="closed", needs_us=False, closed_at=timezone.now() - timedelta(days=366)
        )
    assert not old_requests(timezone.now()).exists()
    set_minor(user=alice, is_minor=True, by_user_id=pia.pk)
    assert [row.user_id for row in old_requests(timezone.now())] == [alice.pk]


def test_what_a_child_wrote_in_public_goes_and_its_report_does_not_hold_the_erasure_up(eve, pia):
    make_writer(eve, name="Ev")
    post = make_post(make_topic(), eve, text="I am nine and live by the lake")
    report = report_child(place="forum", found=f"A child writes as {eve.email}", email="parent@specimen.example")
    erase_child(report=report, person=person_of_user(eve), by=pia)
    run_due_erasures()
    watch_reports()
    plan = ErasurePlan.objects.latest("pk")
    assert (plan.state, plan.findings) == ("done", [])
    post.refresh_from_db()
    assert "nine" not in post.text and "lake" not in post.rendered and post.author_id is None
    report.refresh_from_db()
    assert (report.outcome, report.found) == ("erased", "")
