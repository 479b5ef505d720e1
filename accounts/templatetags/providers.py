"""Template tag: the services that people may log in with."""

from django import template

from accounts.provider_list import Provider, list_providers

register = template.Library()


@register.simple_tag
def sign_in_providers() -> list[Provider]:
    """The configured services, in the order of the buttons."""
    return list_providers()
