"""Routes of privacy: the ledger of promises and the data map."""

from django.urls import path

from privacy.views import (
    case_erasure,
    cases,
    disclosures,
    erasure,
    history,
    proving,
    public,
    queue,
    recipients,
    security,
    versions,
    your_data,
)

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
    path("privacy/", your_data.your_data, name="yourdata"),
    path("privacy/start/", proving.start, name="yourdata_start"),
    path("privacy/start/code/", proving.code, name="yourdata_code"),
    path("privacy/start/forget/", proving.forget, name="yourdata_forget"),
    path("privacy/copies/", your_data.ask_copy, name="yourdata_ask"),
    path("privacy/copies/<uuid:public_id>/", your_data.copy, name="yourdata_copy"),
    path("privacy/copies/<uuid:public_id>/file/", your_data.copy_file, name="yourdata_file"),
    path("privacy/kinds/<str:model>/", your_data.kind, name="yourdata_kind"),
    # cases
    path("privacy/requests/", cases.mine, name="cases"),
    path("privacy/requests/new/", cases.new, name="case_new"),
    path("privacy/requests/confirm/<str:token>/", cases.confirm, name="case_confirm"),
    path("privacy/requests/c/<str:secret>/", cases.page, name="case_page"),
    path("privacy/requests/c/<str:secret>/withdraw/", cases.withdraw_by_link, name="case_page_withdraw"),
    path("privacy/requests/<uuid:public_id>/withdraw/", cases.withdraw, name="case_withdraw"),
    path("privacy/queue/", queue.queue, name="queue"),
    path("privacy/queue/<int:number>/", queue.queue_case, name="queue_case"),
    path("app/settings/cases/", queue.account_queue, name="account_queue"),
    path("app/settings/cases/<int:number>/", queue.account_case, name="account_case"),
    path("app/settings/cases/<int:number>/erase/", case_erasure.account_erasure, name="account_erasure"),
    # erasure
    path("privacy/erase/", erasure.erase, name="erasure_begin"),
    path("privacy/erase/<uuid:public_id>/", erasure.result, name="erasure_result"),
    path("privacy/erase/<uuid:public_id>/certificate.json", erasure.download, name="erasure_download"),
    path("privacy/erasures/", erasure.watch, name="erasure_watch"),
    path("privacy/certificate/", erasure.certificate, name="erasure_certificate"),
    path("privacy/certificate/key.pem", erasure.key, name="erasure_key"),
    path("privacy/recipients/", recipients.recipients, name="ledger_recipients"),
    path("security/", security.security, name="ledger_security"),
    path(".well-known/security.txt", security.security_txt, name="ledger_security_txt"),
    path("staff/disclosures/", disclosures.disclosures, name="ledger_disclosures"),
    path("staff/disclosures/<uuid:public_id>/", disclosures.disclosure, name="ledger_disclosure"),
    path("staff/disclosures/<uuid:public_id>/approve/", disclosures.approve, name="ledger_approve"),
    path("staff/disclosures/<uuid:public_id>/sent/", disclosures.send, name="ledger_sent"),
    path("staff/disclosures/<uuid:public_id>/tell/", disclosures.tell, name="ledger_tell"),
]
