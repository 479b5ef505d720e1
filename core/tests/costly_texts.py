"""Texts of 50,000 characters that cost a parser much: what is repeated, opened and never closed, or nested."""

FULL = 50_000

# each is repeated until the text is full
PIECES = [
    "a", "a ", "word, ", "é", "𝒳", "漢字**かな**。", "[", "]", "[]", "[](", "[a](", "[[a]", "[a][a]", "[a][b] ",
    "[a]\n",
    "[a\n", "[a](<", "[a](<b", "[a](b 'c", "[a](b (c", "[a](/b)", "[a](\\", "[a\\](", "[\\]", "[`a`](/b)",
    "[*a*](/b)", "*[a](/b)*", "[*", "[_", "*]", "!", "![", "![a](/b)", "[![", "![![a](/b)](/c)", "![*", "[a]:",
    "[a]: b\n", "[a]: \n", "[a]: /b 'c\n", "*", "_", "~", "**a", "a**", "*a ", "a* ", "**a ", "*a_ ", "_a __a",
    "a***", "*a*", "**a**", "***a** b*", "*_", "_*", "**_~~", "~~", "~~a ", "~~a~~", "*\u200b", "a*\xa0", "`", "`a",
    "`a`", "``a`", "`` ", "\\", "\\`", "\\*", "\\[", "\\&", "<", "<a", "<a ", "<b>", "</", "<?", "<!--", "<![CDATA[",
    "<x y=\"", "<http:", "<http://a", "<http://a.b>", "<a@b.c>", "<@", "&", "&amp;", "&#x", "&#1;", "&aaaa", "&lt;",
    "\"", "'\"", "http://", "http://a.b ", "https://a.b/((((", "http://é.b/ ", "http://xn--", "(", ")", "@", "@ab ",
    "@a@", "@a-", "@[", "mail@a.example ", ">", "> ", "> a\n", "> a\n\n", ">>>> a\n", "> - ", "- > ", ">- a\n", ">\t",
    "> ```\n", "- ", "-\n", "- a\n", "- a\n\n", "- \n\n", "* * ", "- - ", "+\n\n  a\n", "  - a\n", "1. ", "1. a\n",
    "1. - ", "999999999. a\n", "#", "# a\n", "a\n=\n", "a\n-\n", "---\n", "***\n", "=", "|", "|a", "|-", "|||\n",
    "| a |\n", "|\n|-\n", "a|b\n-|-\n", "a|b\n-|-|-\n", "- a|b\n  -|-\n", "```\n", "~~~\n", "````\na\n", "    a\n",
    "\ta\n", "\t", " ", "\n", " \n", "a\n", "a  \n", "a\\\n", "\r", "\r\n", "\x00", "\x0c", "\u0301", "\u202e",
    "\u200b", "\ud800", "&CounterClockwiseContourIntegral;", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
]  # fmt: skip

SHAPES = {
    "opened, then closed": "[" * 25_000 + "]" * 25_000,
    "opened, then led away": "[" * 25_000 + "](/a)" * 5_000,
    "words opened, then led away": "[a" * 8_000 + "](/b)" * 6_000,
    "pictures in pictures": "![" * 12_000 + "a](/b)" * 4_000,
    "brackets of an address": "[a](" + "(" * 49_990,
    "addresses, then brackets": "[a](b" * 6_000 + ")" * 20_000,
    "emphasis opened, then closed": "*a " * 8_000 + "b* " * 8_000,
    "one, two, three stars": "*a **b ***c " * 4_000,
    "stars and lines in turn": "".join("*" * (at % 7 + 1) + "a" + "_" * (at % 5 + 1) for at in range(8_000)),
    "struck, then closed": "~~a " * 6_000 + "a~~ " * 6_000,
    "backticks, each longer": "".join("`" * at + " " for at in range(1, 310)),
    "backticks, each shorter": "".join("`" * at + "a" for at in range(310, 1, -1)),
    "fences, each shorter": "".join("`" * at + "\n" for at in range(310, 3, -1)),
    "a long definition used often": "[a]: /" + "b" * 1_990 + "\n\n" + "[a]" * 16_000,
    "a long title used often": "[a]: /b '" + "c" * 20_000 + "'\n\n" + "[a]" * 9_000,
    "many definitions": "".join(f"[{at}]: /b\n" for at in range(2_500)) + "".join(f"[{at}]" for at in range(2_500)),
    "a title over many lines": "[a]: /b\n'" + "c\n" * 20_000,
    "labels that never end": "[a" * 20_000 + "]: /b",
    "quotes that go on lazily": "> " * 15 + "a\n" + "a\n" * 20_000,
    "quotes in quotes, line by line": ("> " * 15 + "a\n") * 1_500,
    "quotes, each deeper": "".join(">" * at + " a\n" for at in range(300)),
    "lists, each deeper": "".join("  " * at + "- a\n" for at in range(220)),
    "lists, up and down": "\n".join("  " * (at % 9) + "- a" for at in range(4_000)),
    "a list that goes on lazily": "- a\n" + "b\n" * 20_000,
    "numbers": "".join(f"{at}. a\n" for at in range(6_000)),
    "a wide table": "|".join("a" * 1_200) + "\n" + "|".join("-" * 1_200) + "\n" + "|\n" * 20_000,
    "a table of empty cells": "|".join("a" * 100) + "\n" + "|".join("-" * 100) + "\n" + "|\n" * 20_000,
    "a long table": "|a|b|\n|-|-|\n" + "|a|b|\n" * 8_000,
    "a table of open code": "a|b\n-|-\n" + "`|" * 20_000,
    "a heading of many lines": "a\n" * 20_000 + "===\n",
    "many headings of many lines": ("a\n" * 30 + "===\n") * 600,
    "one word": "a" * FULL,
    "one word, struck": "~~" + "a" * 49_990 + "~~",
    "far to the right": " " * 49_000 + "a",
    "an address without end": "https://a.example/" + "a" * 49_900,
    "an address that ends in dots": "https://a.example/" + "." * 49_900,
    "an address of brackets": "https://a.example/" + "(" * 20_000 + ")" * 20_000,
    "addresses of brackets": ("https://a.example/" + "(" * 100 + ")" * 200 + " ") * 150,
    "an autolink without end": "<http://" + "a" * 49_000 + ">",
    "a mailbox without end": "<" + "a" * 49_000 + "@b>",
    "a handle without end": "@" + "a" * 49_990,
    "accents without end": "a" + "\u0301" * 49_990,
    "ordinary writing": "Hello **you**, see [this](https://example.org/a) and `code`.\n\n- one\n- two\n\n> quoted\n\n"
    * 520,
}


def costly() -> dict[str, str]:
    """Name -> text."""
    repeated = {f"{piece!r} again and again": (piece * (FULL // len(piece) + 1))[:FULL] for piece in PIECES}
    return {**repeated, **{name: text[:FULL] for name, text in SHAPES.items()}}
