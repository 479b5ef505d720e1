"""A site with published texts, the demo company on it, and fresh results of the checks."""

import sqlite3
from dataclasses import replace
from typing import Any

import pytest

from tests.openid import use_providers

furniture = sqlite3.connect(":memory:", check_same_thread=False)  # the furnished database, to be laid down again


@pytest.fixture
def furnished(site_server: str, settings: Any) -> None:
    from django.db import connection

    two = ({"kind": "facebook", "client_id": "1"}, {"kind": "google", "client_id": "1"})
    use_providers(settings, *two)  # so that their buttons are looked at
    connection.ensure_connection()
    is_known = bool(furniture.execute("SELECT 1 FROM sqlite_master").fetchone())
    if connection.vendor == "sqlite" and is_known:
        furniture.backup(connection.connection)
        return
    furnish()
    if connection.vendor == "sqlite":
        connection.connection.backup(furniture)


def furnish() -> None:
    from django.core.management import call_command

    from policies.proving import prove

    call_command("seed_demo", verbosity=0)
    publish_second_policy()
    prove()


def publish_second_policy() -> None:
    """A version 2 with one sentence changed, one gone and one new, so that there is something to compare."""
    from policies.actions import publish_version
    from policies.source import read_text

    text = read_text("policy")
    first, _gone, *others = text.sentences
    changed = replace(first, text=first.text.replace("company", "company or a club"))
    added = replace(first, ident="looks-added", text="What is written here was added by the second version.")
    publish_version(kind="policy", source=replace(text, sentences=(changed, added, *others)))
