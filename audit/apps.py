"""Wiring of the app."""

from typing import Any

from django.apps import AppConfig
from django.db import connection
from django.db.models.signals import post_migrate


def keep_records(using: str, **kwargs: Any) -> None:
    """After each migration of the database: every recipient that the code declares by now has a record.

    A restore migrates to the place of the backup first, where the table may not be yet.
    """
    from audit.actions import add_missing_recipients
    from audit.models import RecipientRecord

    if using == "default" and RecipientRecord._meta.db_table in connection.introspection.table_names():
        add_missing_recipients()


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit.actions import write_disclosures
        from audit.queries import find_stop
        from core.outbound import register_ledger_writer, register_recipient_stop

        register_ledger_writer(write_disclosures)
        register_recipient_stop(find_stop)
        post_migrate.connect(keep_records, sender=self, dispatch_uid="audit.recipients")
