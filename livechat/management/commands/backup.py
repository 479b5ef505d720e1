"""`manage.py backup FILE`: database, media and keys in one file."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management import BaseCommand, CommandError

from livechat.backups import write_backup


class Command(BaseCommand):
    help = "Writes a backup of database, media and keys. The site may go on running."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="replace FILE when it is there")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"].resolve()
        if path.exists() and not options["yes"]:
            raise CommandError(f"{path} is there already. Add --yes to replace it.")
        if not path.parent.is_dir():
            raise CommandError(f"There is no folder {path.parent}.")
        manifest = write_backup(path)
        self.stdout.write(f"{path}: {manifest['vendor']}, {path.stat().st_size:,} bytes, made {manifest['made_at']}.")
        self.stdout.write("It holds people's data and the site's keys: keep it encrypted, and delete it in time.")
        if "secret_key" not in manifest["keys"]:
            self.stdout.write("SECRET_KEY comes from your settings and is not in it: keep that too.")
