"""The live probes of the forum turn red when the product is broken on purpose."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import queries
from accounts.models import User
from accounts.queries import PublicPerson
from forum.actions.moderating import Why, act_on_posts
from forum.actions.undoing import object_to_act
from forum.models import ForumMember, ModerationAct, Objection
from forum.testing import make_post, make_topic
from outbox.models import Delivery

Watch = Callable[[str], Any]


def test_a_page_that_shows_more_than_the_chosen_name(
    site: None, turns_red: Watch, monkeypatch: pytest.MonkeyPatch, db: None
):
    make_post(make_topic())
    with turns_red("forum_names_only"):

        def everything(user: User | None) -> PublicPerson:
            return PublicPerson(user.get_full_name() if user else "", "X", None, "handle")

        monkeypatch.setattr(queries, "public_person", everything)


def test_a_post_of_somebody_who_was_not_warned(site: None, turns_red: Watch):
    topic = make_topic()
    with turns_red("forum_warned"):
        ForumMember.objects.filter(user=topic.author).delete()


@pytest.fixture
def decided(nik: User) -> ModerationAct:
    """A post that was hidden, as moderators do it."""
    post = make_post(make_topic())
    return act_on_posts(kind="hide", posts=[post.pk], why=Why("advert"), by=nik)[0]


def test_an_author_who_was_not_told(site: None, turns_red: Watch, decided: ModerationAct):
    with turns_red("forum_decisions"):
        Delivery.objects.filter(kind="forum_act").delete()


def test_a_decision_without_a_moment_of_telling(site: None, turns_red: Watch, decided: ModerationAct):
    with turns_red("forum_decisions"):
        ModerationAct.objects.update(told_at=None)


def test_an_objection_that_nobody_answers(site: None, turns_red: Watch, decided: ModerationAct):
    with turns_red("forum_decisions"):
        object_to_act(act=decided, member=decided.member, text="Why?")
        Objection.objects.update(created_at=timezone.now() - timedelta(days=31))


def test_a_way_to_object_that_leads_nowhere(
    site: None, turns_red: Watch, decided: ModerationAct, monkeypatch: pytest.MonkeyPatch
):
    with turns_red("forum_decisions"):
        monkeypatch.setattr("forum.decided.reverse", lambda name, args: "/nowhere/")
