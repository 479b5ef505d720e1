"""The probe of removals turns red when words stand there after they were said to be gone."""

from collections.abc import Callable
from typing import Any

from accounts.models import User
from forum.testing import make_post, make_topic, make_writer
from privacy.actions.cases import answer_case
from privacy.models import Case
from privacy.testing import make_case

Watch = Callable[[str], Any]


def test_words_that_were_said_to_be_gone(site: None, owner: User, turns_red: Watch):
    make_writer(owner)
    make_post(make_topic(title="A question of somebody"), owner, "My words stand here.")
    case = make_case(owner, kind=Case.Kind.TESTIMONIAL_REMOVAL)
    with turns_red("removal_done"):
        answer_case(case=case, by=None, answer="They are gone.")
