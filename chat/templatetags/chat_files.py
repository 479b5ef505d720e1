"""Template tags of files: the tray in which they are looked at before they are sent, and sizes in words."""

from typing import Any

from django import template
from django.conf import settings

from chat.desk.screens import say_size

register = template.Library()

# what the browser's own window of files offers; the server judges by content
ACCEPT = ".jpg,.jpeg,.png,.gif,.webp,.pdf,.txt,.csv,.log,.docx,.xlsx,.pptx,.odt,.ods,.zip"


@register.inclusion_tag("chat/_file_tray.html")
def file_tray(sprite: str = "") -> dict[str, Any]:
    """The tray of a composer; `sprite` is the address of the icons, "" where they stand in the page itself."""
    return {
        "sprite": sprite,
        "accept": ACCEPT,
        "largest": settings.LARGEST_FILE,
        "megabytes": settings.LARGEST_FILE // 1_048_576,
    }


@register.filter
def size(value: int) -> str:
    """Bytes in words: "84 kB"."""
    return say_size(value)
