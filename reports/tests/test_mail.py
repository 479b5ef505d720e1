import re
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Account, Membership
from accounts.scoping import account_scope
from chat.models import Visitor
from chat.testing import make_chat
from core import faults
from notifications.actions import forget_bounce
from notifications.models import Preference
from notifications.testing import switch_on
from outbox.actions import deliver_all, deliver_due
from outbox.models import Delivery
from outbox.testing import smtp_sink
from reports.actions import plan_day, plan_summaries
from reports.summaries import CHATS_LISTED, TEXT_LIMIT
from reports.testing import make_companies, make_day

pytestmark = pytest.mark.django_db

DAY = date(2026, 5, 12)  # a Tuesday
MORNING = datetime(2026, 5, 12, 9, 14, tzinfo=UTC)


def send(account: Account, day: date = DAY) -> list[EmailMessage]:
    """The summaries of a day, as a real mail server got them."""
    plan_day(account=account, day=day)
    with smtp_sink() as sink:
        deliver_all()
    return sink.mails


def text_of(mail: EmailMessage) -> str:
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


@pytest.fixture
def wants(alice_member: Membership) -> Membership:
    """Alice, who switched the summary on."""
    switch_on(alice_member)
    return alice_member


def test_the_mail_says_the_day_in_its_subject_and_goes_to_who_chose_it(acme: Account, wants: Membership) -> None:
    make_day(acme, MORNING, chats=32, wait=34)
    (mail,) = send(acme)
    assert mail["Subject"] == "Tuesday at Acme Bikes: 32 chats, median wait 34 s"
    assert mail["To"] == "Alice Example <alice@acme-bikes.example>"


def test_the_mail_holds_the_figures_of_the_day(acme: Account, wants: Membership) -> None:
    make_day(acme, MORNING, chats=9, wait=34, rating="good")
    make_day(acme, MORNING + timedelta(hours=3), chats=1, wait=95, rating="bad")
    make_day(acme, MORNING + timedelta(hours=4), chats=2, accepted=False)
    make_day(acme, MORNING - timedelta(days=1), chats=3, wait=41)
    (mail,) = send(acme)
    for body in (text_of(mail), re.sub(r"<[^>]*>", "", html_of(mail))):
        assert "Tuesday: 12 chats, and people waited 34 seconds" in body
        assert "12 May 2026" in body
        assert "The median wait fell by 7 seconds since Monday." in body
        figures = re.sub(r"[:\s]+", "", body)
        for figure in ("Chats12", "Ratedgood9of10", "Gaveup2", "Medianwait34s"):
            assert figure in figures


def test_each_chat_stands_there_with_time_operator_rating_messages_and_link(acme: Account, wants: Membership) -> None:
    acme.time_zone = "Europe/Warsaw"
    acme.save(update_fields=["time_zone"])
    (chat,) = make_day(
        acme, MORNING, chats=1, rating="good", texts=("v Wrong saddle", "o Sorry, the right one leaves today")
    )
    (mail,) = send(acme)
    link = f"/app/archive/{chat.public_id}/"
    for body in (text_of(mail), html_of(mail)):
        assert "Robin Mockup" in body and "11:14" in body and "Alice Example, rated good" in body
        assert "Wrong saddle" in body and "Sorry, the right one leaves today" in body
        assert link in body


def test_the_mail_names_its_language(acme: Account, wants: Membership) -> None:
    (mail,) = send(acme)
    assert '<html lang="en"' in html_of(mail)


def test_a_visitor_without_a_name_has_a_number(acme: Account, wants: Membership) -> None:
    make_day(acme, MORNING, chats=1, names=("",))
    (mail,) = send(acme)
    assert "Visitor 1" in text_of(mail)


def test_somebody_who_still_waits_is_at_the_top(acme: Account, wants: Membership) -> None:
    chat = make_chat(acme, name="Kim Testcase")
    with account_scope(acme):
        type(chat).objects.filter(pk=chat.pk).update(started_at=MORNING)
    (mail,) = send(acme)
    assert "One person still waits." in text_of(mail)
    assert "Kim Testcase wrote at 09:14." in text_of(mail)
    assert f"/app/chats/{chat.public_id}/" in html_of(mail)


def test_a_day_without_chats_says_so(acme: Account, wants: Membership) -> None:
    (mail,) = send(acme)
    assert mail["Subject"] == "Tuesday at Acme Bikes: no chats"


