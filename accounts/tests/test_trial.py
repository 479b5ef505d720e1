"""The trial: thirty days by the clock, then read-only; reminders; an administrator may prolong it."""

import datetime

import pytest
from django.utils import timezone

from accounts import actions
from accounts.models import Account
from accounts.testing import make_account, make_member
from accounts.tests.mails import deliver
from audit.models import Entry
from core.errors import Refused

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)


def test_day_thirty_is_full_service_and_day_thirty_one_read_only(acme):
    end = acme.created_at + 30 * DAY
    assert acme.ends_at == end
    assert not acme.is_read_only(end - SECOND)
    assert acme.is_read_only(end) and acme.is_read_only(end + 1 * DAY)
    assert [acme.trial_days_left(acme.created_at + n * DAY) for n in (0, 1, 29, 30, 31)] == [30, 29, 1, 0, 0]
    assert acme.trial_days_left(end - SECOND) == 1


def test_the_end_is_an_instant_that_later_changes_do_not_move(acme, alice_member, settings):
    settings.TRIAL_DAYS = 5
    actions.change_company(by=alice_member, time_zone="Pacific/Apia")
    acme.refresh_from_db()
    assert acme.ends_at == acme.created_at + 30 * DAY


def test_an_administrator_prolongs_and_it_is_written_down(acme, ada):
    end = acme.created_at + 30 * DAY
    actions.prolong_account(account_id=acme.pk, days=30, by_user_id=ada.pk)
    acme.refresh_from_db()
    assert acme.active_until == end + 30 * DAY
    assert not acme.is_read_only(end + 1 * DAY) and acme.is_read_only(end + 30 * DAY)
    assert acme.trial_days_left() is None
    assert Entry.objects.filter(action="account.prolonged").count() == 1


def test_what_ended_is_prolonged_from_now(acme, ada, time_machine):
    time_machine.move_to(acme.created_at + 100 * DAY, tick=False)
    actions.prolong_account(account_id=acme.pk, days=30, by_user_id=ada.pk)
    acme.refresh_from_db()
    assert acme.active_until == timezone.now() + 30 * DAY and not acme.is_read_only()


def test_a_date_can_be_set_and_cleared(acme, ada):
    until = acme.created_at + 90 * DAY
    actions.set_active_until(account_id=acme.pk, until=until, by_user_id=ada.pk)
    assert Account.objects.get().ends_at == until
    actions.set_active_until(account_id=acme.pk, until=None, by_user_id=ada.pk)
    assert Account.objects.get().ends_at == acme.created_at + 30 * DAY


def test_without_trials_there_is_nothing_to_prolong(texts, settings, ada):
    settings.TRIAL_DAYS = 0
    account = make_account()
    with pytest.raises(Refused) as refused:
        actions.prolong_account(account_id=account.pk, days=30, by_user_id=ada.pk)
    assert refused.value.code == "no_end"
    assert actions.send_trial_reminders(now=timezone.now() + 29 * DAY) == 0


def test_owners_hear_of_the_end_seven_days_and_one_day_before_and_only_once(acme, alice, time_machine):
    make_member(acme, "operator")
    end = acme.trial_ends_at
    subjects = []
    for before in (8 * DAY, 7 * DAY, 6.5 * DAY, 2 * DAY, 1 * DAY, 0.5 * DAY, -1 * DAY):
        time_machine.move_to(end - before + SECOND, tick=False)
        actions.send_trial_reminders()
        actions.send_trial_reminders()  # a task that runs twice changes nothing
        subjects += [(before / DAY, message.subject) for message in deliver()]
    assert subjects == [(7, "Your trial ends in 7 days"), (1, "Your trial ends tomorrow")]


def test_a_prolonged_account_is_not_reminded_not_even_by_a_mail_that_waits(acme, ada, time_machine):
    time_machine.move_to(acme.trial_ends_at - 7 * DAY + SECOND, tick=False)
    assert actions.send_trial_reminders() == 1
    actions.prolong_account(account_id=acme.pk, days=30, by_user_id=ada.pk)
    assert deliver() == []
    assert actions.send_trial_reminders() == 0


def test_the_reminder_says_when_in_the_companys_time_zone(acme, alice_member, time_machine):
    actions.change_company(by=alice_member, time_zone="Asia/Kathmandu")
    time_machine.move_to(acme.trial_ends_at - 1 * DAY + SECOND, tick=False)
    actions.send_trial_reminders()
    [message] = deliver()
    local = acme.trial_ends_at.astimezone(Account.objects.get().zone)
    assert f"{local:%H:%M}" in message.body and "Acme Bikes" in message.body


def test_reminders_take_as_many_queries_for_two_accounts_as_for_four(texts, time_machine, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count(extra):
        for _ in range(extra):
            make_account()
        now = Account.objects.order_by("-pk").first().trial_ends_at - 7 * DAY + SECOND
        with CaptureQueriesContext(connection) as queries:
            actions.send_trial_reminders(now=now)
        return len(queries)

    first, second = count(2), count(2)
    assert second <= first + 1
