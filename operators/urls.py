"""Routes of the team page and of invitations."""

from django.urls import path

from operators import api, group_pages, import_pages, views

app_name = "operators"
urlpatterns = [
    path("app/team/", views.team, name="team"),
    path("app/team/invite/", views.invite, name="invite"),
    path("app/team/people/<uuid:person>/edit/", views.edit_member, name="edit_member"),
    path("app/team/people/<uuid:person>/remove/", views.remove_member, name="remove_member"),
    path("app/team/people/<uuid:person>/hand-over/", views.hand_over, name="hand_over"),
    path("app/team/leave/", views.leave, name="leave"),
    path("app/team/invitations/<uuid:public_id>/again/", views.send_again, name="send_again"),
    path("app/team/invitations/<uuid:public_id>/link/", views.copy_link, name="copy_link"),
    path("app/team/invitations/<uuid:public_id>/withdraw/", views.withdraw, name="withdraw"),
    path("app/settings/groups/", group_pages.groups, name="groups"),
    path("app/settings/groups/add/", group_pages.add_group, name="group_add"),
    path("app/settings/groups/<uuid:public_id>/", group_pages.edit_group, name="group"),
    path("app/settings/groups/<uuid:public_id>/delete/", group_pages.remove_group, name="group_delete"),
    path("app/settings/hours/", group_pages.hours, name="hours"),
    path("app/settings/hours/<uuid:public_id>/", group_pages.hours, name="group_hours"),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("invitation/<str:token>/remove/", views.remove_address, name="remove_address"),
    path("app/team/import/", import_pages.upload, name="import"),
    path("app/team/import/template/", import_pages.template, name="import_template"),
    path("app/team/import/<uuid:public_id>/", import_pages.preview, name="import_preview"),
    path("app/team/import/<uuid:public_id>/result/", import_pages.result, name="import_result"),
    path("app/team/import/<uuid:public_id>/verdicts/", import_pages.verdicts, name="import_verdicts"),
    path("api/v1/operators/imports/", api.Imports.as_view(), name="api_imports"),
    path("api/v1/operators/imports/<uuid:public_id>/", api.Import.as_view(), name="api_import"),
    path("api/v1/operators/imports/<uuid:public_id>/confirm/", api.ConfirmImport.as_view(), name="api_import_confirm"),
]
