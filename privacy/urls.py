"""Routes of privacy: the ledger of promises and the data map."""

from django.urls import path

from privacy.views import public, recipients

app_name = "privacy"

urlpatterns = [
    path("promises/", public.promises, name="promises"),
    path("promises.json", public.promises_json, name="promises_json"),
    path("privacy/data/", public.data_map, name="data_map"),
    path("privacy/recipients/", recipients.recipients, name="ledger_recipients"),
]
