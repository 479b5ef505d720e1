"""All routes of the site."""

from django.contrib import admin
from django.urls import include, path

from accounts.api import Nowhere
from livechat.views import landing

handler429 = "accounts.views.too_many"  # for django-allauth
urlpatterns = [
    path("", landing, name="landing"),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("livechat.urls_ops")),
    path("", include("accounts.urls")),
    path("", include("operators.urls")),
    path("", include("chat.urls")),
    path("", include("surveys.urls")),
    path("", include("notifications.urls")),
    path("", include("policies.urls")),
    path("", include("privacy.urls")),
    path("", include("facts.urls")),
    path("", include("reports.urls")),
    path("api/<path:rest>", Nowhere.as_view(), name="api_nowhere"),  # after every operation
]
