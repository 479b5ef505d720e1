"""Wiring of the app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications import checks, subscribers  # noqa: F401  registers the system checks
        from outbox import events

        events.address_bounced.connect(subscribers.suppress_bounced, dispatch_uid="notifications.suppress_bounced")
