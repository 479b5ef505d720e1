"""`manage.py render_text < FILE`: the HTML that a text becomes, as POST /api/v1/support/preview/ answers it."""

import sys
from typing import Any

from django.core.management import BaseCommand, CommandError

from core.text import LONGEST, TooLong, render


class Command(BaseCommand):
    help = "Reads Markdown (UTF-8) on standard input and prints the HTML that it becomes."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        data = sys.stdin.buffer.read(LONGEST * 4 + 4)
        try:
            html = render(data.decode("utf-8", "replace").removesuffix("\n"))
        except TooLong as problem:
            raise CommandError(str(problem.message)) from problem
        self.stdout.write(html)
