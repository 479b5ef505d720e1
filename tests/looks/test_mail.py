"""The daily summary, as a mail program shows it, beside its mockup."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from tests.looks.eye import CLASSES, THEMES, TOO_WIDE, judge, take_mockup, take_picture
from tests.looks.pages import MOCKUPS, owner

pytestmark = [pytest.mark.once, pytest.mark.timeout(300)]


@pytest.fixture
def summary(furnished: None) -> str:
    """The HTML part of the owner's summary of the newest day of the demo that has ten chats or more."""
    from accounts.models import Membership
    from chat.models import Chat
    from core.mail import write_mail
    from core.outbound import registry

    person = owner()
    account = Membership.objects.get(user=person).account
    today = timezone.localtime(timezone=account.zone).date()
    days = [today - timedelta(days=back) for back in range(1, 20)]
    started = Chat.of(account).values_list("started_at", flat=True)
    full = next(day for day in days if sum(timezone.localtime(at, account.zone).date() == day for at in started) >= 10)
    payload = {"day": full.isoformat(), "zone": account.time_zone}
    row: Any = SimpleNamespace(pk=1, recipient=f"user:{person.pk}", account_ref=account.pk, payload=payload)
    kind = registry.mail_kinds["daily_summary"]
    letter = kind.load([row])[1]
    mail = write_mail(kind=kind, letter=letter, message_id="<looks@livechat.example>")
    return str(mail.alternatives[0][0])


def test_the_summary_has_the_parts_of_its_mockup_and_loads_nothing(summary: str, page_at: Any) -> None:
    found: list[str] = []
    classes: set[str] = set()
    asked: list[str] = []
    for theme in THEMES:
        for width in (375, 768, 1440):
            page = page_at(width, theme)
            page.on("request", lambda request: asked.append(request.url))
            page.set_content(summary)
            where = f"mail {width} {theme}"
            found += judge(page, where) + [f"{where}: {one}" for one in page.evaluate(TOO_WIDE)]
            classes |= set(page.evaluate(CLASSES))
            assert page.locator("th[scope=row]").count() >= 10
            take_picture(page, "mail", width, theme)
            take_mockup(page.context.browser, "email-daily-summary", width, theme)
    assert asked == []
    assert not set(MOCKUPS["email-daily-summary"]) - classes - {"wait"}, set(MOCKUPS["email-daily-summary"]) - classes
    assert not found, "\n".join(found)


def test_the_summary_fits_320(summary: str, page_at: Any) -> None:
    page = page_at(320)
    page.set_content(summary)
    assert page.evaluate(TOO_WIDE) == []
