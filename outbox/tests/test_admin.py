"""Deliveries in the admin: to look at, and one act."""

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from accounts.models import User
from core.outbound import MailKind
from outbox import actions
from outbox.models import Delivery
from outbox.testing import make_delivery

pytestmark = pytest.mark.django_db
LIST = "/admin/outbox/delivery/"


@pytest.fixture
def admin_browser(ada: User, client_of: Callable[[User], Client]) -> Client:
    TOTP.activate(ada, generate_totp_secret())
    return client_of(ada)


def test_rows_are_listed_found_and_filtered(admin_browser: Client, kind: MailKind) -> None:
    make_delivery(recipient="user:4012")
    make_delivery(recipient="user:13")
    actions.park_waiting(reason="the reason")
    page = admin_browser.get(LIST).content.decode()
    assert "user:4012" in page and "user:13" in page and "the reason" in page
    page = admin_browser.get(LIST, {"q": "user:4012"}).content.decode()
    assert "user:4012" in page and "user:13" not in page
    assert "user:4012" not in admin_browser.get(LIST, {"state": "done"}).content.decode()
    assert "user:4012" in admin_browser.get(LIST, {"kind": "test.note"}).content.decode()


def test_a_parked_row_is_put_back_and_nothing_can_be_edited(admin_browser: Client, kind: MailKind) -> None:
    row = make_delivery()
    actions.park_waiting(reason="the reason")
    answer = admin_browser.post(LIST, {"action": "try_again", "_selected_action": [row.pk]}, follow=True)
    assert "1 delivery is due again." in answer.content.decode()
    row.refresh_from_db()
    assert row.state == Delivery.State.WAITING
    admin_browser.post(f"{LIST}{row.pk}/change/", {"state": "done"})
    row.refresh_from_db()
    assert row.state == Delivery.State.WAITING
    assert admin_browser.get(f"{LIST}add/").status_code == 403
