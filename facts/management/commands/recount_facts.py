"""Counts the sums of the reports anew from the facts, or with --check only compares them."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Account
from facts import actions


class Command(BaseCommand):
    help = (
        "Compares the sums of the reports with a recount of the facts, day by day, and puts right what differs. With "
        "--check nothing is written, and the exit status is 1 when something differs."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--account", metavar="SLUG", help="only this account")
        parser.add_argument("--check", action="store_true", help="compare only")

    def handle(self, *args: Any, **options: Any) -> None:
        accounts = Account.objects.order_by("pk")
        if options["account"]:
            accounts = accounts.filter(slug=options["account"])
            if not accounts.exists():
                raise CommandError("There is no such account: check the short name.")
        differed = 0
        for account in accounts.iterator():
            if not options["check"]:
                differed += actions.recount_account(account_pk=account.pk)
            differed += actions.recount(account=account, check=options["check"])
        self.stdout.write(f"{differed} sums differed." if differed else "Every sum is equal to a recount.")
        if options["check"] and differed:
            sys.exit(1)
