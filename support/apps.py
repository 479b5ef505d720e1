"""Wiring of the app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class SupportConfig(AppConfig):
    name = "support"

    def ready(self) -> None:
        from chat.files import store
        from support import queries, search

        store.register_owner(queries.known_paths)
        pre_migrate.connect(search.before_migrations, dispatch_uid="support.search.before")
        post_migrate.connect(search.after_migrations, dispatch_uid="support.search.after")
