"""Undoing an act, and objections to one: what was changed goes back to what it was, and everybody is told."""

from collections import defaultdict

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Refused, not_found
from core.redaction import mask_secrets
from forum.actions.moderating import MARKS, STATES, audit_act, tell_author
from forum.actions.placing import place_posts, put_into_category
from forum.actions.reporting import tell_reporters
from forum.actions.states import lock_topics, recount, set_states, set_topic_states
from forum.models import ActPost, ModerationAct, Objection, Post, Report, State, Topic
from forum.queries import moderation as queries
from forum.rendering import write_out

Kind = ModerationAct.Kind


@transaction.atomic
def undo_act(*, act: int, text: str, by: User) -> ModerationAct:
    """Takes an act back, as far as nothing else has changed the same thing since; the author is told why.

    Raises Refused `already` for an act that is undone, `no_reason` without a sentence, `cannot` where a topic is gone,
    `not_found`.
    """
    text = read_sentence(text)
    found = ModerationAct.objects.select_for_update(of=("self",)).filter(pk=act).first()
    if found is None:
        raise not_found()
    if found.undone_at is not None:
        raise Refused("already", _("This act is undone already."), status=409)
    _take_back(found)
    found.undone_at, found.undone_by, found.undone_text = timezone.now(), by, text
    found.save(update_fields=["undone_at", "undone_by", "undone_text"])
    _reopen_reports(found)
    audit_act("forum.act_undone", found, by)
    tell_author(found, f"{found.pk}:undone")
    return found


def read_sentence(text: str) -> str:
    """A reason in words. Raises Refused `no_reason`, `too_long` over 1,000 characters."""
    text = mask_secrets(text.replace("\0", "")).strip()
    if not text:
        raise Refused("no_reason", _("Write the reason in a sentence. The author reads it."))
    if len(text) > ModerationAct.LONGEST:
        raise Refused("too_long", _("The reason has more than %(n)d characters.") % {"n": ModerationAct.LONGEST})
    return text


def _take_back(act: ModerationAct) -> None:
    if act.kind in STATES or act.kind == Kind.CLEAN_UP:
        _restore_states(act)
    elif act.kind in MARKS:
        name, value = MARKS[act.kind]
        for topic in lock_topics({act.topic_id or 0}).values():
            setattr(topic, name, not value)
            topic.save(update_fields=[name])
    elif act.kind == Kind.MOVE and act.came_from_id is not None:
        for topic in lock_topics({act.topic_id or 0}).values():
            put_into_category(topic, act.came_from_id)
    elif act.kind in (Kind.SPLIT, Kind.MERGE):
        _send_back(act)


def _restore_states(act: ModerationAct) -> None:
    """Gives the posts the states that they had; what a later act changed, or its author deleted, stays so."""
    after = STATES[act.kind][1] if act.kind in STATES else State.HIDDEN
    topics = set(act.posts.values_list("post__topic", flat=True))
    lock_topics(topics)
    rows = list(act.posts.filter(post__state=after).exclude(post__text="").select_related("post"))
    later = ActPost.objects.filter(act__pk__gt=act.pk, post__in=[row.post_id for row in rows], act__undone_at=None)
    taken = set(later.values_list("post", flat=True))
    groups: dict[str, list[Post]] = defaultdict(list)
    for row in rows:
        if row.post_id not in taken:
            groups[row.state_before].append(row.post)
    for state, posts in groups.items():
        set_states(posts, state)
    accepted = [row.post for row in rows if row.was_accepted and row.post_id not in taken]
    for post in accepted:
        _accept_again(post)


def _accept_again(post: Post) -> None:
    """The mark of the accepted answer, unless another has it by now or nobody sees this one."""
    rows = Topic.objects.filter(pk=post.topic_id, accepted_post=None, posts__pk=post.pk, posts__state=State.PUBLISHED)
    for topic in rows:
        topic.accepted_post, topic.is_solved = post, True
        topic.save(update_fields=["accepted_post", "is_solved"])


