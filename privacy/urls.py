"""Routes of privacy: the ledger of promises and the data map."""

from django.urls import path

from privacy.views import history, public, versions

app_name = "privacy"

urlpatterns = [
    path("promises/", public.promises, name="promises"),
    path("promises.json", public.promises_json, name="promises_json"),
    path("promises.svg", history.badge, name="promises_badge"),
    path("promises/history/", history.history, name="promises_history"),
    path("promises/history/<slug:key>/", history.history_of, name="promises_history_of"),
    path("promises/run/", history.run_now, name="promises_run"),
    path("privacy/accepted/", versions.who_accepted, name="policy_who_accepted"),
    path("privacy/data/", public.data_map, name="data_map"),
]
