"""Floors of versions (SAFETY.md 0.6): what is below has known holes."""

from importlib.metadata import PackageNotFoundError, version

from packaging.version import Version

FLOORS = {
    "django-allauth": "65.19.4",  # CVE-2026-97764
    "djangorestframework": "3.17.2",  # CVE-2026-73228
    "pillow": "12.3.0",  # three decoder CVEs of 2026
    "openpyxl": "3.1.5",
}
NEVER = ("django-ipware", "python-ipware", "geoip2", "maxminddb")


def installed(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def test_nothing_installed_is_below_its_floor():
    found = {name: installed(name) for name in FLOORS}
    assert found["django-allauth"]
    assert [name for name, now in found.items() if now and Version(now) < Version(FLOORS[name])] == []


def test_packages_that_must_not_be_there_are_not():
    assert [name for name in NEVER if installed(name)] == []