def test_messages_are_left_out_where_the_person_wants_it(acme: Account, alice_member: Membership) -> None:
    switch_on(alice_member, messages=False)
    make_day(acme, MORNING, texts=("v a very private sentence", "o and its answer"))
    (mail,) = send(acme)
    assert "private sentence" not in text_of(mail) + html_of(mail)
    assert "Messages are not quoted: they stay in your account." in text_of(mail)
    assert "Robin Mockup" in text_of(mail)


def test_two_people_of_one_account_get_it_each_in_their_way(
    acme: Account, wants: Membership, bob_member: Membership
) -> None:
    switch_on(bob_member, messages=False)
    make_day(acme, MORNING, texts=("v a very private sentence",))
    mails = {mail["To"].addresses[0].username: text_of(mail) for mail in send(acme)}
    assert "private sentence" in mails["alice"] and "private sentence" not in mails["bob"]


def test_messages_fill_a_mail_up_to_the_limit_and_then_there_are_links(acme: Account, wants: Membership) -> None:
    make_day(acme, MORNING, chats=4, texts=("v " + "x" * 7_000,))
    (mail,) = send(acme)
    assert text_of(mail).count("x" * 7_000) == 2 and TEXT_LIMIT >= 2 * 7_000
    assert text_of(mail).count("The rest is in the archive.") == 2
    assert len(re.findall(r"/app/archive/[0-9a-f-]{36}/", text_of(mail))) == 4


def test_a_very_long_day_ends_with_a_link(acme: Account, wants: Membership) -> None:
    make_day(acme, MORNING, chats=CHATS_LISTED + 3, texts=("v Hello",), minutes=1)
    (mail,) = send(acme)
    assert "503 chats" in mail["Subject"]
    assert "And 3 more chats." in text_of(mail)


def test_what_a_visitor_wrote_stays_text(acme: Account, wants: Membership) -> None:
    make_day(acme, MORNING, chats=1, texts=("v <script>alert(1)</script> & co",), names=("<b>Robin</b>",))
    (mail,) = send(acme)
    assert "<script>" not in html_of(mail) and "&lt;script&gt;alert(1)&lt;/script&gt; &amp; co" in html_of(mail)
    assert "<b>Robin</b>" not in html_of(mail)


def test_only_the_chats_of_that_local_day_and_account_are_in_it(
    acme: Account, wants: Membership, cakes: Account, carol_member: Membership
) -> None:
    acme.time_zone = "America/St_Johns"  # 02:30 behind UTC in May
    acme.save(update_fields=["time_zone"])
    midnight = datetime(2026, 5, 12, 2, 30, tzinfo=UTC)
    make_day(acme, midnight - timedelta(seconds=1), chats=1, texts=("v too early",))
    make_day(acme, midnight, chats=1, texts=("v the first",))
    make_day(acme, midnight + timedelta(days=1, seconds=-1), chats=1, texts=("v the last",))
    make_day(acme, midnight + timedelta(days=1), chats=1, texts=("v too late",))
    make_day(cakes, midnight + timedelta(hours=3), chats=1, texts=("v a cake",))
    (mail,) = send(acme)
    body = text_of(mail)
    assert "the first" in body and "the last" in body
    assert not [words for words in ("too early", "too late", "a cake") if words in body]


def test_a_mail_has_one_click_unsubscribe_that_works_without_a_login(acme: Account, wants: Membership) -> None:
    (mail,) = send(acme)
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    path = urlsplit(mail["List-Unsubscribe"].strip(" <>")).path
    assert Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not Preference.objects.get().is_on
    assert path in text_of(mail) and path in html_of(mail)


def test_the_mail_says_since_when_it_was_asked_for(acme: Account, wants: Membership) -> None:
    Preference.objects.update(changed_at=datetime(2026, 1, 14, 12, tzinfo=UTC))
    (mail,) = send(acme)
    assert "You asked for this summary on 14 January 2026." in text_of(mail)
    assert "You asked for this summary on 14 January 2026." in html_of(mail)


def test_nothing_leaves_for_who_switched_it_off_after_it_was_planned(acme: Account, wants: Membership) -> None:
    plan_day(account=acme, day=DAY)
    Preference.objects.update(is_on=False)
    with smtp_sink() as sink:
        deliver_due()
    assert sink.mails == [] and Delivery.objects.get().state == "dropped"


