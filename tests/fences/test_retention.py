"""Each declared time: a day before its end the row or the field is there, a day after it nothing of it is (P2, S26)."""

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.db import models
from django.utils import timezone

from accounts.scoping import scopes_disabled
from core.personal_data import PersonalModel, registry
from forum.actions import save_draft
from forum.testing import make_writer
from privacy.actions.retention import apply_retention
from privacy.tasks import apply_retention as nightly
from tests.fences.needles import make_address, make_word
from tests.fences.test_needles import var as var  # noqa: PLC0414  the fixture
from tests.fences.test_needles import world as world  # noqa: PLC0414  the fixture
from tests.fences.walk_pages import nothing_stays
from tests.fences.world import World

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Life:
    """How long rows of a table live, in words of its own that nothing of the code is asked for.

    `clock` is the moment from which `life` counts; `also` is what else makes a row end; `edge` is how long before and
    after its end a row is looked at.
    """

    clock: str
    life: timedelta
    also: dict[str, Any] = field(default_factory=dict)
    edge: timedelta = DAY


def days(clock: str, number: int, **also: Any) -> Life:
    return Life(clock, timedelta(days=number), also)


def moment(clock: str, **also: Any) -> Life:
    """Rows that carry the moment of their own end."""
    return Life(clock, timedelta(0), also)


LIVES = {
    "account.EmailConfirmation": days("created", 7),
    "accounts.AccessRecovery": days("created_at", 30),
    "accounts.ApiKey": days("revoked_at", 30),
    "accounts.ProfileChange": days("changed_at", 365),
    "admin.LogEntry": days("action_time", 365),
    "analytics.MeasureDay": days("day", 400),
    "analytics.PageDay": days("day", 400),
    "chat.Block": moment("until"),
    "chat.Chat": days("closed_at", 90, state="closed"),
    "chat.Visitor": days("seen_at", 90),
    "enforcement.EnforcementCase": days("closed_at", 1095, state="dropped"),
    "facts.DaySum": days("day", 400),
    "facts.Fact": days("at", 400),
    "facts.HourSum": days("day", 400),
    "facts.Sale": days("at", 400),
    "forum.Draft": days("saved_at", 90),
    "forum.Mention": days("created_at", 180),
    "forum.ModerationAct": days("created_at", 1095),
    "forum.ReadMark": days("read_at", 400),
    "forum.Report": days("closed_at", 365, state="upheld"),
    "notifications.CampaignReader": days("sent_at", 90),
    "notifications.ReceivedMail": days("at", 30),
    "notifications.UnclaimedMail": days("at", 7),
    "operators.ImportDraft": Life("created_at", timedelta(hours=1), edge=timedelta(minutes=5)),
    "operators.StatusChange": days("at", 400),
    "outbox.Delivery": days("finished_at", 30, state="done"),
    "policies.ProbeDay": days("day", 400),
    "privacy.ChildReport": days("received_at", 90),
    "privacy.Download": moment("expires_at"),
    "privacy.ErasurePlan": days("planned_at", 7, state="planned"),
    "privacy.Hold": days("ended_at", 1095),
    "privacy.Proof": moment("expires_at"),
    "sessions.Session": moment("expire_date"),
    "support.SupportRequest": days("closed_at", 1095, status="closed"),
    "surveys.Sheet": days("month", 400),
    "usersessions.UserSession": days("created_at", 30),
}
NEVER = {"privacy.Case": "number and dates stay, what it says is emptied after three years"}


def test_each_table_that_dies_has_its_days_here_and_each_field_says_the_same_as_the_page():
    dying = {entry.model for entry in registry if entry.expired is not None}
    assert dying == {*LIVES, *NEVER}, "add the table to LIVES in tests/fences/test_retention.py with its days"
    for model in LIVES:
        assert str(registry.find(model).kept) or registry.find(model).subject.value == "nobody", model


@pytest.mark.long
@pytest.mark.timeout(300)
@pytest.mark.django_db
def test_each_row_and_field_goes_after_its_time_and_not_before(world: World) -> None:
    with nothing_stays():
        check_fields()
    check_rows()


def check_rows() -> None:
    with scopes_disabled():
        rows = {model: find_row(model) for model in LIVES}
        missing = [model for model, row in rows.items() if row is None]
        assert missing == [], f"no row in {missing}: make one in tests/fences/needle_world.py"
        now = timezone.now()
        for before in (True, False):
            for model, row in rows.items():
                age(row, LIVES[model], now, before=before)
            apply_retention(now=now)
            there = {model for model, row in rows.items() if type(row)._base_manager.filter(pk=row.pk).exists()}
            assert there == (set(LIVES) if before else set()), f"a day {'before' if before else 'after'} the end"


