"""Routes of a person's own pages."""

from django.urls import path

from accounts import api, in_public, leaving, my_profile, sign_in, views, ways_in

app_name = "accounts"
urlpatterns = [
    path("app/profile/", views.profile, name="profile"),
    path("app/profile/public/", in_public.member, name="member"),
    path("app/profile/blocks/add/<slug:handle>/", in_public.block, name="block"),
    path("app/profile/blocks/<int:pk>/remove/", in_public.unblock, name="unblock"),
    path("app/company/", views.company, name="company"),
    path("app/switch/", views.switch, name="switch"),
    path("app/profile/photo/", my_profile.change_photo, name="change_photo"),
    path("app/profile/photo/remove/", my_profile.remove_photo, name="remove_photo"),
    path("app/profile/sessions/end/", my_profile.end_sessions, name="end_sessions"),
    path("app/profile/connections/<int:pk>/disconnect/", sign_in.disconnect, name="disconnect"),
    path("account/with/<slug:slug>/", sign_in.start, name="sign_in_with"),
    path("account/with/<slug:slug>/back/", sign_in.back, name="sign_in_back"),
    path("app/profile/data.json", leaving.export_person, name="export_person"),
    path("app/profile/leave/", leaving.leave, name="leave"),
    path("app/account/data.zip", leaving.export_account, name="export_account"),
    path("app/account/close/", leaving.close_account, name="close_account"),
    path("app/account/reopen/", leaving.reopen_account, name="reopen_account"),
    path("app/photos/<str:key>/<int:size>/", my_profile.photo, name="photo"),
    path("members/photo/<str:key>/", my_profile.members_photo, name="member_photo"),
    path("widget/photo/<str:key>/", my_profile.operators_photo, name="operators_photo"),
    path("come-back/<str:token>/", leaving.come_back, name="come_back"),
    path("app/settings/access/", ways_in.access, name="access"),
    path("app/settings/access/add/", ways_in.add_rule, name="access_add"),
    path("app/settings/access/<uuid:public_id>/remove/", ways_in.remove_rule, name="access_remove"),
    path("app/access/recover/", ways_in.ask_recovery, name="ask_recovery"),
    path("app/access/recover/<str:token>/", ways_in.recover, name="recover"),
    path("app/settings/keys/", ways_in.keys, name="keys"),
    path("app/settings/keys/<uuid:public_id>/revoke/", ways_in.revoke_key, name="key_revoke"),
    path("api/v1/me/", api.Me.as_view(), name="api_me"),
    path("api/v1/me/photo/", api.MyPhoto.as_view(), name="api_photo"),
    path("api/v1/support/preview/", api.Preview.as_view(), name="api_preview"),
    path("api/v1/schema/", api.Schema.as_view(), name="api_schema"),
    path("api/v1/docs/", api.docs, name="api_docs"),
]
