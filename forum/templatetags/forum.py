"""Tags of the forum's pages: faces of the public, addresses of topics, structured data."""

import json
import re
from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.queries import PublicPerson
from forum.links import topic_path
from forum.models import Post, Topic
from forum.warning import REMINDER

register = template.Library()
NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
UNSAFE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


@register.inclusion_tag("forum/_face.html")
def face(person: PublicPerson, size: str = "") -> dict[str, Any]:
    """Photo or initials of somebody; `size` is "", "avatar-s" or "avatar-l"."""
    return {"person": person, "size": size}


@register.simple_tag
def topic_address(topic: Topic, page: int = 1) -> str:
    """The page of a topic."""
    return topic_path(topic, page)


@register.simple_tag
def reminder() -> Any:
    """The sentence at the composer: what is written here is public (S33)."""
    return REMINDER


def as_json(data: Any) -> str:
    """JSON that can stand in a script element: no sign of it begins a tag or ends a line of script."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for sign, escaped in UNSAFE.items():
        text = text.replace(sign, escaped)
    return text


@register.simple_tag(takes_context=True)
def structured(context: template.Context, data: Any) -> SafeString:
    """The description of the page for search engines (JSON-LD)."""
    return format_html(
        '<script type="application/ld+json" nonce="{}">{}</script>',
        context.get("csp_nonce", ""),
        SafeString(as_json(data)),  # every sign of HTML is escaped in it
    )


@register.filter
def rendered_post(post: Post) -> SafeString:
    """The HTML of a post, which `core.text.render` made and cleaned before it was stored."""
    return SafeString(post.rendered)


@register.filter
def clean_xml(text: str) -> str:
    """The text without the signs that XML cannot have; it is escaped like any other."""
    return NO_XML.sub("", text)
