"""Who stands in the demo, and the one password that they share on this machine."""

import secrets
from dataclasses import dataclass

from django.conf import settings

from core.keys import keep_secret_file


@dataclass(frozen=True)
class DemoPerson:
    """A made-up person with a login."""

    name: str
    surname: str
    email: str


OWNER = DemoPerson("Ada", "Example", "ada@acme-bikes.example")
COLLEAGUES = (
    DemoPerson("Ben", "Sample", "ben@acme-bikes.example"),
    DemoPerson("Cleo", "Demo", "cleo@acme-bikes.example"),
    DemoPerson("Lee", "Placeholder", "lee@acme-bikes.example"),
)
AGENT = DemoPerson("Nora", "Support", "nora@livechat.example")
ADMIN = DemoPerson("Avery", "Administrator", "admin@livechat.example")
COMPANY = {
    "company": "Acme Bikes",
    "address": "2 Sample Street, Exampletown",
    "website": "https://acme-bikes.example",
    "time_zone": "Europe/Warsaw",
}


def demo_password() -> str:
    """The password of every demo login: made once per installation, kept in VAR/demo_password."""
    return keep_secret_file(settings.VAR / "demo_password", make=_make_password)


def _make_password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(4))
