"""The frame of the pages: one style sheet, the import map, the sidebar, icons and words of time."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from core.importmap import build_importmap
from core.navigation import Home, Homes, NavItem, NavRegistry, PublicPlace, public_places
from core.stylesheets import SHEETS
from core.templatetags.look import say_moment
from policies.proving import prove
from policies.testing import make_policies


def test_a_page_asks_for_one_style_sheet_that_holds_every_part(client: Client, texts: Any) -> None:
    page = client.get("/").content.decode()
    assert re.findall(r'<link rel="stylesheet" href="([^"]+)"', page) == ["/static/css/site.css"]
    joined = Path(finders.find("css/site.css")).read_text(encoding="utf-8")
    for part in SHEETS["css/site.css"]:
        assert (settings.BASE_DIR / "static/css" / part).read_text(encoding="utf-8") in joined


def test_every_part_of_the_style_belongs_to_a_sheet() -> None:
    folder = settings.BASE_DIR / "static/css"
    parts = {str(path.relative_to(folder)) for path in folder.rglob("*.css")}
    assert parts == {part for sheet in SHEETS.values() for part in sheet}


def test_the_import_map_names_every_module_and_carries_the_nonce(client: Client, texts: Any) -> None:
    imports = json.loads(build_importmap())["imports"]
    files = {
        path.relative_to(settings.BASE_DIR / "static/js") for path in (settings.BASE_DIR / "static/js").rglob("*.js")
    }
    assert set(imports) == {f"livechat/{path.as_posix()}" for path in files}
    response = client.get("/")
    nonce = re.search(r"'nonce-([^']+)'", response["Content-Security-Policy"])
    assert nonce
    assert response.content.decode().count(f'nonce="{nonce.group(1)}"') == 2


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    sprite = (settings.BASE_DIR / "static/icons.svg").read_text(encoding="utf-8")
    drawn = set(re.findall(r'id="i-([\w-]+)"', sprite))
    used = {
        name
        for path in (settings.BASE_DIR / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([\w-]+)"', path.read_text(encoding="utf-8"))
    }
    assert used - drawn == set()


def test_a_place_without_the_right_is_not_listed() -> None:
    registry = NavRegistry()
    registry.add(NavItem("late", "Late", "x", "landing", 20), NavItem("team", "Team", "x", "landing", 10, "team.edit"))
    assert [item.key for item in registry.list_for("anybody")] == ["late"]
    registry.register_rights(lambda membership, action: membership == "owner")
    assert [item.key for item in registry.list_for("owner")] == ["team", "late"]
    assert [item.key for item in registry.list_for("operator")] == ["late"]
    registry.add(NavItem("tags", "Tags", "x", "landing", 5, "team.edit", settings=True))
    assert [item.key for item in registry.list_for("owner")] == ["team", "late"]
    assert [item.key for item in registry.list_settings_for("owner")] == ["tags"]
    assert registry.list_settings_for("operator") == []
    with pytest.raises(ValueError, match="twice"):
        registry.add(NavItem("late", "Late", "x", "landing", 20))


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=12, seconds=40), "12 min ago"),
        (timedelta(hours=1, minutes=59), "1 hour ago"),
        (timedelta(hours=23), "23 hours ago"),
    ],
)
def test_a_moment_is_said_in_words_up_to_a_day(ago: timedelta, words: str) -> None:
    now = timezone.now()
    assert say_moment(now - ago, now) == words


def test_a_moment_of_another_day_is_a_date() -> None:
    now = timezone.datetime(2030, 5, 14, 12, tzinfo=timezone.get_default_timezone())
    assert say_moment(now - timedelta(days=2), now) == "Sun 12 May"
    assert say_moment(now - timedelta(days=365), now) == "14 May 2029"


def test_the_sidebar_counts_the_trial_in_whole_days(alice_member: Any) -> None:
    request = RequestFactory().get("/")
    template = Template("{% trial_clock as trial %}{{ trial.used }} of {{ trial.days }}, {{ trial.left }} left")
    alice_member.account.trial_ends_at = timezone.now() + timedelta(days=11, hours=1)
    said = template.render(Context({"request": request, "membership": alice_member}))
    assert said == "18 of 30, 12 left"


def test_an_address_that_is_nothing_gets_a_page_in_our_words(client: Client, texts: Any) -> None:
    response = client.get("/nothing/is/here/")
    assert response.status_code == 404
    assert "The address is wrong, or what was there has been removed." in response.content.decode()


def test_the_landing_page_reads_its_figures_from_the_code(client: Client, db: None) -> None:
    make_policies()
    page = client.get("/").content.decode()
    assert "<dt>Messages</dt><dd>90 days</dd>" in page
    assert '<dt>Location</dt><dd class="none">Not collected</dd>' in page
    assert "kept right now" not in page, "no check has run yet"
    prove(["tls"])
    page = client.get("/").content.decode()
    assert re.search(r"\d+ promises. 1 kept right now.", page)


def test_a_place_of_our_staff_is_there_for_them_only_and_counts_for_the_person() -> None:
    nav = NavRegistry()
    nav.add(NavItem("desk", "Desk", "request", "support:desk", 10, is_for=lambda person: person == "nik"))
    assert [item.key for item in nav.list_for(None, "nik")] == ["desk"]
    assert nav.list_for(None, "eve") == nav.list_for(None) == []


def test_a_log_in_leads_to_the_first_home_that_is_theirs() -> None:
    homes = Homes()
    homes.add(Home("desk", "support:desk", 20, lambda person: person == "nik"))
    homes.add(Home("admin", "admin:index", 10, lambda person: person == "ada"))
    assert [homes.find_for(person) for person in ("ada", "nik", "eve")] == ["admin:index", "support:desk", ""]


def test_apps_put_links_into_header_footer_and_the_console(
    client: Client, client_of: Any, alice: Any, texts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(public_places, "_items", {})
    public_places.add(PublicPlace("a", "Ask us", "help", "privacy:data_map", 10, header=True, console=True))
    public_places.add(PublicPlace("b", "Deep down", "forum", "privacy:promises", 20))
    page = client.get("/privacy/data/").content.decode()
    head, _, foot = page.partition("<main")
    assert head.count(">Ask us</a>") == 2 and 'aria-current="page">Ask us' in head and "Deep down" not in head
    assert ">Ask us</a>" in foot and ">Deep down</a>" in foot
    console = client_of(alice).get(reverse("accounts:access")).content.decode()
    assert 'title="Ask us"' in console and "Deep down" not in console and "mailto:" not in console
