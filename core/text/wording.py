"""Tokens of a text as words without marks."""

from collections.abc import Iterable

from markdown_it.token import Token


def words_of(tokens: Iterable[Token], *, addresses: bool = False) -> str:
    """Paragraphs with an empty line between them, items with "- " or their number, cells side by side."""
    lines = _Lines()
    for token in tokens:
        if token.type in ("fence", "code_block"):
            lines.add(token.content.rstrip("\n"))
        elif token.type == "inline":
            lines.add(_inline_words(token.children or [], addresses=addresses))
        else:
            lines.turn(token)
    return "\n".join(lines.done).strip()


class _Lines:
    """Lines of a text while its tokens are passed over."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.lists: list[int | None] = []  # the next number of each open list; None: bullets
        self.quotes = 0
        self.cells: list[str] | None = None
        self.sign = ""

    def add(self, words: str) -> None:
        """The words of one paragraph, cell or piece of code."""
        if self.cells is not None:
            self.cells.append(words.replace("\n", " "))
            return
        before = "> " * self.quotes + "  " * max(0, len(self.lists) - 1)
        if not self.sign and self.done and self.done[-1]:
            self.done.append("")
        for place, line in enumerate(words.split("\n")):
            sign = self.sign if place == 0 else " " * len(self.sign)
            self.done.append(f"{before}{sign}{line}".rstrip())
        self.sign = ""

    def turn(self, token: Token) -> None:
        """An opening or a closing token."""
        kind = token.type
        if kind.startswith("blockquote"):
            self.quotes += token.nesting
        elif kind in ("bullet_list_open", "ordered_list_open"):
            if not self.lists and self.done:
                self.done.append("")
            self.lists.append(None if kind.startswith("bullet") else int(token.attrs.get("start", 1)))
        elif kind in ("bullet_list_close", "ordered_list_close"):
            self.lists.pop()
        elif kind == "list_item_open":
            self._begin_item()
        elif kind == "tr_open":
            self.cells = []
        elif kind == "tr_close" and self.cells is not None:
            self.done.append("\t".join(self.cells))
            self.cells = None
        elif kind == "table_open" and self.done:
            self.done.append("")

    def _begin_item(self) -> None:
        number = self.lists[-1] if self.lists else None
        if number is None:
            self.sign = "- "
        else:
            self.sign = f"{number}. "
            self.lists[-1] = number + 1


def _inline_words(tokens: list[Token], *, addresses: bool) -> str:
    parts: list[str] = []
    target, since = "", 0
    for token in tokens:
        if token.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif token.type == "link_open":
            target, since = ("" if "handle" in token.meta else str(token.attrs["href"])), len(parts)
        elif token.type == "link_close":
            words = "".join(parts[since:])
            if addresses and target and words not in (target, target.removeprefix("mailto:")):
                parts.append(f" ({target})")
            target = ""
        else:
            parts.append(token.content)
    return "".join(parts)