def _send_back(act: ModerationAct) -> None:
    """Posts go back to their topic under their old numbers; what was answered in a split topic goes with them."""
    both = lock_topics({act.topic_id or 0, act.into_id or 0})
    if len(both) < 2:
        raise Refused("cannot", _("One of the two topics is gone."), status=409)
    home, away = both[act.topic_id or 0], both[act.into_id or 0]
    rows = list(act.posts.filter(post__topic=away, topic_before=home).select_related("post").order_by("number_before"))
    posts = [row.post for row in rows]
    for row in rows:
        row.post.topic, row.post.number = home, row.number_before
        if act.kind == Kind.SPLIT:
            row.post.words = write_out(row.post.text).words  # without the title of the topic that ends
    Post.objects.bulk_update(posts, ["topic", "number", "words"], batch_size=200)
    if act.kind == Kind.SPLIT:
        place_posts(list(Post.objects.filter(topic=away).order_by("number")), home)
    recount(topics=[home.pk, away.pk])
    if act.kind == Kind.SPLIT:
        set_topic_states([away], State.DELETED)
    else:
        opening = next((post for post in posts if post.number == 1), None)
        set_topic_states([home], opening.state if opening else State.PUBLISHED)
    for row in rows:
        if row.was_accepted:
            _accept_again(row.post)


def _reopen_reports(act: ModerationAct) -> None:
    """A report of a post that was kept waits again; where a post is seen again, who reported it hears that it stays."""
    if act.kind == Kind.KEEP:
        act.reports.update(state=Report.State.OPEN, closed_at=None, act=None)
        return
    rows = list(act.reports.filter(state=Report.State.UPHELD))
    Report.objects.filter(pk__in=[row.pk for row in rows]).update(state=Report.State.DECLINED)
    tell_reporters(rows, f"{act.pk}:undone")


# ---- Objections -----------------------------------------------------------------------------------------------------
@transaction.atomic
def object_to_act(*, act: ModerationAct, member: User, text: str) -> Objection:
    """The member whom an act is about does not agree with it, once.

    Raises Refused `not_found` for another's act, `empty`, `too_long`, `twice`, `undone` when it is undone already.
    """
    found = ModerationAct.objects.select_for_update(of=("self",)).filter(pk=act.pk, member=member).first()
    if found is None:
        raise not_found()
    if found.undone_at is not None:
        raise Refused("undone", _("This decision was taken back already."), status=409)
    text = mask_secrets(text.replace("\0", "")).strip()
    if not text:
        raise Refused("empty", _("Write why you do not agree."))
    if len(text) > Objection.LONGEST:
        raise Refused("too_long", _("An objection has up to 2,000 characters."))
    if Objection.objects.filter(act=found).exists():
        raise Refused("twice", _("You objected to this decision already."), status=409)
    objection = Objection.objects.create(act=found, text=text)
    audit_act("forum.objected", found, member)
    return objection


@transaction.atomic
def answer_objection(*, objection: int, is_granted: bool, answer: str, by: User) -> Objection:
    """A moderator answers, another one than acted where there is one; granted, the act is undone.

    Raises Refused `not_found`, `already`, `same_moderator`, and what undoing refuses.
    """
    answer = read_sentence(answer)
    found = Objection.objects.select_for_update(of=("self",)).filter(pk=objection).select_related("act").first()
    if found is None:
        raise not_found()
    if found.state != Objection.State.OPEN:
        raise Refused("already", _("That is answered already. Somebody else may have been faster."), status=409)
    if found.act.by_id == by.pk and queries.has_other_moderator(by):
        raise Refused("same_moderator", _("You acted yourself, so another moderator answers this."), status=403)
    found.state = Objection.State.GRANTED if is_granted else Objection.State.DECLINED
    found.answer, found.answered_by, found.answered_at = answer, by, timezone.now()
    found.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    if is_granted and found.act.undone_at is None:
        undo_act(act=found.act_id, text=answer, by=by)
    else:
        audit_act("forum.objection_declined" if not is_granted else "forum.objection_granted", found.act, by)
        tell_author(found.act, f"{found.act_id}:answered")
    return found
