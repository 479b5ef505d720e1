"""Pages of the moderators: the queue, the log, who is suspended; and the one door through which they act."""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.queries import find_member
from accounts.staff import agents_only
from core.errors import Refused, not_found
from core.limits import limited, person_or_address
from forum.actions import moderating, placing, undoing
from forum.models import ModerationAct, Post, Topic
from forum.moderation_forms import WITH_DATE, WITH_MEMBER, WITH_POSTS, ActForm, SentenceForm, default_until, reasons_for
from forum.queries import moderation as queries

Kind = ModerationAct.Kind
ANSWERS = {"grant": True, "decline": False}


@agents_only
@require_safe
@never_cache
def queue(request: HttpRequest, tab: str = "all") -> HttpResponse:
    """What waits for a moderator: held posts, reports, objections; oldest first."""
    after = queries.read_place(request.GET.get("after", ""))
    page = queries.list_queue(tab, after, request.user)  # type: ignore[arg-type]  # agents_only: signed in
    counts = queries.count_queue()
    decisions, _next = queries.list_log(size=queries.LAST)
    today = timezone.localdate()
    context = {
        "tab": tab,
        "tabs": _tabs(counts),
        "page": page,
        "count": counts["all"],
        "decisions": decisions,
        "is_first": after is None,
        "reasons": {kind.value: reasons_for(kind) for kind in Kind},
        "until": {kind.value: default_until(kind, today).isoformat() for kind in WITH_DATE},
    }
    return render(request, "forum/moderation.html", context)


def _tabs(counts: dict[str, int]) -> list[dict[str, Any]]:
    words = {
        "all": _("To review"), "new": _("New members"), "links": _("Links"), "spam": _("Spam score"),
        "reports": _("Reports"), "objections": _("Objections"),
    }  # fmt: skip
    named = [
        {
            "key": key,
            "label": label,
            "count": counts[key],
            "url": reverse("forum:moderation") if key == "all" else reverse("forum:moderation_tab", args=[key]),
        }
        for key, label in words.items()
    ]
    named.append({"key": "suspended", "label": _("Suspended"), "url": reverse("forum:suspended"), "count": 0})
    named.append({"key": "log", "label": _("Log"), "url": reverse("forum:moderation_log"), "count": 0})
    return named


@agents_only
@require_safe
@never_cache
def log(request: HttpRequest) -> HttpResponse:
    """Every act, newest first, with its reason and what became of it."""
    before = request.GET.get("before", "")
    decisions, following = queries.list_log(int(before) if _is_number(before) else None)
    context = {"tab": "log", "tabs": _tabs(queries.count_queue()), "decisions": decisions, "following": following}
    return render(request, "forum/moderation_log.html", context)


@agents_only
@require_safe
@never_cache
def suspended(request: HttpRequest) -> HttpResponse:
    """Who cannot write now, until when and why."""
    context = {"tab": "suspended", "tabs": _tabs(queries.count_queue()), "decisions": queries.list_suspended()}
    return render(request, "forum/moderation_log.html", context)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


# ---- Acting ---------------------------------------------------------------------------------------------------------
@agents_only
@require_POST
@never_cache
@limited("forum.moderate", by=person_or_address)
def act(request: HttpRequest) -> HttpResponse:
    """One act on posts, a topic or a member, with its reason; goes back to the page from which it came."""
    form = ActForm(request.POST)
    if not form.is_valid():
        return _ask_again(request, form)
    try:
        done = _act(request, form.cleaned_data)
    except Refused as error:
        if error.status == 404:
            raise
        form.add_error(None, str(error.message))
        return _ask_again(request, form, status=error.status)
    messages.success(request, done)
    return redirect(_way_back(request))


def _act(request: HttpRequest, given: dict[str, Any]) -> str:
    """Does it and says what was done."""
    kind, by = given["kind"], request.user
    assert isinstance(by, User)
    why = moderating.read_why(given["reason"], given["text"])
    if kind in WITH_POSTS:
        posts = queries.find_posts(request.POST.getlist("post"))
        return _act_on_posts(kind, posts, why, by)
    if kind in WITH_MEMBER:
        return _act_on_member(request, kind, given, why, by)
    return _act_on_topic(request, kind, given, why, by)


def _act_on_posts(kind: str, posts: list[Post], why: moderating.Why, by: User) -> str:
    keys = [post.pk for post in posts]
    if kind == Kind.KEEP:
        for key in keys:
            moderating.keep_post(post=key, why=why, by=by)
        return ngettext("The post stays.", "%(n)d posts stay.", len(keys)) % {"n": len(keys)}
    count = len(moderating.act_on_posts(kind=kind, posts=keys, why=why, by=by))
    said = {
        Kind.APPROVE: ngettext(
            "Published. The author is told.", "%(n)d posts published. Their authors are told.", count
        ),
        Kind.HIDE: ngettext(
            "Hidden. The author is told why.", "%(n)d posts hidden. Their authors are told why.", count
        ),
        Kind.DELETE: ngettext(
            "Deleted. The author is told why.", "%(n)d posts deleted. Their authors are told why.", count
        ),
        Kind.RESTORE: ngettext(
            "Shown again. The author is told.", "%(n)d posts shown again. Their authors are told.", count
        ),
    }
    return said[Kind(kind)] % {"n": count}


