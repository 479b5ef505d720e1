"""Builders for tests, through the app's own actions."""

from typing import Any

from accounts.models import Account
from surveys.actions import save_survey, switch_survey
from surveys.actions.building import Aim, Draft
from surveys.models import Survey
from surveys.queries import scope_of

QUESTIONS = (
    Draft("rating", "How was it?", is_required=True),
    Draft("choice", "What was it about?", ["A bike", "=1+1"]),
    Draft("text", "What could be better?"),
)


def make_survey(account: Account | None, audience: str = "visitors", *, is_on: bool = True, **changes: Any) -> Survey:
    """A survey of an account or (None) of the site, that is asked."""
    aim = {name: changes.pop(name) for name in list(changes) if name in Aim.__dataclass_fields__}
    values = {"title": "How are we?", "intro": "", "asks_name": True, "questions": QUESTIONS, **changes}
    with scope_of(account):
        survey = save_survey(account=account, actor="system", aim=Aim(audience, **aim), **values)
        if is_on:
            switch_survey(survey=survey, is_on=True, actor="system")
        survey.refresh_from_db()
    return survey
