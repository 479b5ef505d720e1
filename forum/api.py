"""Operations of the API about topics and posts: everybody reads what is public, members write as on the pages (S32)."""

import uuid
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import inline_serializer
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.response import Response

from accounts.api_base import OpenToAll, operation
from accounts.links import absolute
from accounts.models import User
from accounts.queries import PublicPerson, public_people
from accounts.staff import is_support_agent
from core.api import MAX_TEXT, TextField
from core.limits import count_use
from forum import actions, queries, threads
from forum.links import post_path, topic_path
from forum.models import Post, State, Topic
from forum.views.base import sent_by_program

SHOWS = ("latest", "unanswered", "solved")
STATES = _("published, held (a moderator looks at it first), hidden or deleted")
LARGEST = 2**31 - 1  # of a post's number


# ---- what is answered -------------------------------------------------------------------------------------------
class AuthorSerializer(serializers.Serializer[Any]):
    """A member as everybody sees them (S84)."""

    name = serializers.CharField(help_text=_("The chosen name; “Deleted member” for one who is gone."))
    handle = serializers.CharField(allow_blank=True, help_text=_("What an @mention names; empty for one who is gone."))
    photo_url = serializers.SerializerMethodField()

    def get_photo_url(self, person: PublicPerson) -> str | None:
        return absolute(person.photo_url) if person.photo_url else None


class CategorySerializer(serializers.Serializer[Any]):
    """A place for topics."""

    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    is_archived = serializers.BooleanField(help_text=_("Nothing new can be written there."))
    topic_count = serializers.IntegerField()


class TopicSerializer(serializers.Serializer[Any]):
    """A topic without its posts."""

    id = serializers.UUIDField(source="public_id")
    url = serializers.SerializerMethodField()
    title = serializers.CharField()
    category = serializers.CharField(source="category.slug")
    author = serializers.SerializerMethodField()
    state = serializers.CharField(help_text=STATES)
    is_pinned = serializers.BooleanField()
    is_locked = serializers.BooleanField()
    is_solved = serializers.BooleanField()
    reply_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    last_post_at = serializers.DateTimeField()

    def get_url(self, topic: Topic) -> str:
        return absolute(topic_path(topic))

    def get_author(self, topic: Topic) -> AuthorSerializer:
        return AuthorSerializer(self.context["people"][topic.author_id]).data  # type: ignore[return-value]  # for the schema


class PostSerializer(serializers.Serializer[Any]):
    """A post. One that is hidden or deleted keeps its number and has no words."""

    number = serializers.IntegerField(help_text=_("Within its topic; 1 is the question. It never changes."))
    url = serializers.SerializerMethodField()
    author = serializers.SerializerMethodField()
    by_staff = serializers.BooleanField(help_text=_("Written by a support agent, in that role."))
    state = serializers.CharField(help_text=STATES)
    html = serializers.SerializerMethodField(help_text=_("Cleaned: it can stand in a page."))
    is_answer = serializers.SerializerMethodField()
    reply_to = serializers.IntegerField(source="reply_number", allow_null=True, help_text=_("The number it answers."))
    helpful_count = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    edited_at = serializers.DateTimeField(allow_null=True)

    def get_url(self, post: Post) -> str:
        post.topic = self.context["topic"]
        return absolute(post_path(post))

    def get_author(self, post: Post) -> AuthorSerializer:
        return AuthorSerializer(self.context["people"][post.author_id]).data  # type: ignore[return-value]  # for the schema

    def get_html(self, post: Post) -> str:
        return post.rendered if post.state in (State.PUBLISHED, State.HELD) else ""

    def get_is_answer(self, post: Post) -> bool:
        return bool(self.context["topic"].accepted_post_id == post.pk)


class OnePostSerializer(PostSerializer):
    """A post with its text as it was typed."""

    text = serializers.SerializerMethodField(help_text=_("Markdown."))

    def get_text(self, post: Post) -> str:
        return post.text if post.state in (State.PUBLISHED, State.HELD) else ""


