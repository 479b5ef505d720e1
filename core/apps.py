"""Wiring: finds the rooms that declare things, in every app."""

import sqlite3
from typing import Any

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.utils.module_loading import autodiscover_modules

ROOMS = ("personal_data", "outbound", "inbound", "promises", "navigation", "health", "metrics")


def allow_long_statements(connection: Any, **kwargs: Any) -> None:
    """Tells Django how many values this SQLite takes in a statement: it assumes 999, as of 2009."""
    if connection.vendor == "sqlite":
        limit = connection.connection.getlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER)
        connection.features.max_query_params = min(limit, 32_766)


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        from core import checks  # noqa: F401  registers the system checks

        connection_created.connect(allow_long_statements, dispatch_uid="core.long_statements")
        autodiscover_modules(*ROOMS)
