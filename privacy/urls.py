"""Routes of privacy: the ledger of promises and the data map."""

from django.urls import path

from privacy import views

app_name = "privacy"

urlpatterns = [
    path("promises/", views.promises, name="promises"),
    path("promises.json", views.promises_json, name="promises_json"),
    path("privacy/data/", views.data_map, name="data_map"),
]
