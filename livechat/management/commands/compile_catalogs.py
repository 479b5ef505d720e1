"""`manage.py compile_catalogs`: writes the .mo files of locale/ from their .po files."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from core.catalogs import compile_catalogs


class Command(BaseCommand):
    help = "Writes locale/*/LC_MESSAGES/*.mo from the .po files; nothing but Python is needed."

    def handle(self, *args: Any, **options: Any) -> None:
        for folder in settings.LOCALE_PATHS:
            for path in compile_catalogs(Path(folder)):
                self.stdout.write(str(path))
