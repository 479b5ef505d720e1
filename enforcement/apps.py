"""Wiring of the app."""

from django.apps import AppConfig


class EnforcementConfig(AppConfig):
    name = "enforcement"

    def ready(self) -> None:
        from chat.files import store
        from enforcement import queries

        store.register_owner(queries.known_paths)
