"""Wiring of the app."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "notifications"

    def ready(self) -> None:
        from notifications import subscribers
        from outbox import events

        events.address_bounced.connect(subscribers.suppress_bounced, dispatch_uid="notifications.suppress_bounced")
