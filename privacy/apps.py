"""Wiring of the app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"

    def ready(self) -> None:
        from privacy import checks, subscribers  # noqa: F401  registers the system check

        subscribers.connect()
