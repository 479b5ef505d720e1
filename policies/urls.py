"""Routes of policy and terms: the text in force, each version for good, and the difference of any two."""

from django.urls import path

from policies import views

app_name = "policies"

urlpatterns = [
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
