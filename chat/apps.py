"""Wiring of the app."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    name = "chat"

    def ready(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        from accounts import events
        from chat import subscribers
        from chat.archive.search import schema
        from chat.events import rows_replaced
        from core.personal_data import rows_erased
        from operators import events as working

        events.membership_removed.connect(subscribers.return_chats, dispatch_uid="chat.return_chats")
        for news in (working.operator_status_changed, working.room_made, working.groups_changed):
            news.connect(subscribers.look_after_queue, dispatch_uid=f"chat.look_after_queue.{id(news)}")
        working.operator_status_changed.connect(subscribers.release_chats, dispatch_uid="chat.release_chats")
        working.groups_changed.connect(subscribers.tell_groups, dispatch_uid="chat.tell_groups")
        rows_erased.connect(subscribers.part_with_rows, dispatch_uid="chat.part_with_rows")
        rows_replaced.connect(subscribers.empty_rows, dispatch_uid="chat.empty_rows")
        pre_migrate.connect(schema.before_migrations, sender=self, dispatch_uid="chat.search.before")
        post_migrate.connect(schema.after_migrations, sender=self, dispatch_uid="chat.search.after")