def find_row(model: str) -> Any:
    """A row of the world that can end: a visitor without a chat, and without a row that is looked at besides."""
    rows = apps.get_model(model)._base_manager.order_by("pk")
    if model == "chat.Visitor":
        rows = rows.filter(chats=None, blocks=None)
    return rows.first()


def age(row: Any, life: Life, now: datetime, *, before: bool) -> None:
    """Puts the clock of a row so that its time ends in a day, or ended a day ago."""
    column = type(row)._meta.get_field(life.clock)
    end: Any = now - life.life + (life.edge if before else -life.edge)
    if isinstance(column, models.DateField) and not isinstance(column, models.DateTimeField):
        end = end.date()
    type(row)._base_manager.filter(pk=row.pk).update(**{life.clock: end, **life.also})


# ---- fields that are emptied while their row stays ---------------------------------------------------------
FIELD_DAYS = {
    "chat.Chat.page_title": 30,
    "chat.Chat.page_url": 30,
    "chat.Visitor.ip_address": 30,
    "chat.Visitor.page_title": 30,
    "chat.Visitor.page_url": 30,
    "chat.Visitor.referrer": 30,
    "forum.Check.network": 30,
    "operators.Invitation.email": 30,
    "operators.Invitation.name": 30,
    "privacy.Case.answer": 1095,
    "privacy.Case.email": 1095,
    "privacy.Case.extension_reason": 1095,
    "privacy.Case.pause_reason": 1095,
    "privacy.Case.refs": 1095,
    "privacy.Case.text": 1095,
    "usersessions.UserSession.ip": 30,
    "usersessions.UserSession.user_agent": 30,
}


def declared_days() -> dict[str, int]:
    return {f"{entry.model}.{one.name}": one.keep_days for entry in registry for one in entry.fields if one.keep_days}


def test_each_field_with_days_is_listed():
    assert declared_days() == FIELD_DAYS, "add the field to FIELD_DAYS in tests/fences/test_retention.py"


def check_fields() -> None:
    """Each field is emptied, or gone with its row, a day after its days are over, and not a day before."""
    with scopes_disabled():
        rows = {
            place: apps.get_model(place.rpartition(".")[0])._base_manager.order_by("pk").first() for place in FIELD_DAYS
        }
        words = {place: put_word(row, place.rpartition(".")[2]) for place, row in rows.items()}
        for more, wanted in ((-1, set(FIELD_DAYS)), (1, set())):
            now = timezone.now()
            for place, number in FIELD_DAYS.items():
                keep_alive(registry.find(place.rpartition(".")[0]), rows[place], now - timedelta(days=number + more))
            apply_retention(now=now)
            there = {place for place, row in rows.items() if words[place] in read(row, place)}
            assert there == wanted, f"{more} day from the end"


def read(row: Any, place: str) -> str:
    """What stands in a field now, "" when the row is gone."""
    value = type(row)._base_manager.filter(pk=row.pk).values_list(place.rpartition(".")[2], flat=True).first()
    return str(value or "")


def put_word(row: Any, name: str) -> str:
    column = type(row)._meta.get_field(name)
    word = make_address() if isinstance(column, models.GenericIPAddressField) else make_word()
    value: Any = [word] if isinstance(column, models.JSONField) else word
    type(row)._base_manager.filter(pk=row.pk).update(**{name: value})
    return word


def keep_alive(entry: PersonalModel, row: Any, moment: datetime) -> None:
    """Puts the moment from which the field's days count."""
    also = {"state": "answered", "verified_at": moment} if entry.model == "privacy.Case" else {}
    type(row)._base_manager.filter(pk=row.pk).update(**{entry.aged_by: moment, **also})


# ---- the job -------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_dry_run_says_what_would_go_and_the_page_says_what_went(alice: Any, client: Any) -> None:
    row = save_draft(user=make_writer(alice), text="Thread and thimble")
    age(row, LIVES["forum.Draft"], timezone.now(), before=False)
    page = client.get("/privacy/data/").content.decode()
    assert "No run has found anything yet" in page
    out = io.StringIO()
    call_command("apply_retention", dry_run=True, stdout=out)
    assert "forum.Draft: 1" in out.getvalue() and "Nothing was changed" in out.getvalue()
    assert type(row).objects.filter(pk=row.pk).exists()
    out = io.StringIO()
    call_command("apply_retention", stdout=out)
    assert "forum.Draft: 1" in out.getvalue()
    assert not type(row).objects.filter(pk=row.pk).exists()
    cache.delete("privacy.retention")  # it is looked up every ten minutes
    page = client.get("/privacy/data/").content.decode()
    assert "What you began to write" in page and "1 deleted" in page


def test_the_job_runs_every_night():
    from livechat.ticks import TICKS

    [tick] = [one for one in TICKS if one.task == nightly.name]
    assert (tick.seconds, tick.when.hour, tick.when.minute) == (86400, {3}, {30})
