"""Removes an invited person's address for a request that came by mail (S97, S103)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from operators.actions import forget_invited_address


class Command(BaseCommand):
    help = "Erases an invited address in every account and never lets it be invited again."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that its owner asked us to remove")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            ended = forget_invited_address(email=options["email"], actor="support")
        except ValueError:
            raise CommandError("This is no e-mail address.") from None
        self.stdout.write(f"Removed. Invitations that ended: {ended}.")
