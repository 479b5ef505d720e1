"""Routes of policy and terms (in force, each version for good, the difference of any two) and of receipts."""

from django.urls import path

from policies import cookie_pages, receipt_pages, views

app_name = "policies"

urlpatterns = [
    path("cookies/", cookie_pages.cookies, name="cookies"),
    path("cookies/receipt.json", cookie_pages.cookies_receipt, name="cookies_receipt"),
    path("privacy/receipts/", receipt_pages.receipts, name="receipts"),
    path("privacy/receipts/<uuid:public_id>/", receipt_pages.receipt, name="receipt"),
    path("privacy/receipts/<uuid:public_id>/withdraw/", receipt_pages.withdraw, name="receipt_withdraw"),
]
urlpatterns += [
    route
    for kind in ("policy", "terms")
    for route in (
        path(f"{kind}/", views.read, {"kind": kind}, name=kind),
        path(f"{kind}/versions/<int:number>/", views.read, {"kind": kind}, name=f"{kind}_version"),
        path(f"{kind}/versions/<int:number>/checks/", views.checks, {"kind": kind}, name=f"{kind}_checks"),
        path(f"{kind}/diff/", views.compare, {"kind": kind}, name=f"{kind}_compare"),
        path(f"{kind}/diff/<int:old>/<int:new>/", views.diff, {"kind": kind}, name=f"{kind}_diff"),
        path(f"{kind}/accept/", views.accept, {"kind": kind}, name=f"{kind}_accept"),
    )
]
