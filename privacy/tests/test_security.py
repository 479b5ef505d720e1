"""The security page lists controls with their dates, and security.txt has what RFC 9116 asks for."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from privacy.security import read_log

pytestmark = pytest.mark.django_db


def test_the_page_lists_each_control_and_both_letters(client: Client):
    page = client.get("/security/").content.decode()
    for control in read_log().controls:
        assert control.title in page
    assert "GDPR article 33" in page
    assert "What you can do now" in page


def test_security_txt_has_the_two_lines_that_must_be_there(client: Client, settings: Any):
    settings.SECURITY_CONTACT = "security@livechat.example"
    answer = client.get("/.well-known/security.txt")
    lines = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert lines["Contact"] == "mailto:security@livechat.example"
    left = datetime.strptime(lines["Expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert left.days < 366
    assert lines["Policy"].endswith("/security/")
