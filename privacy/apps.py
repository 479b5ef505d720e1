"""Wiring of the app."""

from django.apps import AppConfig

from core.personal_data import register_holds


class PrivacyConfig(AppConfig):
    name = "privacy"

    def ready(self) -> None:
        from accounts.actions.erasing import register_engine
        from privacy import checks, subscribers  # noqa: F401  registers the system check
        from privacy.actions.erasing import begin_for, erase_ref
        from privacy.queries.erasures import held_keys

        register_engine(erase_ref, begin_for)
        register_holds(held_keys)

        subscribers.connect()
