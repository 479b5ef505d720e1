"""`{% load text %}`, then `{{ text|rendered }}`: what somebody wrote, as HTML; `{{ text|unmarked }}`: as words."""

from django import template
from django.utils.safestring import SafeString

from core.text import LONGEST, as_typed, clean_source, plain, render

register = template.Library()


@register.filter
def rendered(text: str) -> SafeString:
    """The text as HTML. One that is too long (no door lets one in) is cut, and shown as it was typed."""
    text = str(text)
    return render(text) if len(text) <= LONGEST else as_typed(clean_source(text[:LONGEST]))


@register.filter
def unmarked(text: str) -> str:
    """The text without marks, for descriptions and lists."""
    return plain(str(text)[:LONGEST])
