"""`manage.py receive_mail < FILE`: takes one mail from the mail server's pipe (docs/inbound-mail.md)."""

import logging
import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error

from core.limits import TooMany
from notifications.actions import receive_mail
from notifications.inbound import NotYet
from notifications.incoming.parsing import LARGEST_MAIL, BadMail

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = (
        "Takes one mail from standard input. Exit status, as mail servers understand it: 0 the mail is ours now or was "
        "dropped on purpose, 65 it is no mail that can be read, 75 not now, ask again later."
    )
    requires_system_checks: list[str] = []  # the pipe starts a process for each mail

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", action="append", default=[], metavar="ADDRESS", help="an address of the envelope (may be repeated)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(LARGEST_MAIL + 1)
        try:
            row = receive_mail(raw=raw, recipients=options["to"])
        except BadMail as error:
            self.stderr.write(f"This is no mail that can be read: {error}.")
            sys.exit(os.EX_DATAERR)
        except (Error, TooMany, NotYet) as error:
            self.stderr.write(f"Not now: {type(error).__name__}.")
            sys.exit(os.EX_TEMPFAIL)
        except Exception as error:  # a fault of ours: the mail server keeps the mail until it is mended
            log.exception("a mail was not taken")
            self.stderr.write(f"Not now: {type(error).__name__}.")
            sys.exit(os.EX_TEMPFAIL)
        self.stdout.write(f"{row.outcome}")
