"""Says the code of the demo agent's second step, as the authenticator app on a telephone would."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from livechat.demo_agent import demo_code


class Command(BaseCommand):
    help = "Says the demo support agent's six digits of now. For development only."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEV:
            raise CommandError("The demo is for development. Set LIVECHAT_DEV=1.")
        self.stdout.write(demo_code())
