"""`manage.py verify_certificate FILE`: whether this site signed a certificate, and what it says."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from privacy.certificates import read_certificate


class Command(BaseCommand):
    help = "Checks the signature of a certificate of erasure and prints what it says."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--key", type=Path, help="the public key of another site, as PEM")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            text = options["file"].read_text(encoding="utf-8")
            key = options["key"].read_text(encoding="utf-8") if options["key"] else ""
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError("The file cannot be read.") from error
        body = read_certificate(text, key)
        if body is None:
            raise CommandError("This is no certificate of that key, or it was changed.")
        self.stdout.write("The signature fits.")
        self.stdout.write(json.dumps(body, ensure_ascii=False, indent=1, sort_keys=True))
