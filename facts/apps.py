"""Wiring of the app."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "facts"

    def ready(self) -> None:
        from accounts import events
        from facts import subscribers

        events.zone_changed.connect(subscribers.recount, dispatch_uid="facts.recount")
