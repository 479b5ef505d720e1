"""Wiring of the app."""

from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "operators"

    def ready(self) -> None:
        from allauth.account.signals import email_confirmed

        from accounts import events
        from core.personal_data import rows_erased
        from operators import subscribers

        events.membership_created.connect(subscribers.make_operator, dispatch_uid="operators.make_operator")
        events.person_renamed.connect(subscribers.rename_operator, dispatch_uid="operators.rename_operator")
        email_confirmed.connect(subscribers.finish_claimed, dispatch_uid="operators.finish_claimed")
        rows_erased.connect(subscribers.end_erased, dispatch_uid="operators.end_erased")
