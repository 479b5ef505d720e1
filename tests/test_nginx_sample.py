"""The sample for nginx names paths that exist, and lets in what the site lets in."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import get_resolver

from chat.consumers import SOCKETS
from core.uploads import LARGEST_UPLOAD
from livechat.door import FILE_PATHS, LARGEST_BODY

SAMPLE = (Path(__file__).resolve().parents[1] / "docs" / "nginx.conf").read_text()
LOCATIONS = dict(re.findall(r"location (/\S*)\s*\{(.*?)\}", SAMPLE, re.S))
MEGABYTE = 1_048_576


def every_path(resolver: Any = None, before: str = "") -> list[str]:
    """The routes of the site as they are written, without the front of the regular expressions."""
    found = []
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern).removeprefix("^")
        found += every_path(entry, route) if hasattr(entry, "url_patterns") else [f"/{route}"]
    return found


def body_limit(text: str) -> int:
    found = re.search(r"client_max_body_size (\d+)m;", text)
    assert found is not None
    return int(found.group(1)) * MEGABYTE


def test_every_location_is_a_path_of_the_site() -> None:
    paths = [*every_path(), *SOCKETS]
    for location in LOCATIONS:
        assert any(path.startswith(location) for path in paths), location


@pytest.mark.parametrize("path", [*FILE_PATHS, *SOCKETS])
def test_sockets_and_files_have_a_location_of_their_own(path: str) -> None:
    location = max((one for one in LOCATIONS if path.startswith(one)), key=len)
    assert location != "/"
    if path in FILE_PATHS:
        assert body_limit(LOCATIONS[location]) >= max(LARGEST_UPLOAD, settings.LARGEST_FILE) + LARGEST_BODY
    else:
        assert "proxy_buffering off" in LOCATIONS[location]


def test_other_bodies_are_as_small_as_the_door_wants_them() -> None:
    assert body_limit(SAMPLE) == LARGEST_BODY


def test_the_files_of_visitors_know_no_cookie() -> None:
    text = LOCATIONS["/widget/files/"]
    assert re.search(r"proxy_set_header Cookie\s+'';", text) and "proxy_hide_header Set-Cookie;" in text
