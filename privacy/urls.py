"""Routes of privacy: the ledger of promises and the data map."""

from django.urls import path

from privacy.views import proving, public, your_data

app_name = "privacy"

urlpatterns = [
    path("promises/", public.promises, name="promises"),
    path("promises.json", public.promises_json, name="promises_json"),
    path("privacy/data/", public.data_map, name="data_map"),
    path("privacy/", your_data.your_data, name="yourdata"),
    path("privacy/start/", proving.start, name="yourdata_start"),
    path("privacy/start/code/", proving.code, name="yourdata_code"),
    path("privacy/start/forget/", proving.forget, name="yourdata_forget"),
    path("privacy/copies/", your_data.ask_copy, name="yourdata_ask"),
    path("privacy/copies/<uuid:public_id>/", your_data.copy, name="yourdata_copy"),
    path("privacy/copies/<uuid:public_id>/file/", your_data.copy_file, name="yourdata_file"),
    path("privacy/kinds/<str:model>/", your_data.kind, name="yourdata_kind"),
]
