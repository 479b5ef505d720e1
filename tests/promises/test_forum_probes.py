"""The live probes of the forum turn red when the product is broken on purpose."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts import queries
from accounts.models import User
from accounts.queries import PublicPerson
from forum.models import ForumMember
from forum.testing import make_post, make_topic

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
