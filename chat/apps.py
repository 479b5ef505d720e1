"""Wiring of the app."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from accounts import events
        from chat import subscribers

        events.membership_removed.connect(subscribers.return_chats, dispatch_uid="chat.return_chats")
