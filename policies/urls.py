"""Routes of policy and terms (in force, each version for good, the difference of any two) and of receipts."""

import datetime

from django.urls import path, register_converter

from policies import cookie_pages, receipt_pages, views


class Day:
    """A day as YYYY-MM-DD."""

    regex = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> datetime.date:
        return datetime.date.fromisoformat(value)  # a ValueError: no such page

    def to_url(self, value: datetime.date | str) -> str:
        return str(value)


register_converter(Day, "day")

app_name = "policies"

urlpatterns = [
    path("cookies/", cookie_pages.cookies, name="cookies"),
    path("cookies/receipt.json", cookie_pages.cookies_receipt, name="cookies_receipt"),
    path("privacy/receipts/", receipt_pages.receipts, name="receipts"),
    path("privacy/receipts/<uuid:public_id>/", receipt_pages.receipt, name="receipt"),
    path("privacy/receipts/<uuid:public_id>/withdraw/", receipt_pages.withdraw, name="receipt_withdraw"),
    path("policy/principles/", views.principles, name="principles"),
    *(
        route
        for kind in ("policy", "terms")
        for route in (
            path(f"{kind}/", views.read, {"kind": kind}, name=kind),
            path(f"{kind}/versions/<int:number>/", views.read, {"kind": kind}, name=f"{kind}_version"),
            path(f"{kind}/versions/<int:number>/checks/", views.checks, {"kind": kind}, name=f"{kind}_checks"),
            path(f"{kind}/diff/", views.compare, {"kind": kind}, name=f"{kind}_compare"),
            path(f"{kind}/diff/<int:old>/<int:new>/", views.diff, {"kind": kind}, name=f"{kind}_diff"),
            path(f"{kind}/on/", views.choose_day, {"kind": kind}, name=f"{kind}_choose_day"),
            path(f"{kind}/on/<day:day>/", views.on_day, {"kind": kind}, name=f"{kind}_on"),
            path(f"{kind}/feed/", views.feed, {"kind": kind}, name=f"{kind}_feed"),
            path(f"{kind}/accept/", views.accept, {"kind": kind}, name=f"{kind}_accept"),
        )
    ),
]
