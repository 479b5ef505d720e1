"""The window of a service beside the chat, and its form: axe, pictures, no sideways scrolling, both themes."""

from itertools import product
from typing import Any

import pytest

from accounts.models import Account
from chat.testing import make_widget
from operators.actions import ensure_operator
from tests.looks.eye import THEMES, TOO_WIDE, judge, take_picture
from tests.openid import OpenIDProvider, use_providers

pytestmark = [pytest.mark.once, pytest.mark.timeout(240)]

WIDTHS = (320, 375, 1440)


def test_the_window_of_a_service(
    acme: Account, alice_member: Any, openid: OpenIDProvider, settings: Any, page_at: Any
) -> None:
    ensure_operator(membership=alice_member)
    use_providers(settings, openid.entry())
    openid.person("pat", name="Pat Specimen", email="pat@specimen.example")
    found: list[str] = []

    def look(page: Any, state: str) -> None:
        for width, theme in product(WIDTHS, THEMES):
            where = f"{state} {width} {theme}"
            page.set_viewport_size({"width": width, "height": 720})
            page.emulate_media(color_scheme=theme, reduced_motion="reduce")
            found.extend(f"{where}: wider than the window: {one}" for one in page.evaluate(TOO_WIDE))
            found.extend(judge(page, where))
            take_picture(page, f"prefill-{state}", width, theme)

    form = page_at(375, height=700)
    form.goto(f"/widget/frame/{make_widget(acme).key}/")
    there = f"{openid.issuer}/oauth2/authorize**"
    form.context.route(there, lambda route: route.fulfill(status=204))  # the service is not asked yet
    with form.expect_popup() as opened:
        form.get_by_role("button", name="Fill in with Demo OpenID").click()
    beside = opened.value
    beside.get_by_role("link", name="Continue with Demo OpenID").wait_for()
    look(form, "form-waits")
    look(beside, "on")
    form.context.unroute(there)
    beside = page_at(375)
    beside.goto(form.locator("[data-do=prefill]").get_attribute("data-url"))
    beside.get_by_text("If nothing happens here").wait_for()
    look(beside, "start")
    with form.expect_popup() as opened:
        form.get_by_role("button", name="Fill in with Demo OpenID").click()
    beside = opened.value
    beside.get_by_placeholder("sub").fill("pat")
    beside.get_by_role("button", name="Authorize", exact=True).click()
    beside.get_by_role("heading", name="What may the form have?").wait_for()
    look(beside, "choice")
    beside.get_by_role("button", name="Fill in", exact=True).click()
    beside.get_by_text("Tick something").wait_for()
    look(beside, "choice-error")
    beside.get_by_label("Use my name: Pat Specimen").check()
    beside.get_by_role("button", name="Fill in", exact=True).click()
    form.locator("#prefill-says", has_text="Filled in").wait_for()
    look(form, "form-filled")
    with form.expect_popup() as opened:
        form.get_by_role("button", name="Fill in with Demo OpenID").click()
    beside = opened.value
    beside.get_by_role("button", name="Deny").click()
    beside.get_by_role("heading", name="Demo OpenID told us nothing").wait_for()
    look(beside, "nothing")
    assert not found, "\n".join(found)
