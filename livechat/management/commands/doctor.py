"""`manage.py doctor`: looks at what the site stands on, and says what to do."""

import sys
from typing import Any

from django.core.management import BaseCommand

from livechat.doctor import examine


class Command(BaseCommand):
    help = "Tests database, mail, sockets, clock and disk, and says what to do. Exits 1 when something is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        found = examine()
        for key, health in found.items():
            self.stdout.write(f"{'ok ' if health.ok else 'BAD'}  {key + ':':10} {health.figure}")
            if not health.ok and health.advice:
                self.stdout.write(f"     {'':10} {health.advice}")
        if not all(health.ok for health in found.values()):
            sys.exit(1)
