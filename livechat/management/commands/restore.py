"""`manage.py restore FILE`: puts a backup in the place of this site's data."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError, call_command
from django.db import DatabaseError

from accounts.models import Account
from livechat.backups import BackupProblem, read_backup
from livechat.doctor import site_answers


class Command(BaseCommand):
    help = "Replaces database, media and keys by those of a backup. Stop the site first."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="replace data that is there")

    def handle(self, *args: Any, **options: Any) -> None:
        if site_answers():
            raise CommandError("The site is running here. Stop it, then restore.")
        if self._holds_data() and not options["yes"]:
            raise CommandError("This site holds data, and all of it would be replaced. Add --yes if that is meant.")
        try:
            manifest = read_backup(options["file"].resolve())
        except BackupProblem as problem:
            raise CommandError(str(problem)) from problem
        self.stdout.write(f"Restored the backup made {manifest['made_at']}.")
        call_command("replay_erasures", stdout=self.stdout)  # before the site serves: who was erased stays erased
        if manifest["parked"]:
            self.stdout.write(
                f"{manifest['parked']} mails that the backup shows as unsent are parked: see the outbox in the admin."
            )

    def _holds_data(self) -> bool:
        try:
            return Account.objects.exists()
        except DatabaseError:
            return False
