"""The second door after the parser: nh3 with a short list of what may stand in a text. Loads nh3 at the first text."""

import functools

import nh3

from core.text.addresses import may_link

TAGS = {
    "a", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
REL = "nofollow ugc noopener"
PLACES = {"class": {"end", "center"}}  # of a table's cell


def clean(html: str) -> str:
    """Only TAGS, no attribute but href, start and three classes; every link with REL, what scrolls can be focused."""
    return _cleaner().clean(html)


@functools.cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=TAGS,
        attributes={"a": {"href"}, "ol": {"start"}},
        tag_attribute_values={"td": PLACES, "th": PLACES, "div": {"class": {"table-wrap"}}},
        set_tag_attribute_values={"pre": {"tabindex": "0"}, "div": {"tabindex": "0"}},
        attribute_filter=_checked,
        url_schemes={"http", "https", "mailto"},
        link_rel=REL,
    )


def _checked(tag: str, name: str, value: str) -> str | None:
    if name == "href":
        return value if may_link(value) else None
    if name == "start":
        return value if value.isascii() and value.isdigit() else None
    return value
