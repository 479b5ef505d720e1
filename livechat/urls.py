"""All routes of the site."""

from django.contrib import admin
from django.urls import include, path

from accounts.api import Nowhere
from accounts.sign_in import consent_refused, join
from livechat.views import landing
from livechat.views_figures import figures

handler500 = "livechat.views.failed"  # also for a database that is away
handler429 = "accounts.views.too_many"  # for django-allauth
urlpatterns = [
    path("", landing, name="landing"),
    path("account/", include("allauth.account.urls")),
    path("account/2fa/", include("allauth.mfa.urls")),
    path("account/sessions/", include("allauth.usersessions.urls")),
    path("account/join/", join, name="socialaccount_signup"),  # by these names django-allauth finds them
    path("account/join/refused/", consent_refused, name="socialaccount_login_cancelled"),
    path("admin/", admin.site.urls),
    path("", include("livechat.urls_ops")),
    path("", include("accounts.urls")),
    path("", include("operators.urls")),
    path("", include("chat.urls")),
    path("", include("support.urls")),
    path("", include("enforcement.urls")),
    path("", include("forum.urls")),
    path("", include("surveys.urls")),
    path("", include("notifications.urls")),
    path("", include("policies.urls")),
    path("", include("analytics.urls")),
    path("privacy/figures/", figures, name="figures"),
    path("", include("privacy.urls")),
    path("", include("facts.urls")),
    path("", include("reports.urls")),
    path("api/<path:rest>", Nowhere.as_view(), name="api_nowhere"),  # after every operation
]
