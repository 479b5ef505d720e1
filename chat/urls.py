"""Routes of the chat app."""

from django.urls import path

from chat import archive, files, loader, pages, tool_pages, views, websites

app_name = "chat"

urlpatterns = [
    path("widget/frame/<str:key>/", views.frame, name="frame"),
    path("widget/open/", views.open_widget, name="open_widget"),
    path("widget/<str:key>.js", loader.loader, name="loader"),
    path("widget/data/", views.read_kept, name="kept"),
    path("widget/download/", views.download_kept, name="download"),
    path("widget/delete/", views.delete_kept, name="delete"),
    path("widget/files/", files.upload_of_visitor, name="file_upload_of_visitor"),
    path("widget/files/links/", files.links, name="file_links"),
    path("widget/files/<uuid:public_id>/", files.download_of_visitor, name="file_of_visitor"),
    path("app/files/", files.upload, name="file_upload"),
    path("app/files/<uuid:public_id>/", files.download, name="file"),
    path("app/ticket/", views.ticket, name="ticket"),
    path("app/chats/", pages.console, name="console"),
    path("app/chats/<uuid:public_id>/", pages.console, name="chat"),
    path("app/visitors/", pages.visitors, name="visitors"),
    path("app/archive/", archive.archive, name="archive"),
    path("app/archive/chats.csv", archive.export, {"kind": "csv"}, name="archive_csv"),
    path("app/archive/chats.xlsx", archive.export, {"kind": "xlsx"}, name="archive_xlsx"),
    path("app/archive/<uuid:public_id>/", archive.archive, name="transcript"),
    path("app/archive/<uuid:public_id>/text/", archive.transcript_text, name="transcript_text"),
    path("app/find/", tool_pages.find, name="find"),
    path("app/archive/<uuid:public_id>/tags/", tool_pages.tag_one_chat, name="chat_tags"),
    path("app/archive/<uuid:public_id>/block/", tool_pages.block_add, name="block_add"),
    path("app/settings/tags/", tool_pages.tag_list, name="tags"),
    path("app/settings/tags/<int:pk>/", tool_pages.tag_edit, name="tag"),
    path("app/settings/replies/", tool_pages.reply_list, name="replies"),
    path("app/settings/replies/<uuid:public_id>/", tool_pages.reply_edit, name="reply"),
    path("app/settings/replies/<uuid:public_id>/delete/", tool_pages.reply_delete, name="reply_delete"),
    path("app/settings/blocked/", tool_pages.block_list, name="blocked"),
    path("app/settings/blocked/<uuid:public_id>/lift/", tool_pages.block_lift, name="block_lift"),
    path("app/settings/widget/", websites.widget_settings, name="widget_settings"),
    path("app/settings/widget/add/", websites.add, name="website_add"),
    path("app/settings/widget/<str:key>/", websites.widget_settings, name="website"),
    path("app/settings/widget/<str:key>/remove/", websites.remove, name="website_remove"),
]