def page_of(kind: type[serializers.Serializer[Any]], name: str, following: Any) -> Any:
    """The answer of a list: some results, and what to send as `after` for the next ones."""
    return inline_serializer(name, {"results": kind(many=True), "next": following})


# ---- what is asked ----------------------------------------------------------------------------------------------
class TopicQuery(serializers.Serializer[Any]):
    """Which topics."""

    category = serializers.SlugField(required=False, help_text=_("The slug of a category."))
    show = serializers.ChoiceField(SHOWS, default="latest", help_text=_("The last two need a category."))
    after = serializers.CharField(required=False, max_length=60, help_text=_("What the page before gave as `next`."))


class PostQuery(serializers.Serializer[Any]):
    """Which posts."""

    after = serializers.IntegerField(required=False, min_value=0, max_value=LARGEST, default=0)


class NewTopic(serializers.Serializer[Any]):
    """A question or a thought."""

    category = serializers.SlugField()
    title = TextField(help_text=_("3 to 120 characters."))
    text = TextField(help_text=_("Markdown, up to 50,000 characters."))
    by_mail = serializers.BooleanField(default=False, help_text=_("E-mail me new replies."))


class NewPost(serializers.Serializer[Any]):
    """An answer."""

    text = TextField(help_text=_("Markdown, up to 50,000 characters."))
    reply_to = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=LARGEST)
    by_mail = serializers.BooleanField(required=False, allow_null=True, default=None)


class ChangedPost(serializers.Serializer[Any]):
    """A changed post."""

    text = TextField(help_text=_("Markdown, up to 50,000 characters."))
    title = TextField(required=False, help_text=_("Of the topic; only with its first post."))


class AcceptedAnswer(serializers.Serializer[Any]):
    """Which post answers the question."""

    number = serializers.IntegerField(min_value=2, max_value=LARGEST)


