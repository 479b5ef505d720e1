"""Wiring of the site itself."""

from django.apps import AppConfig


class LivechatConfig(AppConfig):
    name = "livechat"

    def ready(self) -> None:
        from livechat import celery  # noqa: F401  makes our Celery app the one that tasks are sent through
