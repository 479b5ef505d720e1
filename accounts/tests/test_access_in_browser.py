"""Who may come in, API keys and the page of the API, in a real browser: by keyboard, and without script."""

import pytest
from django.test import Client

from accounts.models import AccessRule, ApiKey

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


def test_the_list_is_made_and_switched_on_by_keyboard_and_without_script(page_at, site_server, alice, acme, complaints):
    complaints.expect("status of 400")
    page = page_at(user=alice, java_script_enabled=False)
    page.goto("/app/settings/access/")
    page.locator("[name=mode]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert "Your own address 127.0.0.1 is not on the list" in page.locator(".error-summary").inner_text()
    page.locator("#add-ip .btn-primary").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("tbody tr")
    page.locator("#nip").focus()
    page.keyboard.type("198.51.100.7/24")
    page.keyboard.press("Tab")
    page.keyboard.type("Shop, ground floor")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Shop, ground floor")
    page.locator("[name=mode]:checked").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Saved.")
    acme.refresh_from_db()
    assert acme.access_mode == "listed"
    assert list(AccessRule.of(acme).order_by("pk").values_list("network", flat=True)) == [
        "127.0.0.1",
        "198.51.100.0/24",
    ]
    page.get_by_role("button", name="Remove 198.51.100.0/24").press("Enter")
    page.wait_for_selector("text=is off the list")
    assert AccessRule.of(acme).count() == 1


def test_a_key_is_made_without_script(page_at, alice, acme):
    page = page_at(user=alice, java_script_enabled=False)
    page.goto("/app/settings/keys/")
    page.get_by_label("Name", exact=True).fill("Nightly import")
    page.get_by_role("button", name="Make the key").click()
    secret = page.locator("#secret").input_value()
    program = Client(SERVER_NAME="127.0.0.1")
    assert program.get("/api/v1/me/", headers={"Authorization": f"Bearer {secret}"}).status_code == 200
    assert ApiKey.of(acme).get().name == "Nightly import"


def test_the_page_of_the_api_shows_and_tries_operations_within_our_policy(page_at, site_server, alice):
    page = page_at(user=alice)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto("/api/v1/docs/")
    page.wait_for_selector("#operations-me-me")
    page.locator("#operations-me-me .opblock-summary-control").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.wait_for_selector(".live-responses-table .response-col_status:has-text('200')")
    assert "alice@acme-bikes.example" in page.locator(".live-responses-table").inner_text()
    assert [url for url in asked if not url.startswith((site_server, "data:", "blob:"))] == []
