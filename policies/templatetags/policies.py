"""Template tags of policies: the notice of a version that takes effect soon."""

from django import template

from policies.models import Version
from policies.queries import list_announced_shortly

register = template.Library()


@register.simple_tag
def announced_versions() -> list[Version]:
    """Material versions that are published and not in force yet; asked of the database once a minute (S104)."""
    return list_announced_shortly()
