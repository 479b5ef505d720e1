"""The sheet of keys is complete and true: it lists what the modules register, and nothing else."""

import re

import pytest
from django.conf import settings

pytestmark = pytest.mark.once
# what the design language's keyboard map promises
MAP = {
    "Ctrl K",
    "N",
    "J",
    "K",
    "1",
    "G C",
    "G V",
    "G A",
    "G R",
    "G P",
    "Shift A",
    "F6",
    "R",
    "M",
    "#",
    "T",
    "L",
    "E",
    "I",
}
MAP |= {"Enter", "Shift Enter", "Esc", "?"}


def keys_of_row(cells: str) -> set[str]:
    """ "Shift A" is one key, "J K" two, "G C V" two that begin with G."""
    keys = re.findall(r"<kbd>([^<]+)</kbd>", cells)
    if keys[0] in ("Ctrl", "Shift"):
        return {" ".join(keys)}
    return {f"G {key}" for key in keys[1:]} if keys[0] == "G" else set(keys)


def test_the_sheet_of_keys_lists_every_key_that_is_registered_and_the_whole_map():
    templates, scripts = settings.BASE_DIR / "templates/chat", settings.BASE_DIR / "static/js/console"
    rows = re.findall(r"<dd>(.*?)</dd>", (templates / "_keys.html").read_text(), re.DOTALL)
    sheet = {key for cells in rows for key in keys_of_row(cells)}
    code = "".join(path.read_text() for path in sorted(scripts.glob("*.js")))
    registered = {key if " " in key else key.upper() for key in re.findall(r'onKey\("([^"]+)"', code)}
    places = {f"G {key.upper()}" for key in re.findall(r'data-key="(\w)"', (templates / "_palette.html").read_text())}
    own = {"Ctrl K", "?"} | {"Enter", "Shift Enter", "Esc", "↑", "@"}  # keys.js, and while one writes
    assert sheet == registered | places | own
    assert sheet >= MAP


def test_every_deed_with_a_label_is_offered_under_a_key_that_does_it():
    code = "".join(path.read_text() for path in sorted((settings.BASE_DIR / "static/js/console").glob("*.js")))
    named = set(re.findall(r'offer\([^;]*?key: "([^"]+)"', code, re.DOTALL))
    registered = {key if " " in key else key.upper() for key in re.findall(r'onKey\("([^"]+)"', code)}
    assert named <= registered
