"""`manage.py who_accepted DATE EMAIL`: which texts a person had accepted on a date, and which were in force."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Refused
from privacy.queries.acceptances import find_accepted


class Command(BaseCommand):
    help = "Says which version of policy and terms a person had accepted by the end of a day (UTC)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("date", metavar="DATE", help="YYYY-MM-DD")
        parser.add_argument("email", metavar="EMAIL", help="the address with which the person logs in")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            answer = find_accepted(email=options["email"], day=options["date"])
        except Refused as refused:
            raise CommandError(str(refused.message)) from None
        for text in answer.texts:
            in_force = f"version {text.in_force.number}" if text.in_force else "nothing"
            given = text.acceptance
            accepted = "nothing"
            if given is not None:
                accepted = f"version {given.version.number} at {given.accepted_at:%Y-%m-%d %H:%M} UTC"
                accepted += f" ({given.channel}), {given.text_hash}"
            self.stdout.write(f"{text.kind}: in force {in_force}; accepted {accepted}")