def test_nothing_leaves_for_who_is_no_member_any_more(
    acme: Account, alice_member: Membership, bob_member: Membership
) -> None:
    from accounts.actions import remove_member

    switch_on(bob_member)
    plan_day(account=acme, day=DAY)
    remove_member(membership=bob_member, by=alice_member)
    with smtp_sink() as sink:
        deliver_all()
    assert [mail for mail in sink.mails if "Tuesday" in str(mail["Subject"])] == []


def test_a_summary_that_could_not_leave_for_a_day_is_dropped(acme: Account, wants: Membership) -> None:
    plan_summaries((timezone.now() + timedelta(days=1)).replace(hour=12))
    Delivery.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with smtp_sink() as sink:
        deliver_due()
    assert sink.mails == []
    assert Delivery.objects.get().reason == "too late"


def test_a_bounced_address_gets_no_summary_until_its_owner_says_so(
    acme: Account, wants: Membership, commits: Any
) -> None:
    plan_day(account=acme, day=DAY)
    with smtp_sink(mode="550") as sink, commits():
        deliver_due()
    assert sink.mails == []
    assert send(acme, DAY - timedelta(days=1)) == []
    forget_bounce(user=wants.user)
    assert len(send(acme, DAY - timedelta(days=2))) == 1


def test_two_hundred_mails_take_at_most_two_statements_each_and_nobody_gets_two(commits: Any) -> None:
    noon = datetime.now(UTC).replace(hour=12) + timedelta(days=1)
    accounts = make_companies(200, zones=["UTC", "Europe/Warsaw"], switched_at=noon - timedelta(days=60))
    for account in accounts[:40]:
        make_day(account, (noon - timedelta(days=1)).replace(hour=10), chats=3)
    plan_summaries(noon)
    with smtp_sink() as sink, CaptureQueriesContext(connection) as statements:
        deliver_all()
    assert len(sink.mails) == 200
    assert len(statements) <= 2 * 200
    assert set(Counter(mail["To"] for mail in sink.mails).values()) == {1}
    assert sink.connections == 1
    assert plan_summaries(noon) == 0 and deliver_due() == 0


def test_a_worker_that_ends_in_the_middle_leaves_nobody_with_two(monkeypatch: Any) -> None:
    noon = datetime.now(UTC).replace(hour=12) + timedelta(days=1)
    make_companies(30, switched_at=noon - timedelta(days=60))
    plan_summaries(noon)
    sent = Counter[str]()

    def fault() -> None:
        sent["mails"] += 1
        if sent["mails"] == 13:
            raise SystemExit("the worker ends here")

    monkeypatch.setitem(faults.points, "outbox.after_send", fault)
    with smtp_sink() as sink:
        with pytest.raises(SystemExit):
            deliver_all()
        monkeypatch.delitem(faults.points, "outbox.after_send")
        Delivery.objects.filter(state="claimed").update(due_at=timezone.now())  # the lease of a dead worker is over
        plan_summaries(noon)
        deliver_all()
    ids = Counter(mail["Message-ID"] for mail in sink.mails)
    assert len(ids) == 30
    assert sorted(ids.values()) == [1] * 29 + [2]  # the one between the server's yes and our mark, with equal ids
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


def test_loading_costs_the_same_for_two_rows_and_for_forty(django_assert_max_num_queries: Any) -> None:
    from reports.letters import load_letters

    noon = datetime.now(UTC).replace(hour=12) + timedelta(days=1)
    for account in make_companies(40, zones=["UTC", "Asia/Kathmandu"], switched_at=noon - timedelta(days=60)):
        make_day(account, (noon - timedelta(days=1)).replace(hour=10), chats=2)
    plan_summaries(noon)
    rows = list(Delivery.objects.order_by("pk"))
    counts = []
    for some in (rows[:2], rows):
        with CaptureQueriesContext(connection) as statements:
            assert len(load_letters(some)) == len(some)
        counts.append(len(statements))
    assert counts == [4, 4]


def test_the_summary_after_a_visitor_was_deleted_has_no_trace_of_them(acme: Account, wants: Membership) -> None:
    from chat.actions.visitors import delete_visitor

    make_day(acme, MORNING, chats=2, names=("Robin Mockup", "Pat Specimen"))
    with account_scope(acme):
        delete_visitor(visitor=Visitor.objects.get(name="Robin Mockup"))
    (mail,) = send(acme)
    assert "Robin" not in text_of(mail) and "Pat Specimen" in text_of(mail)
