"""Routes of privacy: the ledger of promises and the data map."""

from django.urls import path

from privacy.views import disclosures, public, recipients, security

app_name = "privacy"

urlpatterns = [
    path("promises/", public.promises, name="promises"),
    path("promises.json", public.promises_json, name="promises_json"),
    path("privacy/data/", public.data_map, name="data_map"),
    path("privacy/recipients/", recipients.recipients, name="ledger_recipients"),
    path("security/", security.security, name="ledger_security"),
    path(".well-known/security.txt", security.security_txt, name="ledger_security_txt"),
    path("staff/disclosures/", disclosures.disclosures, name="ledger_disclosures"),
    path("staff/disclosures/<uuid:public_id>/", disclosures.disclosure, name="ledger_disclosure"),
    path("staff/disclosures/<uuid:public_id>/approve/", disclosures.approve, name="ledger_approve"),
    path("staff/disclosures/<uuid:public_id>/sent/", disclosures.send, name="ledger_sent"),
    path("staff/disclosures/<uuid:public_id>/tell/", disclosures.tell, name="ledger_tell"),
]
