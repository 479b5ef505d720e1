"""Every door answers with the header set of SAFETY.md, to its owner and to a stranger alike (SAFETY: headers; P17)."""

from typing import Any

import pytest
from django.core.cache import cache
from django.http import HttpResponse

from tests.fences.doors import DOORS, Door, Kind
from tests.fences.test_fence import world as world  # noqa: PLC0414  the fixture
from tests.fences.walk_pages import nothing_stays, path_of
from tests.fences.world import World

# the address of these pages is the key to a chat: it goes to nobody, not to our own pages either
KEYS_IN_ADDRESS = {
    "privacy:case_confirm": "strict-origin", "privacy:case_page": "strict-origin",  # their forms need the origin
    "chat:continue": "no-referrer", "chat:rate": "no-referrer", "chat:stop": "no-referrer",
    "privacy:case_page_file": "strict-origin",
}  # fmt: skip
# the window of a service and the form that opened it speak with each other, each only with its own origin
SPEAK = {
    ("chat:frame", "get"): "same-origin-allow-popups", ("chat:continue", "post"): "same-origin-allow-popups",
    ("chat:prefill_start", "get"): "unsafe-none", ("chat:prefill_start", "post"): "unsafe-none",
}  # fmt: skip


def faults_of(response: HttpResponse, name: str, method: str) -> list[str]:
    """What is missing or too open in the headers of one answer."""
    policy = response.get("Content-Security-Policy", "")
    frames = "*" if name == "chat:frame" else "'none'"
    is_fine = response.status_code == 200
    is_closed = (frames == "*" and is_fine) or (name == "support:open" and response.status_code == 302)
    expected = {
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer" if is_closed else KEYS_IN_ADDRESS.get(name, "same-origin"),
        "Cross-Origin-Opener-Policy": SPEAK.get((name, method), "same-origin") if is_fine else "same-origin",
    }
    said = [f"{key}: {response.get(key)}" for key, value in expected.items() if response.get(key) != value]
    if "geolocation=()" not in response.get("Permissions-Policy", ""):
        said.append("Permissions-Policy")
    if not response.get("Cross-Origin-Resource-Policy") or not response.get("X-Request-Id"):
        said.append("Cross-Origin-Resource-Policy or X-Request-Id")
    if name != "dev_mail_html" and ("default-src 'none'" not in policy or "unsafe-inline" in policy):
        said.append(f"Content-Security-Policy: {policy}")
    is_picture = policy == "default-src 'none'; sandbox" and response["Content-Type"].startswith("image/")
    if frames == "'none'" and name != "dev_mail_html" and not is_picture and "frame-ancestors 'none'" not in policy:
        said.append("frame-ancestors")
    return said


def visit(world: World, user: Any, name: str, door: Door, method: str) -> HttpResponse:
    cache.clear()
    args = door.args(world) if door.args else {}
    body = (door.get if method == "get" else door.post(world) if door.post else None) or {}
    with nothing_stays():
        return getattr(world.browser_of(user), method)(path_of(name, args), body)  # type: ignore[no-any-return]


@pytest.mark.long
def test_every_answer_carries_the_headers(world: World) -> None:
    faults = []
    for name, door in DOORS.items():
        owner = world.ada if door.kind in (Kind.STAFF, Kind.SHUT) else world.alice
        for method, user in (("get", owner), ("get", world.carol), ("get", None), ("post", None)):
            response = visit(world, user, name, door, method)
            assert response.status_code < 500, (name, method)
            faults += [f"{name} {method} by {user}: {said}" for said in faults_of(response, name, method)]
    assert faults == [], "\n".join(faults)
