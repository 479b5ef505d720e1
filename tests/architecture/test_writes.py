"""Writes stand in actions only (ARCHITECTURE.md, rooms); each exception has a reason, and a stale one fails."""

import ast
import re
from pathlib import Path

from tests.architecture.code import python_files, room_of, tree_of

WRITES = {"save", "create", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "update"}
WRITES |= {f"a{name}" for name in WRITES}
SQL = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)
EXCEPTIONS = {
    "accounts/models.py: user.save": "Django's contract for a user manager; accounts.actions calls it",
    "accounts/scoping.py: super().save": "the tenant wall's guard, the only permitted override",
    "accounts/scoping.py: super().delete": "the tenant wall's guard, the only permitted override",
    "accounts/scoping.py: super().bulk_create": "the tenant wall's guard, the only permitted override",
    "accounts/scoping.py: super().update": "the tenant wall's guard, the only permitted override",
    "accounts/forms.py: email.error_messages.update": "a dictionary of sentences",
    "accounts/links.py: EmailConfirmationHMAC.create": "makes an object that has no row",
    "accounts/photos.py: picture.save": "a picture in memory",
    "chat/files/kinds.py: _on_paper(colours).save": "a picture in memory",
    "chat/files/kinds.py: pictures[0].save": "a picture in memory",
    "chat/files/kinds.py: sheet.save": "a picture in memory",
    "livechat/celery.py: app.conf.update": "settings of Celery, a dictionary",
    "operators/spreadsheet/writing.py: book.save": "a workbook in memory",
    "core/bulk.py: cursor.execute": "the bulk statements of actions, which are the only callers (next test)",
    "core/full_text.py: cursor.execute": "the care of an index, which changes no row",
    "core/bulk.py: cursor.executemany": "the bulk statements of actions, which are the only callers (next test)",
}


def find_writes(path: Path) -> list[tuple[int, str]]:
    """Line and words of each call that writes rows, as far as the syntax shows it."""
    found = []
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name = node.func.attr
        if name in WRITES and not is_harmless(node, name):
            found.append((node.lineno, ast.unparse(node.func)))
        if name in ("execute", "executemany") and node.args and SQL.match(ast.unparse(node.args[0]).strip("'\"f")):
            found.append((node.lineno, ast.unparse(node.func)))
    return found


def is_harmless(node: ast.Call, name: str) -> bool:
    """dict.update(other), hash.update(bytes) and cache.delete(key) are no writes of rows."""
    receiver = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if name == "update":
        return bool(node.args)  # a queryset's update takes names only
    return receiver.split(".")[-1] in ("cache", "caches")


def all_writes() -> dict[str, list[int]]:
    """Where rows are written outside of actions: "path: words" -> lines."""
    found: dict[str, list[int]] = {}
    for path in python_files():
        if room_of(path) != "actions":
            for line, words in find_writes(path):
                found.setdefault(f"{path.as_posix()}: {words}", []).append(line)
    return found


def test_rows_are_written_in_actions_only():
    outside = {where: lines for where, lines in all_writes().items() if where not in EXCEPTIONS}
    assert outside == {}


def test_bulk_statements_are_used_by_actions_only():
    users = {
        path.as_posix()
        for path in python_files()
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.ImportFrom) and node.module == "core.bulk" and room_of(path) != "actions"
    }
    assert users == set()


def test_every_exception_is_still_needed_and_says_why():
    assert set(EXCEPTIONS) - set(all_writes()) == set()
    assert all(len(reason) > 10 for reason in EXCEPTIONS.values())


def test_the_check_sees_each_kind_of_write(tmp_path: Path):
    code = (
        "chat.save()\nChat.objects.create(text='')\nrows.update(text='')\nrows.delete()\nRow.objects.bulk_create(rows)\n"
        "cursor.execute('UPDATE chat_chat SET x = 1')\nknown.update(other)\ncache.delete('key')\n"
    )
    file = tmp_path / "views.py"
    file.write_text(code)
    assert [line for line, _words in find_writes(file)] == [1, 2, 3, 4, 5, 6]
