"""`manage.py publish_policy`: makes the next version of the policy or the terms from `policies/texts/`."""

import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.errors import Refused
from policies.actions import publish_version
from policies.models import Version


class Command(BaseCommand):
    help = "Publishes policies/texts/<kind>.toml as an immutable version; both kinds when none is named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--kind", choices=Version.Kind.values)
        parser.add_argument("--effective", metavar="DATE", help="YYYY-MM-DD, begins at 00:00 UTC; left out: now")
        parser.add_argument("--material", action="store_true", help="people must accept again; 14 days notice")

    def handle(self, *args: Any, **options: Any) -> None:
        effective = None
        if options["effective"]:
            try:
                day = datetime.date.fromisoformat(options["effective"])
            except ValueError:
                raise CommandError("Write the date as YYYY-MM-DD.") from None
            effective = datetime.datetime.combine(day, datetime.time(), tzinfo=datetime.UTC)
        refused = []
        for kind in [options["kind"]] if options["kind"] else Version.Kind.values:
            try:
                version = publish_version(kind=kind, effective_at=effective, material=options["material"])
            except Refused as refusal:
                refused.append(f"{kind}: {refusal.message}")
            else:
                self.stdout.write(f"{version}: {version.sentences.count()} sentences, {version.text_hash}")
        if refused:
            raise CommandError("\n".join(refused))
