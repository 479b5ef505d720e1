"""The pages before one is in: the start page, log-in, sign-up, and what is not there."""

from typing import Any

from tests.looks.look import Look

NO_PRICE = "no price is asked for: billing is a later order"

TYPED_ADDRESS = "an address that a visitor types would be asked by our server: administrators add the issuer"


def submit_empty(page: Any) -> None:
    """Sends the sign-up form with most fields empty."""
    page.evaluate("document.querySelector('main form').noValidate = true")
    page.fill("[name=name]", "Ada")
    page.click("main form button[type=submit]")
    page.wait_for_selector(".error-summary")


def press_facebook(page: Any) -> None:
    """Opens the page that leads to a service, and stays on it: the service is not asked."""
    page.route("https://www.facebook.com/**", lambda route: route.fulfill(status=204))
    page.get_by_role("button", name="Continue with Facebook").click()
    page.get_by_role("heading", name="On to Facebook").wait_for()


DOOR: list[Look] = [
    Look(
        "landing",
        "/",
        "landing",
        left_out={
            "area": "the report chart is a later order", "chart": "the report chart is a later order",
            "gridline": "the report chart is a later order", "line-1": "the report chart is a later order",
            "cookie-note": "there is nothing to consent to: only needed cookies exist",
            "launcher": "our own support chat is a later order",
            "price": NO_PRICE, "price-tag": NO_PRICE,
            "quote": "no customer has said anything yet", "quote-row": "no customer has said anything yet",
            "sub": "no customer has said anything yet", "why": "no customer has said anything yet",
            "late": "shown only while a check is late or broken",
        },
    ),
    Look("signup", "/account/signup/", "signup"),
    Look("signup-errors", "/account/signup/", "signup-errors", before=submit_empty),
    Look(
        "login", "/account/login/", "login",
        left_out=dict.fromkeys(("openid", "more", "panel", "panel-body", "hint"), TYPED_ADDRESS),
    ),
    Look("to-provider", "/account/login/", before=press_facebook),
    Look("password-reset", "/account/password/reset/"),
    Look("not-found", "/nothing/is/here/", status=404),
]  # fmt: skip
