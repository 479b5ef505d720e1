"""Wiring of the app."""

from django.apps import AppConfig


class PoliciesConfig(AppConfig):
    name = "policies"

    def ready(self) -> None:
        from policies import checks  # noqa: F401  registers the system check
