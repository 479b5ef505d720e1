"""Routes of requests: the support centre, the agents' desk, the API."""

from django.urls import path

from support import api
from support.views import access, desk, public, settings

app_name = "support"

urlpatterns = [
    path("support/", public.home, name="home"),
    path("support/requests/", public.mine, name="mine"),
    path("support/requests/new/", public.new, name="new"),
    path("support/requests/suggest/", public.suggest, name="suggest"),
    path("support/requests/lost/", public.lost, name="lost"),
    path("support/requests/open/<str:secret>/", public.open_by_link, name="open"),
    path("support/requests/<int:number>/", public.show, name="request"),
    path("support/requests/<int:number>/sent/", public.sent, name="sent"),
    path("support/requests/<int:number>/reply/", public.reply, name="reply"),
    path("support/requests/<int:number>/close/", public.close, name="close"),
    path("support/requests/<int:number>/reopen/", public.reopen, name="reopen"),
    path("support/requests/<int:number>/rate/", public.rate, name="rate"),
    path("support/files/<uuid:public_id>/", public.file, name="file"),
    path("support/desk/", desk.desk, name="desk"),
    path("support/desk/bulk/", desk.bulk, name="bulk"),
    path("support/desk/replies/", settings.replies, name="replies"),
    path("support/desk/replies/<int:pk>/", settings.replies, name="saved_reply"),
    path("support/desk/replies/<int:pk>/delete/", settings.delete_reply, name="delete_reply"),
    path("support/desk/hours/", settings.hours, name="hours"),
    path("support/desk/files/<uuid:public_id>/", desk.file, name="desk_file"),
    path("support/desk/<int:number>/", desk.show, name="desk_request"),
    path("support/desk/<int:number>/looking/", desk.looking, name="looking"),
    path("support/desk/<int:number>/answer/", desk.answer, name="answer"),
    path("support/desk/<int:number>/change/", desk.change, name="change"),
    path("support/desk/<int:number>/delete/", desk.delete, name="delete"),
    path("app/settings/staff-access/", access.access, name="access"),
    path("app/settings/staff-access/<uuid:public_id>/end/", access.end, name="access_end"),
    path("staff/accounts/", access.grants, name="staff_grants"),
    path("staff/accounts/emergency/", access.ask, name="emergency"),
    path("staff/accounts/emergency/<uuid:public_id>/", access.approve, name="emergency_approve"),
    path("staff/accounts/<slug:slug>/chats/", access.chats, name="staff_chats"),
    path("staff/accounts/<slug:slug>/chats/<uuid:public_id>/", access.chat, name="staff_chat"),
    path("api/v1/support/requests/", api.Requests.as_view(), name="api_requests"),
    path("api/v1/support/requests/<int:number>/", api.OneRequest.as_view(), name="api_request"),
    path("api/v1/support/requests/<int:number>/replies/", api.Replies.as_view(), name="api_replies"),
    path("api/v1/support/files/<uuid:public_id>/", api.File.as_view(), name="api_file"),
    path("api/v1/support/requests/<int:number>/close/", api.Close.as_view(), name="api_close"),
    path("api/v1/support/requests/<int:number>/reopen/", api.Reopen.as_view(), name="api_reopen"),
    path("api/v1/support/requests/<int:number>/rating/", api.Rating.as_view(), name="api_rating"),
]