def read(kind: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """What was sent, checked. Raises ValidationError."""
    asked = kind(data=data)
    asked.is_valid(raise_exception=True)
    return dict(asked.validated_data)


NOT_THERE = {404: _("`not_found`: there is none, or you may not see it.")}
WRITES = {
    400: _(
        "`gaps`: choose a public name and give your age first. `not_warned`: confirm the note on the forum's page"
        " first. `empty`, `no_title`, `too_long`, `archived`, `locked`, `answered`; `invalid`: see `fields`."
    ),
    **NOT_THERE,
}


class ForumView(OpenToAll):
    """What the operations of the forum share."""

    writes = "forum.write"
    max_body = MAX_TEXT

    def is_agent(self) -> bool:
        """Whether a support agent asks, in the browser: a key has shown no second factor."""
        return self.request.auth is None and self.request.user is not None and is_support_agent(self.request.user)

    def topic(self, public_id: uuid.UUID) -> Topic:
        return queries.find_topic_for(self.request.user, public_id, sees_all=self.is_agent())

    def own_post(self, public_id: uuid.UUID, number: int) -> Post:
        return queries.find_own_post(self.request.user, public_id, min(number, LARGEST))

    def member(self, limit: str) -> User:
        """Who writes; counts the use. Only for methods that `initial` keeps for members."""
        user: User = self.request.user
        count_use(limit, f"user:{user.pk}")
        return user


def told_post(post: Post, topic: Topic) -> dict[str, Any]:
    """One post as an answer."""
    people = threads.people_of([topic, post])
    if not hasattr(post, "reply_number"):
        number = post.reply_to.number if post.reply_to is not None else None
        post.reply_number = number  # type: ignore[attr-defined]  # as `list_posts` has it
    return dict(OnePostSerializer(post, context={"topic": topic, "people": people}).data)


# ---- categories and topics --------------------------------------------------------------------------------------
class Categories(ForumView):
    """The places for topics."""

    @operation(
        _("List categories"),
        answers={200: inline_serializer("CategoryList", {"results": CategorySerializer(many=True)})},
        operation_id="list_categories",
        tags=["forum"],
    )
    def get(self, request: Any) -> Response:
        return Response({"results": CategorySerializer(queries.list_categories(), many=True).data})


class Topics(ForumView):
    """Topics, the newest post first."""

    @operation(_("List topics"), operation_id="list_topics", tags=["forum"], parameters=[TopicQuery],
               answers={200: page_of(TopicSerializer, "TopicPage", serializers.CharField(allow_null=True))},
               errors={400: _("`invalid`: see `fields`."), **NOT_THERE})  # fmt: skip
    def get(self, request: Any) -> Response:
        asked = read(TopicQuery, request.query_params)
        category = queries.find_category(asked["category"]) if "category" in asked else None
        place = queries.read_place(asked["after"]) if "after" in asked else None
        if "after" in asked and place is None:
            raise ValidationError({"after": [_("This is not a place that a page gave.")]})
        if category is None and asked["show"] != "latest":
            raise ValidationError({"category": [_("Name a category.")]})
        page = queries.list_topics(category=category, show=asked["show"], after=place)
        if category is not None:
            for topic in page.topics:
                topic.category = category
        context = {"people": threads.people_of(page.topics)}
        results = TopicSerializer(page.topics, many=True, context=context).data
        return Response({"results": results, "next": page.next_place or None})

    @operation(_("Start a topic"), request=NewTopic, answers={201: TopicSerializer}, errors=WRITES,
               operation_id="start_topic", tags=["forum"])  # fmt: skip
    def post(self, request: Any) -> Response:
        asked, user = read(NewTopic, request.data), self.member("forum.topics")
        topic = actions.start_topic(
            author=user, category=queries.find_category(asked["category"]), title=asked["title"], text=asked["text"],
            by_mail=asked["by_mail"], by_staff=self.is_agent(), sent=sent_by_program(request),
        )  # fmt: skip
        topic.refresh_from_db()
        return Response(TopicSerializer(topic, context={"people": public_people([user.pk])}).data, status=201)


class OneTopic(ForumView):
    """One topic."""

    @operation(_("Read a topic"), answers={200: TopicSerializer}, errors=NOT_THERE,
               operation_id="read_topic", tags=["forum"])  # fmt: skip
    def get(self, request: Any, public_id: uuid.UUID) -> Response:
        topic = self.topic(public_id)
        return Response(TopicSerializer(topic, context={"people": threads.people_of([topic])}).data)


class Answer(ForumView):
    """Which post answers the question: said by who asked."""

    @operation(_("Accept an answer"), request=AcceptedAnswer, answers={204: None}, errors=WRITES,
               operation_id="accept_answer", tags=["forum"])  # fmt: skip
    def put(self, request: Any, public_id: uuid.UUID) -> Response:
        asked, user = read(AcceptedAnswer, request.data), self.member("forum.marks")
        agent = self.is_agent()
        post = queries.find_post_for(user, public_id, asked["number"], sees_all=agent)
        actions.accept_answer(topic=post.topic, post=post, by=user, by_staff=agent)
        return Response(status=204)

    @operation(_("Take the answer back"), answers={204: None}, errors=NOT_THERE,
               operation_id="withdraw_answer", tags=["forum"])  # fmt: skip
    def delete(self, request: Any, public_id: uuid.UUID) -> Response:
        user = self.member("forum.marks")
        actions.accept_answer(topic=self.topic(public_id), post=None, by=user, by_staff=self.is_agent())
        return Response(status=204)


# ---- posts ------------------------------------------------------------------------------------------------------
class Posts(ForumView):
    """The posts of a topic, in their order."""

    @operation(_("List posts"), operation_id="list_posts", tags=["forum"], parameters=[PostQuery],
               answers={200: page_of(PostSerializer, "PostPage", serializers.IntegerField(allow_null=True))},
               errors={400: _("`invalid`: see `fields`."), **NOT_THERE})  # fmt: skip
    def get(self, request: Any, public_id: uuid.UUID) -> Response:
        after = read(PostQuery, request.query_params)["after"]
        topic, number = self.topic(public_id), queries.page_of(after + 1)
        lines, stale = threads.read_lines(topic, number, request.user, sees_all=self.is_agent())
        if stale:
            actions.store_rendered(posts=stale)
        posts = [line.post for line in lines if line.post.number > after]
        people = {line.post.author_id: line.person for line in lines}
        end = number * queries.POSTS_A_PAGE
        results = PostSerializer(posts, many=True, context={"topic": topic, "people": people}).data
        return Response({"results": results, "next": end if end < topic.last_number else None})

    @operation(_("Answer in a topic"), request=NewPost, answers={201: OnePostSerializer}, errors=WRITES,
               operation_id="add_post", tags=["forum"])  # fmt: skip
    def post(self, request: Any, public_id: uuid.UUID) -> Response:
        asked, user = read(NewPost, request.data), self.member("forum.posts")
        agent, topic, answered = self.is_agent(), self.topic(public_id), None
        if asked.get("reply_to"):
            answered = queries.find_post_for(user, public_id, asked["reply_to"], sees_all=agent)
        post = actions.add_post(
            author=user, topic=topic, text=asked["text"], reply_to=answered, by_mail=asked["by_mail"], by_staff=agent,
            sent=sent_by_program(request),
        )  # fmt: skip
        return Response(told_post(post, topic), status=201)


class OnePost(ForumView):
    """One post."""

    @operation(_("Read a post"), answers={200: OnePostSerializer}, errors=NOT_THERE,
               operation_id="read_post", tags=["forum"])  # fmt: skip
    def get(self, request: Any, public_id: uuid.UUID, number: int) -> Response:
        post = queries.find_post_for(request.user, public_id, min(number, LARGEST), sees_all=self.is_agent())
        return Response(told_post(post, post.topic))

    @operation(_("Change a post of mine"), request=ChangedPost, answers={200: OnePostSerializer}, errors=WRITES,
               operation_id="edit_post", tags=["forum"])  # fmt: skip
    def patch(self, request: Any, public_id: uuid.UUID, number: int) -> Response:
        asked, user = read(ChangedPost, request.data), self.member("forum.posts")
        post = actions.edit_post(
            post=self.own_post(public_id, number), editor=user, text=asked["text"], title=asked.get("title"),
            by_staff=self.is_agent(),
        )  # fmt: skip
        post.topic.refresh_from_db()
        return Response(told_post(post, post.topic))

    @operation(_("Remove a post of mine"), answers={204: None}, errors=WRITES,
               operation_id="delete_post", tags=["forum"])  # fmt: skip
    def delete(self, request: Any, public_id: uuid.UUID, number: int) -> Response:
        user = self.member("forum.posts")
        actions.delete_own_post(post=self.own_post(public_id, number), author=user)
        return Response(status=204)


class Helpful(ForumView):
    """Whether a post helped me."""

    @operation(_("Find a post helpful"), answers={204: None}, errors=NOT_THERE,
               operation_id="find_helpful", tags=["forum"])  # fmt: skip
    def put(self, request: Any, public_id: uuid.UUID, number: int) -> Response:
        return self._react(public_id, number, is_on=True)

    @operation(_("Take that back"), answers={204: None}, errors=NOT_THERE,
               operation_id="find_not_helpful", tags=["forum"])  # fmt: skip
    def delete(self, request: Any, public_id: uuid.UUID, number: int) -> Response:
        return self._react(public_id, number, is_on=False)

    def _react(self, public_id: uuid.UUID, number: int, *, is_on: bool) -> Response:
        user = self.member("forum.marks")
        post = queries.find_post_for(user, public_id, min(number, LARGEST), sees_all=self.is_agent())
        actions.react(post=post, user=user, is_on=is_on)
        return Response(status=204)
