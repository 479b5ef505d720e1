"""Plans the daily summaries of one day by hand, or shows what they would be."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.models import Account
from core.errors import Refused
from reports import actions, queries
from reports.letters import load_summaries
from reports.summaries import Day
from reports.words import short_wait


class Command(BaseCommand):
    help = "Plans the daily summaries of a local day (yesterday unless --for), once per account and day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--for", dest="day", type=date.fromisoformat, help="the local day, as 2026-11-22")
        parser.add_argument("--account", help="the account's slug; without it every account that wants a summary")
        parser.add_argument("--dry-run", action="store_true", help="only say what would be sent, and to how many")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = self._accounts(options["account"])
        total = 0
        for account in accounts:
            day = options["day"] or timezone.now().astimezone(account.zone).date() - timedelta(days=1)
            total += self._show(account, day) if options["dry_run"] else self._plan(account, day)
        word = "would be planned" if options["dry_run"] else "planned; the worker sends them"
        self.stdout.write(f"{total} mails {word}.")

    def _accounts(self, slug: str | None) -> list[Account]:
        if slug is None:
            return queries.list_accounts_with_summary()
        account = queries.find_account(slug)
        if account is None:
            raise CommandError(f"There is no account {slug}.")
        return [account]

    def _plan(self, account: Account, day: date) -> int:
        try:
            mails = actions.plan_day(account=account, day=day)
        except Refused as refused:
            self.stdout.write(f"{account.slug} {day}: {refused.message}")
            return 0
        self.stdout.write(f"{account.slug} {day}: {mails} mails")
        return mails

    def _show(self, account: Account, day: date) -> int:
        which = Day(account.pk, day, account.time_zone)
        summary = load_summaries({which}, {account.pk: account}, set())[which]
        people = len(queries.list_recipients(account))
        median = summary.median_wait
        wait = "no chat was accepted" if median is None else f"median wait {short_wait(median)}"
        planned = ", planned before" if queries.has_claimed(account, day) else ""
        self.stdout.write(
            f"{account.slug} {day} ({account.time_zone}): {summary.chats} chats, {summary.gave_up} gave up, {wait}; "
            f"{people} people want it{planned}"
        )
        return 0 if planned else people
