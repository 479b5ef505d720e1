"""`{% load support_words %}`, then `{{ user|member_name }}`: the name that everybody may read (S84)."""

from typing import Any

from django import template

from accounts.queries import public_name

register = template.Library()


@register.filter
def member_name(user: Any) -> str:
    """The public name of a person; "Deleted member" for nobody."""
    return public_name(user or None)
