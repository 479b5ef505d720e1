"""Template tags of surveys: the notice for people in the app, and addresses at a desk."""

from typing import Any

from django import template

from surveys.desks import Desk
from surveys.models import Survey
from surveys.queries import find_for_member

register = template.Library()


@register.simple_tag
def desk_url(desk: Desk, name: str, *args: Any) -> str:
    """The address of a page at this desk."""
    return desk.url(name, *args)


@register.simple_tag(takes_context=True)
def asked_survey(context: template.Context) -> Survey | None:
    """The survey that the person who looks is asked now; most of the time none, without a question to the database."""
    request, membership = context.get("request"), context.get("membership")
    if request is None or not membership:
        return None
    return find_for_member(request.user, membership.account_id)
