"""HTML mails as plain text; quotes get the sign with which plain mails quote."""

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser

LARGEST = 400_000  # signs of a page that are looked at
TAGS = {
    "a", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "b",
    "li", "ol", "p", "pre", "section", "article", "table", "tbody", "thead", "td", "th", "tr", "u", "ul", "strong",
}  # fmt: skip
DROPPED_WITH_CONTENT = {
    "script",
    "style",
    "title",
    "noscript",
    "template",
    "svg",
    "math",
    "iframe",
    "object",
    "textarea",
}
BLOCKS = {"blockquote", "div", "dl", "dd", "dt", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre"}
BLOCKS |= {"section", "article", "table", "tr", "ul"}
SPACED = {"p", "blockquote", "ul", "ol", "table", "h1", "h2", "h3", "h4", "h5", "h6", "pre"}
QUOTES = re.compile(r"\b(gmail_quote|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|x_gmail_quote)\b")
MOST_DEPTH = 12  # of quotes
MOST_OPEN = 400  # elements inside each other; beyond that a page is read without looking at its structure
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
ANY_TAG = re.compile(r"<[^<>]*>")
# elements that never hold others, or end by themselves
UNCOUNTED = {
    "br",
    "img",
    "hr",
    "meta",
    "input",
    "link",
    "col",
    "wbr",
    "p",
    "li",
    "td",
    "th",
    "tr",
    "dt",
    "dd",
    "option",
}


def page_text(page: str) -> str:
    """The text of a page: blocks as lines, links with their address, list signs, "> " before quotes."""
    page = page[:LARGEST]
    if _is_too_deep(page):  # the time of an HTML reader grows with the square of the depth
        return re.sub(r"\s+", " ", unescape(ANY_TAG.sub(" ", page))).strip()
    import nh3  # only the worker and the pipe read pages; the web process need not carry it

    # html5ever first: what comes out is well-formed, and reading it again costs no more than its length
    tidy = nh3.clean(
        page,
        tags=TAGS,
        clean_content_tags=DROPPED_WITH_CONTENT,
        attributes={"a": {"href"}, "div": {"class"}},
        url_schemes={"http", "https", "mailto"},
        link_rel=None,
        strip_comments=True,
    )
    reader = _Reader()
    reader.feed(tidy)
    reader.close()
    return reader.text()


def _is_too_deep(page: str) -> bool:
    """Whether more than MOST_OPEN elements stand open at once, each counted by its own name."""
    opened: Counter[str] = Counter()
    total = 0
    for match in TAG.finditer(page):
        name = match[2].lower()
        if name in UNCOUNTED:
            continue
        if not match[1]:
            opened[name] += 1
            total += 1
        elif opened[name]:
            opened[name] -= 1
            total -= 1
        if total > MOST_OPEN:
            return True
    return False


class _Reader(HTMLParser):
    """Collects lines. Only tags that opened a quote close one."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[int, str]] = []
        self.line: list[str] = []
        self.depth = 0
        self.preformatted = 0
        self.quoting: list[bool] = []  # for each open div and blockquote, whether it is a quote
        self.links: list[tuple[str, int]] = []  # address, and where its words begin

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in BLOCKS:
            self._break(spaced=tag in SPACED)
        if tag in ("blockquote", "div"):
            is_quote = tag == "blockquote" or bool(QUOTES.search(given.get("class") or ""))
            self.quoting.append(is_quote)
            self.depth += is_quote
        elif tag == "br":
            self._end_line(always=True)
        elif tag == "li":
            self.line.append("- ")
        elif tag in ("td", "th") and self.line:
            self.line.append(" ")
        elif tag == "pre":
            self.preformatted += 1
        elif tag == "hr":
            self.line.append("-----")
            self._break(spaced=False)
        elif tag == "a":
            self.links.append((given.get("href") or "", len(self.line)))

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self.links:
            self._end_link(*self.links.pop())
        if tag in BLOCKS:
            self._break(spaced=tag in SPACED)
        if tag in ("blockquote", "div") and self.quoting:
            self.depth -= self.quoting.pop()
        elif tag == "pre":
            self.preformatted = max(0, self.preformatted - 1)

    def handle_data(self, data: str) -> None:
        if not self.preformatted:
            words = re.sub(r"[ \t\r\n\f\u200b]+", " ", data)
            self.line.append(words)
            return
        first, *others = data.split("\n")
        self.line.append(first)
        for other in others:
            self._end_line(always=True)
            self.line.append(other)

    def _end_link(self, address: str, start: int) -> None:
        address = address.removeprefix("mailto:").strip()
        words = "".join(self.line[start:]).strip()
        if address and len(address) <= 2000 and address.rstrip("/") not in (words, words.rstrip("/")):
            bare = re.sub(r"^https?://(www\.)?", "", address).rstrip("/")
            if words and bare not in words:
                self.line.append(f" ({address})")

    def _break(self, *, spaced: bool) -> None:
        self._end_line(always=False)
        if spaced and self.lines and self.lines[-1][1]:
            self.lines.append((self.depth, ""))

    def _end_line(self, *, always: bool) -> None:
        words = "".join(self.line)
        words = words.rstrip() if self.preformatted else re.sub(r" {2,}", " ", words).strip()
        if words or always:
            self.lines.append((self.depth, words))
        self.line = []
        self.links = [(address, 0) for address, _start in self.links]

    def text(self) -> str:
        """What was collected, without more than one empty line in a row."""
        self._end_line(always=False)
        while self.lines and not self.lines[-1][1]:
            self.lines.pop()
        out = []
        for depth, words in self.lines:
            marks = "> " * min(depth, MOST_DEPTH)
            out.append(f"{marks}{words}".rstrip() if words or depth else "")
        return re.sub(r"\n{3,}", "\n\n", "\n".join(out).replace("\u00a0", " ")).strip()
