"""Template tags of policies: the notice of a version that takes effect soon."""

from typing import Any

from django import template
from django.utils import timezone

from policies.models import Version
from policies.queries import (
    Accepted,
    find_coming_entity,
    find_dispute_body,
    find_entity,
    find_officer,
    list_accepted_on,
    list_announced_shortly,
    list_frameworks,
)

register = template.Library()


@register.simple_tag
def announced_versions() -> list[Version]:
    """Material versions that are published and not in force yet; asked of the database once a minute (S104)."""
    return list_announced_shortly()


@register.simple_tag
def accepted_texts(user: Any) -> list[Accepted]:
    """For the account page: what the person accepted, beside the version in force now (S105)."""
    return list_accepted_on(user, timezone.now())


@register.simple_tag
def who_we_are() -> dict[str, Any]:
    """The records behind the policy: company, the one that takes over, officer, frameworks, body (S3, S6, S7, S8)."""
    return {
        "entity": find_entity(),
        "coming": find_coming_entity(),
        "officer": find_officer(),
        "frameworks": list_frameworks(timezone.now().date()),
        "body": find_dispute_body(),
    }
