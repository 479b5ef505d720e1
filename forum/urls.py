"""Routes of the forum."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from forum import api
from forum.views import decisions, feeds, marks, moderation, reading, writing


class PlaceWord(StringConverter):
    """Where to go in a topic."""

    regex = "last|unread"


class TabWord(StringConverter):
    """A part of the moderators' queue."""

    regex = "new|links|spam|reports|objections"


register_converter(PlaceWord, "forum_place")
register_converter(TabWord, "forum_tab")
app_name = "forum"

TOPIC = "forum/t/<uuid:public_id>/"
POST = f"{TOPIC}p/<int:number>/"
API = "api/v1/support/"
ONE = f"{API}topics/<uuid:public_id>/"
urlpatterns = [
    path("forum/", reading.index, name="index"),
    path("forum/all/", reading.everything, name="everything"),
    path("forum/new/", writing.new_topic, name="new"),
    path("forum/c/<slug:slug>/", reading.category, name="category"),
    path("forum/c/<slug:slug>/new/", writing.new_topic, name="new_in"),
    path("forum/c/<slug:slug>/watch/", marks.watch_category, name="watch_category"),
    path("forum/c/<slug:slug>/feed.atom", feeds.category_feed, name="category_feed"),
    path("forum/feed.atom", feeds.site_feed, name="feed"),
    path("forum/sitemap.xml", feeds.site_map, name="map"),
    path("forum/sitemap-<int:page>.xml", feeds.map_page, name="map_page"),
    path("robots.txt", feeds.robots, name="robots"),
    path(TOPIC, reading.topic, name="topic_short"),
    path(f"{TOPIC}feed.atom", feeds.topic_feed, name="topic_feed"),
    path(f"{TOPIC}go/<forum_place:where>/", reading.go, name="go"),
    path(f"{TOPIC}reply/", writing.reply, name="reply"),
    path(f"{TOPIC}watch/", marks.watch_topic, name="watch_topic"),
    path(POST, reading.post, name="post"),
    path(f"{POST}edit/", writing.edit, name="edit"),
    path(f"{POST}delete/", writing.delete, name="delete"),
    path(f"{POST}history/", reading.history, name="history"),
    path(f"{POST}helpful/", marks.helpful, name="helpful"),
    path(f"{POST}answer/", marks.accept, name="accept"),
    path(f"{POST}report/", decisions.report, name="report"),
    path(f"{TOPIC}<slug:slug>/", reading.topic, name="topic"),
    path("forum/draft/", writing.save_draft, name="save_draft"),
    path("forum/drafts/", writing.drafts, name="drafts"),
    path("forum/drafts/<uuid:public_id>/remove/", writing.forget_draft, name="forget_draft"),
    path("forum/mine/", marks.mine, name="mine"),
    path("forum/mine/leaving/", marks.choose, name="choose"),
    path("forum/members/<slug:handle>/", reading.member, name="member"),
    path("forum/decisions/", decisions.decisions, name="decisions"),
    path("forum/decisions/<uuid:public_id>/", decisions.decision, name="decision"),
    path("forum/moderation/", moderation.queue, name="moderation"),
    path("forum/moderation/log/", moderation.log, name="moderation_log"),
    path("forum/moderation/suspended/", moderation.suspended, name="suspended"),
    path("forum/moderation/act/", moderation.act, name="act"),
    path("forum/moderation/act/<uuid:public_id>/undo/", moderation.undo, name="undo"),
    path("forum/moderation/act/<uuid:public_id>/answer/", moderation.answer, name="answer"),
    path("forum/moderation/<forum_tab:tab>/", moderation.queue, name="moderation_tab"),
    path("forum/stop/<str:token>/", marks.stop, name="stop"),
    path(f"{API}categories/", api.Categories.as_view(), name="api_categories"),
    path(f"{API}topics/", api.Topics.as_view(), name="api_topics"),
    path(ONE, api.OneTopic.as_view(), name="api_topic"),
    path(f"{ONE}answer/", api.Answer.as_view(), name="api_answer"),
    path(f"{ONE}posts/", api.Posts.as_view(), name="api_posts"),
    path(f"{ONE}posts/<int:number>/", api.OnePost.as_view(), name="api_post"),
    path(f"{ONE}posts/<int:number>/helpful/", api.Helpful.as_view(), name="api_helpful"),
]
