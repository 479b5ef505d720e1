"""Routes of the chat app."""

from django.urls import path

from chat import pages, views, websites

app_name = "chat"

urlpatterns = [
    path("widget/frame/<str:key>/", views.frame, name="frame"),
    path("widget/open/", views.open_widget, name="open_widget"),
    path("widget/data/", views.read_kept, name="kept"),
    path("widget/download/", views.download_kept, name="download"),
    path("widget/delete/", views.delete_kept, name="delete"),
    path("app/ticket/", views.ticket, name="ticket"),
    path("app/chats/", pages.console, name="console"),
    path("app/chats/<uuid:public_id>/", pages.console, name="chat"),
    path("app/visitors/", pages.visitors, name="visitors"),
    path("app/archive/", pages.archive, name="archive"),
    path("app/archive/<uuid:public_id>/", pages.archive, name="transcript"),
    path("app/archive/<uuid:public_id>/text/", pages.transcript_text, name="transcript_text"),
    path("app/settings/widget/", websites.widget_settings, name="widget_settings"),
    path("app/settings/widget/add/", websites.add, name="website_add"),
    path("app/settings/widget/<str:key>/", websites.widget_settings, name="website"),
    path("app/settings/widget/<str:key>/remove/", websites.remove, name="website_remove"),
]
