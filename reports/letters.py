"""The daily summary as letters: loads many outbox rows at once, and puts figures into words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Account, Membership
from accounts.roles import can
from chat.models import Chat
from core.outbound import Address, Letter
from core.personal_data import Purpose
from notifications.models import Preference
from notifications.queries import find_switched_on
from notifications.tokens import Subscription, unsubscribe_url
from reports import queries, words
from reports.periods import Period, period_of, zone_named
from reports.queries import KIND, ChatRow
from reports.summaries import Day, Summary, author_of

RIGHT = "archive.read"  # who may read the chats in the archive may have them in a mail
PLACE = "00000000-0000-0000-0000-000000000000"


@dataclass(frozen=True)
class Order:
    """One outbox row with the person, the choice and the day that it stands for."""

    row: Any
    membership: Membership
    preference: Preference
    day: Day

    @property
    def with_messages(self) -> bool:
        return bool(self.preference.options.get("messages", True))


def load_letters(rows: Sequence[Any]) -> dict[int, Letter]:
    """The summaries of many rows in four statements (G15). No letter for a person who has left or may not read.

    A row's payload is {"day": "2026-11-22", "zone": "Europe/Warsaw"}; its recipient is "user:12".
    """
    orders = _find_orders(rows)
    accounts = {order.day.account_id: order.membership.account for order in orders}
    quoted = {order.day for order in orders if order.with_messages}
    summaries = load_summaries({order.day for order in orders}, accounts, quoted)
    pages: dict[tuple[Day, str, bool], dict[str, Any]] = {}
    letters = {}
    for order in orders:
        language = order.membership.user.language
        page = (order.day, language, order.with_messages)
        with translation.override(language):
            if page not in pages:
                pages[page] = _Words(order, summaries[order.day]).context()
            letters[order.row.pk] = _letter(order, pages[page])
    return letters


def load_summaries(days: set[Day], accounts: dict[int, Account], quoted: set[Day]) -> dict[Day, Summary]:
    """The figures of these days, with the messages of those in `quoted`: two statements for all of them."""
    summaries = {day: Summary(period_of(day.day, zone_named(day.zone))) for day in days}
    spans: dict[Period, list[Account]] = {}
    of_account: dict[int, list[Summary]] = {}
    for day, summary in summaries.items():
        before = period_of(day.day - timedelta(days=1), zone_named(day.zone))
        spans.setdefault(Period(before.start, summary.period.end), []).append(accounts[day.account_id])
        of_account.setdefault(day.account_id, []).append(summary)
    for chat in queries.iterate_chats(spans) if spans else ():
        for summary in of_account[chat.account_id]:
            if chat.started_at < summary.period.end:
                summary.add_chat(chat)
    ordered = [summaries[day] for day in sorted(quoted, key=lambda day: (day.account_id, day.day))]
    owner = {chat: summary for summary in ordered for chat in summary.chats_to_read()}
    for line in queries.iterate_messages(list(owner), list(accounts.values())) if owner else ():
        owner[line.chat_id].add_messages([line])
    return summaries


def _find_orders(rows: Sequence[Any]) -> list[Order]:
    """The rows whose person is still a member with the right to read, and still wants the summary."""
    pairs = {row.pk: (int(row.recipient.removeprefix("user:")), int(row.account_ref)) for row in rows}
    members = queries.find_memberships(pairs.values())
    chosen = find_switched_on(KIND, pairs.values())
    orders = []
    for row in rows:
        membership, preference = members.get(pairs[row.pk]), chosen.get(pairs[row.pk])
        if membership is not None and preference is not None and can(membership, RIGHT):
            day = Day(membership.account_id, date.fromisoformat(row.payload["day"]), row.payload["zone"])
            orders.append(Order(row, membership, preference, day))
    return orders


def _letter(order: Order, page: dict[str, Any]) -> Letter:
    user, account = order.membership.user, order.membership.account
    asked = timezone.localtime(order.preference.changed_at, zone_named(order.day.zone))
    address = Address(
        email=user.email, purposes=frozenset({Purpose.SUMMARY}), name=user.get_full_name(), subject=f"user:{user.pk}"
    )
    return Letter(
        to=address,
        context=page | {"asked_on": words.full_date(asked.date())},
        language=user.language,
        unsubscribe_url=unsubscribe_url(Subscription(KIND, user.public_id, account.public_id)),
    )


class _Words:
    """Puts one summary into the words of the active language."""

    def __init__(self, order: Order, summary: Summary) -> None:
        self.account = order.membership.account
        self.day, self.summary, self.with_messages = order.day.day, summary, order.with_messages
        self.zone: ZoneInfo = zone_named(order.day.zone)

    def context(self) -> dict[str, Any]:
        """What the templates of the summary get."""
        summary = self.summary
        return {
            "company": self.account.company,
            "subject_line": self.subject(),
            "headline": self.headline(),
            "date": words.full_date(self.day),
            "comparison": self.comparison(),
            "preview": self.preview(),
            "figures": self.figures(),
            "waiting": [self.waiting_line(chat) for chat in summary.still_waiting[:10]],
            "waiting_title": self.waiting_title(),
            "chats": [self.chat_line(chat) for chat in summary.listed],
            "more": self.more(),
            "with_messages": self.with_messages,
            "archive_url": settings.PUBLIC_ORIGIN + _path("chat:archive"),
            "preferences_url": settings.PUBLIC_ORIGIN + _path("notifications:preferences"),
        }

    @cached_property
    def amount(self) -> str:
        """ "32 chats", "no chats"."""
        count = self.summary.chats
        if not count:
            return _("no chats")
        return ngettext("%(count)s chat", "%(count)s chats", count) % {"count": words.number(count)}

    def subject(self) -> str:
        """ "Tuesday at Acme Bikes: 32 chats, median wait 34 s"."""
        company = " ".join(self.account.company.split())
        facts = {"day": words.weekday(self.day), "company": company, "chats": self.amount}
        wait = self.summary.median_wait
        if wait is None:
            return _("%(day)s at %(company)s: %(chats)s") % facts
        return _("%(day)s at %(company)s: %(chats)s, median wait %(wait)s") % (facts | {"wait": words.short_wait(wait)})

    def headline(self) -> str:
        facts = {"day": words.weekday(self.day), "chats": self.amount}
        wait = self.summary.median_wait
        if wait is None:
            return _("%(day)s: %(chats)s") % facts
        return _("%(day)s: %(chats)s, and people waited %(wait)s") % (facts | {"wait": words.long_wait(wait)})

    def comparison(self) -> str:
        """ "The median wait fell by 7 seconds since Monday.", or nothing where there is nothing to compare."""
        now, then = self.summary.median_wait, self.summary.median_wait_before
        if now is None or then is None:
            return ""
        facts = {"day": words.weekday(self.day - timedelta(days=1)), "change": words.long_wait(abs(now - then))}
        if round(now) == round(then):
            return _("The median wait was the same as on %(day)s.") % facts
        if now < then:
            return _("The median wait fell by %(change)s since %(day)s.") % facts
        return _("The median wait rose by %(change)s since %(day)s.") % facts

    def preview(self) -> str:
        """The line that a mail program shows beside the subject."""
        parts = [self.amount[:1].upper() + self.amount[1:]]
        if self.summary.gave_up:
            parts.append(_("%(count)s gave up") % {"count": words.number(self.summary.gave_up)})
        if self.summary.still_waiting:
            count = len(self.summary.still_waiting)
            waits = ngettext("%(count)s person still waits", "%(count)s people still wait", count)
            parts.append(waits % {"count": count})
        return ", ".join(parts) + "."

    def figures(self) -> list[tuple[str, str]]:
        """The four figures at the top, with their labels."""
        summary, wait = self.summary, self.summary.median_wait
        rated = _("%(good)s of %(rated)s") % {"good": summary.rated_good, "rated": summary.rated}
        return [
            (_("Chats"), words.number(summary.chats)),
            (_("Rated good"), rated if summary.rated else _("none rated")),
            (_("Gave up"), words.number(summary.gave_up)),
            (_("Median wait"), _("nobody answered") if wait is None and summary.chats else words.short_wait(wait or 0)),
        ]

    def more(self) -> str:
        """What the list leaves out on a very long day."""
        more = self.summary.chats - len(self.summary.listed)
        if not more:
            return ""
        return ngettext("And %(count)s more chat.", "And %(count)s more chats.", more) % {"count": words.number(more)}

    def waiting_title(self) -> str:
        count = len(self.summary.still_waiting)
        sentence = ngettext("One person still waits.", "%(count)s people still wait.", count)
        return sentence % {"count": words.number(count)}

    def waiting_line(self, chat: ChatRow) -> dict[str, str]:
        sentence = _("%(name)s wrote at %(time)s.") % {"name": self.name_of(chat), "time": self.clock(chat.started_at)}
        return {"sentence": sentence, "url": _url("chat:chat", chat)}

    def chat_line(self, chat: ChatRow) -> dict[str, Any]:
        """One chat: name, time, operator, rating, length, and its messages where they are wanted and fit."""
        name = self.name_of(chat)
        lines = self.summary.messages.get(chat.pk, ()) if self.with_messages else ()
        return {
            "name": name,
            "time": self.clock(chat.started_at),
            "facts": ", ".join(self.facts_of(chat)),
            "length": words.duration(self.summary.seconds_of(chat)) if chat.accepted_at else "",
            "url": _url("chat:transcript", chat),
            "said": "\n".join(f"{author_of(line, chat, name)}: {line.text}" for line in lines),
            "is_cut": self.with_messages and chat.pk in self.summary.cut,
        }

    def facts_of(self, chat: ChatRow) -> list[str]:
        if chat.accepted_at is None:
            facts = [_("still waits") if chat.state == Chat.State.WAITING else _("gave up")]
        else:
            facts = [chat.operator_name or _("a former operator")]
        if chat.rating:
            facts.append(_("rated good") if chat.rating == Chat.Rating.GOOD else _("rated bad"))
        return facts

    def name_of(self, chat: ChatRow) -> str:
        return chat.visitor_name or _("Visitor %(number)s") % {"number": chat.visitor_number}

    def clock(self, moment: datetime) -> str:
        return words.clock(moment.astimezone(self.zone))


def _url(name: str, chat: ChatRow) -> str:
    return settings.PUBLIC_ORIGIN + _path(name, PLACE).replace(PLACE, str(chat.public_id))


@lru_cache(maxsize=8)
def _path(name: str, *args: str) -> str:
    """The path of a page, resolved once: a day has hundreds of chats."""
    return reverse(name, args=args)