def _act_on_member(request: HttpRequest, kind: str, given: dict[str, Any], why: moderating.Why, by: User) -> str:
    member = find_member(request.POST.get("member", ""))
    if member is None:
        raise not_found()
    refs = request.POST.getlist("post")
    post = queries.find_posts(refs)[0] if refs else None
    if post is not None and post.author_id != member.pk:
        raise not_found()
    if kind == Kind.WARN:
        moderating.warn_member(member=member, why=why, by=by, post=post)
        return _("Warned. The member reads it by mail and at the next visit.")
    if kind == Kind.SUSPEND:
        moderating.suspend_member(member=member, until=given["until"], why=why, by=by, post=post)
        return _("Suspended. The member is told until when, why, and how to object.")
    done = moderating.clean_up(member=member, days=given["days"], until=given["until"], why=why, by=by)
    count = done.posts.count()
    said = ngettext(
        "%(n)d post hidden and the member suspended. One undo brings both back.",
        "%(n)d posts hidden and the member suspended. One undo brings all of it back.",
        count,
    )
    return said % {"n": count}


def _act_on_topic(request: HttpRequest, kind: str, given: dict[str, Any], why: moderating.Why, by: User) -> str:
    topic = _find_topic(request.POST.get("topic", ""))
    if kind == Kind.MOVE:
        placing.move_topic(topic=topic.pk, category=given["category"], why=why, by=by)
        return _("Moved. Old links lead to the new place.")
    if kind == Kind.SPLIT:
        placing.split_topic(topic=topic.pk, numbers=given["numbers"], title=given["title"], why=why, by=by)
        return _("The posts stand in a topic of their own now.")
    if kind == Kind.MERGE:
        placing.merge_topics(topic=topic.pk, into=_topic_at(given["into"]).pk, why=why, by=by)
        return _("Merged. Old links lead to the other topic.")
    moderating.mark_topic(kind=kind, topic=topic.pk, why=why, by=by)
    said = {
        Kind.LOCK: _("Closed to replies."), Kind.UNLOCK: _("Open to replies again."), Kind.PIN: _("Pinned."),
        Kind.UNPIN: _("Not pinned any more."),
    }  # fmt: skip
    return said[Kind(kind)]


def _find_topic(public_id: str) -> Topic:
    try:
        found = Topic.objects.filter(public_id=UUID(public_id)).first()
    except ValueError:
        found = None
    if found is None:
        raise not_found()
    return found


def _topic_at(address: str) -> Topic:
    """The topic at an address that was copied from the browser. Raises Refused `no_topic`."""
    wrong = Refused("no_topic", _("That is no address of a topic. Open the other topic and copy its address."))
    try:
        match = resolve(urlsplit(address.strip()).path)
    except (Resolver404, ValueError) as error:
        raise wrong from error
    if match.namespace != "forum" or "public_id" not in match.kwargs:
        raise wrong
    found = Topic.objects.filter(public_id=match.kwargs["public_id"]).first()
    if found is None:
        raise wrong
    return found


@agents_only
@require_POST
@never_cache
@limited("forum.moderate", by=person_or_address)
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Takes an act back, with a reason."""
    done = _("Undone. The author is told.")
    return _say(request, public_id, done, lambda key, text, by: undoing.undo_act(act=key, text=text, by=by))


@agents_only
@require_POST
@never_cache
@limited("forum.moderate", by=person_or_address)
def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answers an objection: the act is undone, or it stays."""
    is_granted = ANSWERS.get(request.POST.get("answer", ""))
    if is_granted is None:
        raise not_found()

    def reply(key: int, text: str, by: User) -> None:
        objection = getattr(queries.find_act(public_id), "objection", None)
        if objection is None:
            raise not_found()
        undoing.answer_objection(objection=objection.pk, is_granted=is_granted, answer=text, by=by)

    return _say(request, public_id, _("Answered. The author is told."), reply)


def _say(request: HttpRequest, public_id: UUID, done: str, do: Any) -> HttpResponse:
    """The form with one sentence: does it, or shows it again with what is wrong."""
    found, form = queries.find_act(public_id), SentenceForm(request.POST)
    if form.is_valid():
        try:
            do(found.pk, form.cleaned_data["text"], request.user)
        except Refused as error:
            if error.status == 404:
                raise
            form.add_error(None, str(error.message))
        else:
            messages.success(request, done)
            return redirect(_way_back(request))
    kept = [("answer", request.POST["answer"])] if "answer" in request.POST else []
    context = {"form": form, "kept": kept, "back": _way_back(request), "title": _("Say why"), "button": _("Go on")}
    return render(request, "forum/act.html", context, status=400)


def _ask_again(request: HttpRequest, form: ActForm, status: int = 400) -> HttpResponse:
    """The form on a page of its own, with what was typed and what is wrong."""
    kept = [(name, value) for name in ("post", "topic", "member") for value in request.POST.getlist(name)]
    kind = str(form["kind"].value() or "")
    label = dict(Kind.choices).get(kind, _("Act"))
    context = {"form": form, "kept": kept, "back": _way_back(request), "title": label, "button": _("Go on")}
    return render(request, "forum/act.html", context, status=status)


def _way_back(request: HttpRequest) -> str:
    """The page of ours from which the form was sent, else the queue."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        return target
    return reverse("forum:moderation")
