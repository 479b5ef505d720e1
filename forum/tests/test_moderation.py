"""Acts of moderators: reason, audit, telling, undoing, and numbers that stay right."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.actions.erasing import erase_person
from accounts.models import User
from accounts.testing import make_agent
from audit.models import Entry
from core.errors import Refused
from forum.actions import accept_answer, delete_own_post
from forum.actions.moderating import (
    Why,
    act_on_posts,
    clean_up,
    keep_post,
    mark_topic,
    read_why,
    suspend_member,
    warn_member,
)
from forum.actions.placing import merge_topics, move_topic, split_topic
from forum.actions.publishing import Sent
from forum.actions.reporting import report_post
from forum.actions.undoing import answer_objection, object_to_act, undo_act
from forum.models import Category, Check, ModerationAct, Objection, Post, Report, State, Topic
from forum.queries import moderation as queries
from forum.testing import make_category, make_post, make_topic, make_writer
from forum.work import Outcome, Worked
from outbox.models import Delivery
from privacy.actions.retention import apply_retention

pytestmark = pytest.mark.django_db
Kind = ModerationAct.Kind
ADVERT, FINE, PLACE = Why("advert", "Please do not sell things here."), Why("fine"), Why("place")


@pytest.fixture
def other() -> User:
    return make_agent()


def hide(post: Post, by: User, why: Why = ADVERT) -> ModerationAct:
    return act_on_posts(kind=Kind.HIDE, posts=[post.pk], why=why, by=by)[0]


def state(post: Post) -> str:
    return Post.objects.get(pk=post.pk).state


def mails(kind: str, user: User) -> int:
    return Delivery.objects.filter(kind=kind, recipient=f"user:{user.pk}").count()


def numbers_are_right() -> None:
    """Every number of a topic or category says what the rows say."""
    for topic in Topic.objects.all():
        rows = Post.objects.filter(topic=topic, state=State.PUBLISHED)
        assert topic.post_count == rows.count(), topic
        assert topic.last_number >= max(Post.objects.filter(topic=topic).values_list("number", flat=True), default=0)
        newest = rows.order_by("-created_at").first()
        if newest is not None:
            assert topic.last_post_at == newest.created_at, topic
        assert topic.is_solved is (topic.accepted_post_id is not None)
        if topic.accepted_post is not None:
            assert (topic.accepted_post.topic_id, topic.accepted_post.state) == (topic.pk, State.PUBLISHED)
    for category in Category.objects.all():
        assert category.topic_count == Topic.objects.filter(category=category, state=State.PUBLISHED).count(), category


# ---- what begins held ------------------------------------------------------------------------------------------------
def test_the_first_post_of_a_new_member_waits_and_the_next_after_it_does_not(nik: User):
    newcomer, topic = make_writer(is_new=True), make_topic()
    first = make_post(topic, newcomer, "Good evening to all of you")
    assert (first.state, first.looked_at.held_for) == (State.HELD, Check.Hold.NEW)
    act_on_posts(kind=Kind.APPROVE, posts=[first.pk], why=FINE, by=nik)
    assert state(first) == State.PUBLISHED
    assert make_post(topic, newcomer, "And good night").state == State.PUBLISHED
    numbers_are_right()


def test_links_of_a_new_member_wait(nik: User):
    newcomer, topic = make_writer(is_new=True), make_topic()
    act_on_posts(kind=Kind.APPROVE, posts=[make_post(topic, newcomer, "Hello there").pk], why=FINE, by=nik)
    post = make_post(
        topic, newcomer, "I found the answer in the manual of the shop, page twelve, https://shop.example/12"
    )
    assert (post.state, post.looked_at.held_for) == (State.HELD, Check.Hold.LINKS)


def test_spam_of_somebody_known_waits_too():
    topic, known = make_topic(), make_writer()
    post = make_post(topic, known, "BUY OUR CHEAP GOLDEN WATCHES NOW https://bit.ly/a https://bit.ly/b")
    assert (post.state, post.looked_at.held_for) == (State.HELD, Check.Hold.SCORE)
    assert {finding["rule"] for finding in post.looked_at.findings} >= {"links", "shortener", "shouting"}


def test_the_same_text_by_many_authors_waits():
    topic, text = make_topic(), "The best prices for bicycles are at my cousin's shop in the high street, ask for Kim."
    make_post(topic, make_writer(), text)
    copy = make_post(topic, make_writer(), text.upper().replace(",", " -"))
    assert copy.state == State.HELD
    assert copy.looked_at.findings[0]["rule"] == "repeated_by_others"


def test_without_the_proof_of_work_a_new_members_post_waits_instead_of_being_refused(nik: User):
    newcomer, topic = make_writer(is_new=True), make_topic()
    act_on_posts(kind=Kind.APPROVE, posts=[make_post(topic, newcomer, "Hello there").pk], why=FINE, by=nik)
    idle = make_post(topic, newcomer, "It works now, thanks", sent=Sent(worked=Worked(Outcome.MISSING)))
    assert (idle.state, idle.looked_at.held_for) == (State.HELD, Check.Hold.WORK)
    done = make_post(topic, newcomer, "It really works now", sent=Sent(worked=Worked(Outcome.DONE, 60)))
    assert done.state == State.PUBLISHED


def test_the_network_is_kept_as_it_was_given_and_agents_are_not_judged(nik: User):
    topic = make_topic()
    assert make_post(topic, text="An answer", sent=Sent(network="ab" * 32)).looked_at.network == "ab" * 32
    staff = make_post(topic, make_writer(nik), "SEE https://bit.ly/x AND https://bit.ly/y", by_staff=True)
    assert staff.state == State.PUBLISHED


# ---- acts on posts ---------------------------------------------------------------------------------------------------
def test_hiding_needs_a_reason_tells_the_author_and_stands_in_the_audit_log(nik: User):
    post = make_post(make_topic())
    before = Entry.objects.count()
    act = hide(post, nik)
    assert state(post) == State.HIDDEN
    assert act.told_at is not None
    assert mails("forum_act", post.author) == 1
    entry = Entry.objects.latest("pk")
    assert Entry.objects.count() == before + 1
    assert (entry.action, entry.facts["reason"]) == ("forum.post_hidden", "advert")
    assert "sell" not in str(entry.facts)  # ids and codes, no words
    numbers_are_right()


@pytest.mark.parametrize(("code", "text"), [("", ""), ("nonsense", "x"), ("other", " "), ("fine", "x" * 1001)])
def test_no_act_without_a_reason(code: str, text: str):
    with pytest.raises(Refused):
        read_why(code, text)


def test_an_act_that_is_done_already_is_refused(nik: User):
    post = make_post(make_topic())
    hide(post, nik)
    with pytest.raises(Refused, match="already"):
        hide(post, nik)


def test_undo_brings_back_what_was(nik: User):
    topic = make_topic()
    post = make_post(topic)
    accept_answer(topic=topic, post=post, by=topic.author)
    act = hide(post, nik)
    topic.refresh_from_db()
    assert topic.is_solved is False
    numbers_are_right()
    undo_act(act=act.pk, text="That was the wrong post.", by=nik)
    topic.refresh_from_db()
    assert (state(post), topic.accepted_post_id, topic.is_solved) == (State.PUBLISHED, post.pk, True)
    assert mails("forum_act", post.author) == 2
    numbers_are_right()
    with pytest.raises(Refused, match="already"):
        undo_act(act=act.pk, text="Again.", by=nik)


def test_undoing_an_older_act_leaves_what_a_later_one_did(nik: User):
    post = make_post(make_topic())
    first = hide(post, nik)
    act_on_posts(kind=Kind.DELETE, posts=[post.pk], why=ADVERT, by=nik)
    undo_act(act=first.pk, text="Not needed.", by=nik)
    assert state(post) == State.DELETED


def test_hiding_the_opening_post_hides_the_topic(nik: User):
    topic = make_topic()
    make_post(topic)
    act = hide(Post.objects.get(topic=topic, number=1), nik)
    topic.refresh_from_db()
    assert topic.state == State.HIDDEN
    numbers_are_right()
    undo_act(act=act.pk, text="It was fine.", by=nik)
    topic.refresh_from_db()
    assert topic.state == State.PUBLISHED
    numbers_are_right()


def test_a_post_that_its_author_deleted_is_not_brought_back(nik: User):
    post = make_post(make_topic())
    delete_own_post(post=post, author=post.author)
    with pytest.raises(Refused, match="already"):
        act_on_posts(kind=Kind.RESTORE, posts=[post.pk], why=FINE, by=nik)


# ---- acts on topics --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "field"), [(Kind.LOCK, "is_locked"), (Kind.PIN, "is_pinned")]
)  # fmt: skip
def test_marks_of_a_topic_are_set_told_and_undone(nik: User, kind: str, field: str):
    topic = make_topic()
    act = mark_topic(kind=kind, topic=topic.pk, why=Why("settled"), by=nik)
    topic.refresh_from_db()
    assert getattr(topic, field) is True
    assert mails("forum_act", topic.author) == 1
    with pytest.raises(Refused, match="already"):
        mark_topic(kind=kind, topic=topic.pk, why=Why("settled"), by=nik)
    undo_act(act=act.pk, text="Still open.", by=nik)
    topic.refresh_from_db()
    assert getattr(topic, field) is False


def test_moving_a_topic_moves_the_numbers(nik: User):
    topic, place = make_topic(), make_category()
    act = move_topic(topic=topic.pk, category=place, why=PLACE, by=nik)
    topic.refresh_from_db()
    assert topic.category_id == place.pk
    numbers_are_right()
    undo_act(act=act.pk, text="It did fit.", by=nik)
    numbers_are_right()
    assert Topic.objects.get(pk=topic.pk).category_id == act.came_from_id


def test_splitting_and_back(nik: User):
    topic = make_topic()
    posts = [make_post(topic) for _ in range(4)]
    act = split_topic(topic=topic.pk, numbers=[1, 3, 5], title="Another matter", why=PLACE, by=nik)
    assert act.into is not None
    assert list(act.into.posts.order_by("number").values_list("pk", flat=True)) == [posts[1].pk, posts[3].pk]
    assert act.into.posts.get(number=1).words.startswith("Another matter\n")
    moved = queries.find_moved(topic.public_id, 5)
    assert moved is not None and (moved.pk, moved.number) == (posts[3].pk, 2)
    numbers_are_right()
    make_post(Topic.objects.get(pk=act.into_id))
    undo_act(act=act.pk, text="It belongs together.", by=nik)
    assert list(topic.posts.order_by("number").values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert Post.objects.get(pk=posts[3].pk).number == 5
    assert Topic.objects.get(pk=act.into_id).state == State.DELETED
    numbers_are_right()


def test_merging_and_back(nik: User):
    source, target = make_topic(), make_topic()
    answer = make_post(source)
    make_post(target)
    act = merge_topics(topic=source.pk, into=target.pk, why=Why("double"), by=nik)
    assert queries.find_merged(source.public_id) == target
    assert target.posts.count() == 4
    numbers_are_right()
    undo_act(act=act.pk, text="Two questions after all.", by=nik)
    assert Post.objects.get(pk=answer.pk).topic_id == source.pk
    assert Topic.objects.get(pk=source.pk).state == State.PUBLISHED
    assert queries.find_merged(source.public_id) is None
    numbers_are_right()


# ---- acts on members -------------------------------------------------------------------------------------------------
def test_a_suspended_member_cannot_write_and_reads_why(nik: User):
    member, topic = make_writer(), make_topic()
    act = suspend_member(member=member, until=timezone.now() + timedelta(days=7), why=Why("abuse"), by=nik)
    with pytest.raises(Refused) as refused:
        make_post(topic, member)
    assert refused.value.code == "suspended"
    assert str(act.public_id) in str(refused.value.message)
    assert queries.find_notices(member).suspension == act
    undo_act(act=act.pk, text="A mistake.", by=nik)
    assert make_post(topic, member).state == State.PUBLISHED


def test_a_suspension_ends_by_itself(nik: User):
    member = make_writer()
    act = suspend_member(member=member, until=timezone.now() + timedelta(days=1), why=Why("abuse"), by=nik)
    assert queries.find_suspension(member, timezone.now() + timedelta(days=2)) is None
    assert [one.act for one in queries.list_suspended()] == [act]


def test_staff_and_odd_dates_are_refused(nik: User, other: User):
    member, now = make_writer(), timezone.now()
    for whom, until in ((nik, 7), (other, 7), (member, -1), (member, 400)):
        with pytest.raises(Refused):
            suspend_member(member=whom, until=now + timedelta(days=until), why=ADVERT, by=nik)


def test_a_warning_is_told_and_shown(nik: User):
    post = make_post(make_topic())
    act = warn_member(member=post.author, why=Why("abuse", "Please stay friendly."), by=nik, post=post)
    assert queries.find_notices(post.author).warning == act
    assert mails("forum_act", post.author) == 1


def test_cleaning_up_is_one_act_with_one_reason_and_one_undo(nik: User):
    spammer, topic = make_writer(), make_topic()
    old = make_post(topic, spammer)
    Post.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    recent = [make_post(topic, spammer, f"Answer {number}") for number in range(2)]
    own = make_topic(spammer, title="Cheap things", text="Come and see")
    before = mails("forum_act", spammer)
    act = clean_up(member=spammer, days=30, until=timezone.now() + timedelta(days=30), why=ADVERT, by=nik)
    assert {state(post) for post in recent} == {State.HIDDEN}
    assert state(old) == State.PUBLISHED
    assert Topic.objects.get(pk=own.pk).state == State.HIDDEN
    assert mails("forum_act", spammer) == before + 1
    assert queries.find_suspension(spammer) == act
    undo_act(act=act.pk, text="Wrong person.", by=nik)
    assert {state(post) for post in recent} == {State.PUBLISHED}
    assert queries.find_suspension(spammer) is None


# ---- reports ---------------------------------------------------------------------------------------------------------
def test_a_report_waits_and_its_reporter_hears_what_became_of_it(nik: User):
    post, reporter = make_post(make_topic()), make_writer()
    report = report_post(post=post, reporter=reporter, reason="abuse", text="Line two")
    assert [entry.post for entry in queries.list_queue("reports").entries] == [post]
    hide(post, nik)
    report.refresh_from_db()
    assert (report.state, mails("forum_report_outcome", reporter)) == (Report.State.UPHELD, 1)
    assert queries.list_queue("reports").entries == []


def test_a_kept_post_closes_the_report_the_other_way(nik: User):
    post, reporter = make_post(make_topic()), make_writer()
    report = report_post(post=post, reporter=reporter, reason="abuse")
    act = keep_post(post=post.pk, why=FINE, by=nik)
    report.refresh_from_db()
    assert (report.state, mails("forum_act", post.author)) == (Report.State.DECLINED, 0)
    undo_act(act=act.pk, text="Look again.", by=nik)
    report.refresh_from_db()
    assert report.state == Report.State.OPEN


def test_reports_are_once_for_each_post_never_of_ones_own_and_of_what_is_seen(nik: User):
    post, reporter = make_post(make_topic()), make_writer()
    report_post(post=post, reporter=reporter, reason="advert")
    for whom, reason, code in (
        (reporter, "advert", "twice"),
        (post.author, "advert", "own"),
        (nik, "fine", "no_reason"),
    ):
        with pytest.raises(Refused, match=code):
            report_post(post=post, reporter=whom, reason=reason)
    hide(post, nik)
    post.refresh_from_db()
    with pytest.raises(Refused, match="not_found"):
        report_post(post=post, reporter=make_writer(), reason="advert")


# ---- objections ------------------------------------------------------------------------------------------------------
def test_an_objection_goes_to_another_moderator_who_takes_the_act_back(nik: User, other: User):
    post = make_post(make_topic())
    act = hide(post, nik)
    objection = object_to_act(act=act, member=post.author, text="It is my own shop, and they asked.")
    assert [entry.objection for entry in queries.list_queue("objections").entries] == [objection]
    assert queries.list_queue("all", asker=nik).entries[0].is_own_act is True
    assert queries.list_queue("all", asker=other).entries[0].is_own_act is False
    with pytest.raises(Refused, match="same_moderator"):
        answer_objection(objection=objection.pk, is_granted=True, answer="Fine.", by=nik)
    answer_objection(objection=objection.pk, is_granted=True, answer="You are right.", by=other)
    act.refresh_from_db()
    assert (state(post), act.undone_text) == (State.PUBLISHED, "You are right.")


def test_where_nobody_else_is_the_same_moderator_answers(nik: User):
    post = make_post(make_topic())
    objection = object_to_act(act=hide(post, nik), member=post.author, text="But why?")
    answer_objection(objection=objection.pk, is_granted=False, answer="Because of the rules.", by=nik)
    objection.refresh_from_db()
    assert (objection.state, state(post)) == (Objection.State.DECLINED, State.HIDDEN)
    assert mails("forum_act", post.author) == 2


def test_an_objection_is_once_and_only_of_whom_it_is_about(nik: User):
    post = make_post(make_topic())
    act = hide(post, nik)
    with pytest.raises(Refused, match="not_found"):
        object_to_act(act=act, member=make_writer(), text="I object too")
    object_to_act(act=act, member=post.author, text="I object")
    with pytest.raises(Refused, match="twice"):
        object_to_act(act=act, member=post.author, text="I object again")


# ---- the queue -------------------------------------------------------------------------------------------------------
def test_the_queue_is_paged_by_place_without_gaps_or_doubles(nik: User):
    newcomer = make_writer(is_new=True)
    topic = make_topic()
    held = [make_post(topic, newcomer, "Hello to everybody here")]
    Post.objects.bulk_create(
        Post(topic=topic, number=100 + n, author=newcomer, text=f"Held {n}", state=State.HELD,
             created_at=held[0].created_at)
        for n in range(44)
    )  # fmt: skip
    post = make_post(topic)
    for _ in range(2):
        report_post(post=post, reporter=make_writer(), reason="abuse")
    object_to_act(
        act=hide(make_post(topic), nik), member=Post.objects.filter(state=State.HIDDEN).get().author, text="No"
    )
    seen: list[Any] = []
    place, pages = None, 0
    while True:
        page = queries.list_queue("all", place)
        seen += [(entry.kind, entry.key) for entry in page.entries]
        pages += 1
        if not page.next:
            break
        place = queries.read_place(page.next)
    assert (len(seen), len(set(seen)), pages) == (47, 47, 3)
    counts = queries.count_queue()
    assert (counts["all"], counts["reports"], counts["objections"], counts["new"]) == (47, 1, 1, 1)


@pytest.mark.parametrize("text", ["", "1", "a.b.c", "1.2", "1.2.3.4", "9" * 19 + ".1.1", "999999999999999999.0.1"])
def test_a_wrong_place_is_none(text: str):
    assert queries.read_place(text) is None


# ---- what is kept ----------------------------------------------------------------------------------------------------
def test_erasing_a_member_takes_their_words_and_leaves_the_decisions(nik: User):
    post, other_post = make_post(make_topic()), make_post(make_topic())
    member = post.author
    report = report_post(post=other_post, reporter=member, reason="other", text="Words of a report")
    act = act_on_posts(kind=Kind.HIDE, posts=[post.pk], why=Why("other", "Words to the author"), by=nik)[0]
    object_to_act(act=act, member=member, text="Words of an objection")
    erase_person(user=member)
    report.refresh_from_db()
    act.refresh_from_db()
    assert (report.text, report.reporter_id, act.text, act.member_id) == ("", None, "", None)
    assert not Objection.objects.exists()
    assert not Check.objects.filter(post=post).exists()
    hide(other_post, nik)  # nobody is there to be told, and nothing fails
    report.refresh_from_db()
    assert report.state == Report.State.UPHELD
    numbers_are_right()


def test_the_hash_of_a_network_and_old_decisions_end(nik: User):
    post = make_post(make_topic(), sent=Sent(network="ab" * 32))
    act = hide(make_post(make_topic()), nik)
    Check.objects.filter(post=post).update(created_at=timezone.now() - timedelta(days=31))
    ModerationAct.objects.filter(pk=act.pk).update(
        created_at=timezone.now() - timedelta(days=ModerationAct.KEEP_DAYS + 1)
    )
    apply_retention()
    assert Check.objects.get(post=post).network == ""
    assert not ModerationAct.objects.filter(pk=act.pk).exists()
