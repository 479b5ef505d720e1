"""Template filters of people as the public knows them."""

from typing import Any

from django import template

from accounts import queries

register = template.Library()
register.filter("public_name", queries.public_name)


@register.filter
def public_person(user: Any) -> queries.PublicPerson:
    """Name, initials, photo and handle of a member, for pages that everybody reads (S84)."""
    return queries.public_person(user)
