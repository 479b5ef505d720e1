"""Routes of privacy: the ledger of promises and the data map."""

from django.urls import path

from privacy.views import erasure, public

app_name = "privacy"

urlpatterns = [
    path("promises/", public.promises, name="promises"),
    path("promises.json", public.promises_json, name="promises_json"),
    path("privacy/data/", public.data_map, name="data_map"),
    # erasure
    path("privacy/erase/", erasure.erase, name="erasure_begin"),
    path("privacy/erase/<uuid:public_id>/", erasure.result, name="erasure_result"),
    path("privacy/erase/<uuid:public_id>/certificate.json", erasure.download, name="erasure_download"),
    path("privacy/erasures/", erasure.watch, name="erasure_watch"),
    path("privacy/certificate/", erasure.certificate, name="erasure_certificate"),
    path("privacy/certificate/key.pem", erasure.key, name="erasure_key"),
]
