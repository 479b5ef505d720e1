"""What a production site refuses to start with."""

from typing import Any

import pytest
from django.test import override_settings

from core.checks import mail_can_leave, production_is_safe

GOOD: dict[str, Any] = {
    "DEV": False,
    "DEBUG": False,
    "SECURE": True,
    "SECRET_KEY": "k" * 48,
    "TIME_ZONE": "UTC",
    "EMAIL_URL": "smtp://mail.example.org",
}


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({}, []),
        ({"SECRET_KEY": ""}, ["core.E001"]),
        ({"SECRET_KEY": "change-me"}, ["core.E005"]),
        ({"SECRET_KEY": "short"}, ["core.E005"]),
        ({"DEBUG": True}, ["core.E002"]),
        ({"TIME_ZONE": "Europe/Warsaw"}, ["core.E003"]),
        ({"SECURE": False}, ["core.E004"]),
        ({"EMAIL_URL": ""}, ["core.E006"]),
    ],
)
def test_an_unsafe_setting_is_named(change: dict[str, Any], found: list[str]) -> None:
    with override_settings(**{**GOOD, **change}):
        assert [error.id for error in [*production_is_safe(), *mail_can_leave()]] == found
