"""Reads HTML, and says what in it may not come out of a text; knows nothing of the renderer."""

import re
from html import escape
from html.parser import HTMLParser

TAGS = {
    "a", "blockquote", "br", "code", "div", "em", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "s", "strong",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
LEADS = re.compile(r"(?:https?://[^/@\\]+(?:[/?#].*)?|mailto:[^?]+|/(?![/\\]).*)", re.DOTALL | re.IGNORECASE)
REL = "nofollow ugc noopener"


class Reader(HTMLParser):
    """`faults`: what should not be there. `again`: the same document, written from what was read."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.faults: list[str] = []
        self.again = ""
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            self.faults.append(f"<{tag}>")
        if tag == "a" and "a" in self.open:
            self.faults.append("a link in a link")
        for name, value in attrs:
            self._look(tag, name, value or "")
        if tag == "a" and attrs and dict(attrs).get("rel") != REL:
            self.faults.append(f"rel={dict(attrs).get('rel')}")
        self.again += f"<{tag}" + "".join(f' {name}="{escape(value or "")}"' for name, value in attrs) + ">"
        if tag not in ("br", "hr"):
            self.open.append(tag)

    def _look(self, tag: str, name: str, value: str) -> None:
        allowed = {
            ("a", "href"): bool(LEADS.fullmatch(value)),
            ("a", "rel"): value == REL,
            ("ol", "start"): value.isdigit(),
            ("pre", "tabindex"): value == "0",
            ("div", "tabindex"): value == "0",
            ("div", "class"): value == "table-wrap",
            ("td", "class"): value in ("end", "center"),
            ("th", "class"): value in ("end", "center"),
        }
        if not allowed.get((tag, name), False):
            self.faults.append(f"<{tag} {name}={value!r}>")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> closes nothing")
        self.again += f"</{tag}>"

    def handle_data(self, data: str) -> None:
        self.text += data
        self.again += escape(data)

    def handle_comment(self, data: str) -> None:
        self.faults.append("a comment")

    def handle_decl(self, decl: str) -> None:
        self.faults.append("a declaration")

    def unknown_decl(self, data: str) -> None:
        self.faults.append("a declaration")

    def handle_pi(self, data: str) -> None:
        self.faults.append("an instruction")


def faults_of(html: str) -> list[str]:
    """What is wrong after one parse, and after the parse of what the first one read."""
    found: list[str] = []
    for _turn in range(2):
        reader = Reader()
        reader.feed(html)
        reader.close()
        found += reader.faults + [f"<{tag}> stays open" for tag in reader.open]
        html = reader.again
    return found
