"""Offers and news: only after a yes with a receipt, one in seven days, and three ways to end them."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine
from allauth.mfa.totp.internal.auth import TOTP
from django.core import mail as outgoing
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from accounts.testing import TOTP_SECRET
from core.errors import Refused
from notifications.actions import receive_mail, save_campaign, send_campaign
from notifications.models import Campaign, CampaignReader, Preference
from notifications.testing import switch_on
from notifications.tests.mails import mail
from outbox.actions import deliver_due
from outbox.models import Delivery
from policies.actions import withdraw_consent
from policies.models import Receipt
from policies.queries import has_consent

pytestmark = [pytest.mark.django_db, pytest.mark.promise("news_by_consent")]


def choose(client: Client, is_on: bool = True) -> None:
    body = {"kind": "news"} | ({"is_on": "on"} if is_on else {})
    assert client.post("/app/preferences/choose/", body).status_code == 302


def send(subject: str = "A new bell") -> int:
    campaign = save_campaign(campaign=Campaign(), subject=subject, text="It rings.\n\nTry <it>.")
    return send_campaign(campaign=campaign, by="user:1")


def agrees(user: User) -> bool:
    return has_consent(f"user:{user.pk}", "marketing")


def test_only_who_said_yes_gets_one_mail_a_week(client_of: Any, alice: User, bob: User, settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert send() == 0
    choose(client_of(alice))
    assert "at most once in seven days" in Receipt.objects.get().text
    assert send() == 1
    deliver_due()
    [letter] = outgoing.outbox
    assert letter.to == [f"{alice.get_full_name()} <{alice.email}>"]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Try &lt;it&gt;." in letter.alternatives[0][0]
    assert send("Too soon") == 0
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        assert send("A week later") == 1
    assert CampaignReader.objects.filter(user=bob).count() == 0


def test_a_campaign_is_sent_once(client_of: Any, alice: User):
    choose(client_of(alice))
    campaign = save_campaign(campaign=Campaign(), subject="Once", text="Only")
    assert send_campaign(campaign=campaign, by="user:1") == 1
    for again in (
        lambda: send_campaign(campaign=campaign, by="user:1"),
        lambda: save_campaign(campaign=Campaign.objects.get(), subject="Other", text="words"),
    ):
        with pytest.raises(Refused):
            again()
    assert Delivery.objects.filter(kind="news").count() == 1


def test_a_yes_that_is_taken_back_stops_the_mail_that_waits(client_of: Any, alice: User):
    choose(client_of(alice))
    send()
    withdraw_consent(subject=f"user:{alice.pk}", purpose="marketing", channel="site")
    assert not Preference.objects.get(kind="news").is_on
    deliver_due()
    assert Delivery.objects.get(kind="news").state != Delivery.State.DONE
    assert "Take back" not in client_of(alice).get("/privacy/receipts/").content.decode()


def test_a_switch_without_a_yes_sends_nothing(alice_member: Membership):
    """Whatever turned the switch: no receipt, no mail."""
    switch_on(alice_member, kind="news")
    Receipt.objects.all().delete()
    assert send() == 0


def test_the_button_and_the_preferences_take_the_yes_back(client_of: Any, alice: User, settings: Any):
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    choose(client_of(alice))
    choose(client_of(alice), is_on=False)
    assert not agrees(alice)
    choose(client_of(alice))
    send()
    deliver_due()
    link = outgoing.outbox[0].extra_headers["List-Unsubscribe"].strip("<>")
    Client(enforce_csrf_checks=True).post(urlsplit(link).path, {"List-Unsubscribe": "One-Click"})
    assert not agrees(alice)
    assert Receipt.objects.latest("pk").withdrawn_by == "link"


@pytest.mark.parametrize(("subject", "text"), [("Unsubscribe", ""), ("Re: A new bell", "please unsubscribe me")])
def test_a_mail_to_support_ends_them(client_of: Any, alice: User, subject: str, text: str):
    choose(client_of(alice))
    receive_mail(raw=mail(text, Subject=subject, From=alice.email))
    assert not agrees(alice)
    assert Receipt.objects.get().withdrawn_by == "mail"


def test_a_long_mail_about_something_else_and_a_stranger_s_change_nothing(client_of: Any, alice: User, bob: User):
    choose(client_of(alice))
    long = "How do my visitors unsubscribe from the transcript? " + "We would like to tell them. " * 9
    receive_mail(raw=mail(long, Subject="A question", From=alice.email))
    receive_mail(raw=mail("unsubscribe", From="stranger@specimen.example", Message_ID="<2@example.org>"))
    assert agrees(alice)


def test_staff_write_and_send_from_the_administration(client_of: Any, alice: User, ada: User):
    choose(client_of(alice))
    TOTP.activate(ada, TOTP_SECRET)
    browser = client_of(ada)
    browser.post("/admin/notifications/campaign/add/", {"subject": "A new bell", "text": "It rings."})
    row = Campaign.objects.get()
    browser.post("/admin/notifications/campaign/", {"action": "send", "_selected_action": str(row.pk)})
    row.refresh_from_db()
    assert row.readers_count == 1
    assert browser.get(f"/admin/notifications/campaign/{row.pk}/change/").status_code == 200
