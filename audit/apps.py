"""Wiring of the app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "audit"

    def ready(self) -> None:
        from audit.actions import write_disclosures
        from core.outbound import register_ledger_writer

        register_ledger_writer(write_disclosures)
