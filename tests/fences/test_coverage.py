"""Nothing is kept or told that nobody declared: caches, tasks, logs, folders, sessions, browsers, search (P2, S62)."""

import ast
import inspect
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection

from core.outbound import registry as outbound
from tests.architecture.code import ROOT, python_files, tree_of
from tests.fences.covered import CACHE, FOLDERS, INDEXES, LOG_FIELDS, SESSION, TASK_ARGUMENTS

WRITES = {"set", "add", "get_or_set", "incr", "set_many", "touch"}
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}


def compare(kind: str, found: Iterable[str], declared: Iterable[str]) -> None:
    """Fails with the line to add, or with the line that can go."""
    missing, stale = sorted(set(found) - set(declared)), sorted(set(declared) - set(found))
    lines = [f'add to {kind} in tests/fences/covered.py: "{name}": "what of a person it holds",' for name in missing]
    lines += [f'take out of {kind} in tests/fences/covered.py: "{name}"' for name in stale]
    assert not lines, "\n".join(lines)


def calls() -> Iterator[tuple[Path, ast.AST, ast.Call]]:
    """Every call in our code, with its module and the function around it."""
    for path in python_files():
        for around in ast.walk(tree_of(path)):
            if isinstance(around, ast.FunctionDef | ast.AsyncFunctionDef):
                for node in ast.walk(around):
                    if isinstance(node, ast.Call):
                        yield path, around, node


# ---- what a name means ---------------------------------------------------------------------------------------
@cache
def names_of(path: Path) -> dict[str, list[ast.expr]]:
    """Constants of a module, and what its functions answer, by their name."""
    found: dict[str, list[ast.expr]] = {}
    for node in tree_of(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            found.setdefault(node.targets[0].id, []).append(node.value)
        if isinstance(node, ast.FunctionDef):
            answers = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
            found.setdefault(node.name, []).extend(answers)
    return found


@cache
def places_of(name: str) -> list[Path]:
    return [path for path in python_files() if name in names_of(path)]


def beginnings(value: ast.AST, path: Path, around: ast.AST) -> set[str]:
    """With which words a text begins; {"?"} when the code does not tell."""
    if isinstance(value, ast.Constant):
        return {str(value.value)}
    if isinstance(value, ast.IfExp):
        return beginnings(value.body, path, around) | beginnings(value.orelse, path, around)
    if isinstance(value, ast.JoinedStr):
        return beginnings(value.values[0], path, around)
    if isinstance(value, ast.FormattedValue):
        return beginnings(value.value, path, around)
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        return said_of(value.func.id, path)
    if isinstance(value, ast.Name):
        here = [made for name, made in assigned(around) if name == value.id]
        return {word for one in here for word in beginnings(one, path, around)} or said_of(value.id, path)
    return {"?"}


def assigned(around: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """What a function puts into its names, (name, value)."""
    for one in ast.walk(around):
        for target in one.targets if isinstance(one, ast.Assign) else []:
            if isinstance(target, ast.Name):
                yield target.id, one.value  # type: ignore[attr-defined]
            elif isinstance(target, ast.Tuple) and isinstance(one.value, ast.Tuple):  # type: ignore[attr-defined]
                yield from zip(map(ast.unparse, target.elts), one.value.elts, strict=True)  # type: ignore[attr-defined]


def said_of(name: str, path: Path) -> set[str]:
    """The same for a name of this module, else of the one module that has it."""
    places = [path] if name in names_of(path) else places_of(name)
    tree = ast.Module([], [])
    return {word for at in places for one in names_of(at)[name] for word in beginnings(one, at, tree)} or {"?"}


# ---- the server -------------------------------------------------------------------------------------------------
def test_every_key_of_the_cache_is_declared():
    found = set()
    for path, around, call in calls():
        method = call.func
        is_write = isinstance(method, ast.Attribute) and method.attr in WRITES and call.args
        if is_write and isinstance(method.value, ast.Name) and method.value.id == "cache":  # type: ignore[union-attr]
            for word in beginnings(call.args[0], path, around):
                found.add(f"{path}: {ast.unparse(call.args[0])}" if word == "?" else word)
    compare("CACHE", found, CACHE)


def test_every_argument_of_a_task_is_declared():
    current_app.loader.import_default_modules()
    found = set()
    for name, task in current_app.tasks.items():
        if not name.startswith("celery.") and ".tests." not in name:
            found |= {f"{name}.{argument}" for argument in inspect.signature(task.run).parameters}
    compare("TASK_ARGUMENTS", found, TASK_ARGUMENTS)


def test_every_field_of_a_log_line_is_declared():
    found = set()
    for _path, _around, call in calls():
        method = call.func
        if not (isinstance(method, ast.Attribute) and method.attr in LEVELS):
            continue
        if ast.unparse(method.value) not in ("log", "logger", "self.log"):
            continue
        assert isinstance(call.args[0], ast.Constant), f"a sentence with values in it: {ast.unparse(call)}"
        found |= {str(one.arg) for one in call.keywords if one.arg not in ("exc_info", "stack_info")}
        found |= {ast.unparse(one) for one in call.args[1:]}
    compare("LOG_FIELDS", found, LOG_FIELDS)


def test_nothing_is_printed_by_the_site():
    """Commands write to their own output; a line on the console of a server would be a log without a fence."""
    printed = [f"{path}: {ast.unparse(call)}" for path, _around, call in calls() if ast.unparse(call.func) == "print"]
    assert [line for line in printed if "/commands/" not in line and not line.startswith("livechat/")] == []


def test_every_folder_is_declared_and_the_sweep_reads_those_with_data():
    from privacy.sweep import list_folders

    found = set()
    for path in python_files():
        tree = tree_of(path)
        named = {
            node.targets[0].id
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
            and ast.unparse(node.value) in ("Path(settings.VAR)", "settings.VAR")
        }  # fmt: skip
        for node in ast.walk(tree):
            if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and isinstance(node.right, ast.Constant):
                left = ast.unparse(node.left)
                if left in ("settings.VAR", "Path(settings.VAR)", "VAR") or left in named:
                    found.add(str(node.right.value))
    compare("FOLDERS", found, FOLDERS)
    swept = {folder.name for folder in list_folders()}
    assert swept == {name for name, told in FOLDERS.items() if told.startswith("swept: ")}


def test_every_key_of_a_session_is_declared():
    found = set()
    for path in python_files():
        for node in ast.walk(tree_of(path)):
            targets = node.targets if isinstance(node, ast.Assign) else []
            for target in targets:
                if isinstance(target, ast.Subscript) and ast.unparse(target.value) in ("session", "request.session"):
                    words = beginnings(target.slice, path, tree_of(path))
                    found |= {ast.unparse(target.slice) if word == "?" else word for word in words}
    compare("SESSION", found, SESSION)


@pytest.mark.django_db
def test_every_index_for_searching_is_declared():
    found: Any
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "SELECT table_name || '.' || column_name FROM information_schema.columns"
                " WHERE table_schema = current_schema() AND data_type = 'tsvector'"
                " UNION SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
                " AND indexdef ~* 'using (gin|gist)'"
            )
            found = {f"postgresql {name}" for (name,) in cursor.fetchall()}
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%USING fts5%'")
            found = {f"sqlite {name}" for (name,) in cursor.fetchall()}
    kind = "postgresql " if connection.vendor == "postgresql" else "sqlite "
    compare("INDEXES", found, [name for name in INDEXES if name.startswith(kind)])


# ---- the browser --------------------------------------------------------------------------------------------------
STORES = re.compile(r"(localStorage|sessionStorage)\.(?:set|get|remove)Item\(\s*([^,)]+)")
OTHERS = re.compile(r"(indexedDB)\.open\(\s*([^,)]+)|(caches)\.open\(\s*([^,)]+)|(document\.cookie)\s*=\s*([^;]+)")
BEHIND = re.compile(r"\b(?:localStorage|sessionStorage)\s*(?:\[|\.(?!(?:set|get|remove)Item\b)\w+\s*=[^=])")


def scripts() -> Iterator[tuple[str, str]]:
    """Our own scripts, and the pages with one in them."""
    for folder, ends in (("static", ".js"), ("templates", ".html")):
        for file in sorted((ROOT / folder).rglob(f"*{ends}")):
            if "vendor" not in file.parts:
                yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")


def keys_of(text: str, name: str) -> list[str]:
    """With which words a key begins: a literal, a constant of the file, or a member of a list of the file."""
    written = [name]
    if re.fullmatch(r"[A-Za-z_]\w*", name):
        written = re.findall(rf"\b{name} = ([`\"][^;\n]*)", text)
        for many in re.findall(rf"\bfor \(const {name} of (\w+)\)", text):
            for listed in re.findall(rf"\b{many} = \[([^\]]*)\]", text):
                written += re.findall(r"\"[^\"]+\"", listed)
    return [re.split(r"[$=`\"]", one.strip('`"'))[0] for one in written] or [""]


def test_every_key_that_a_script_keeps_in_a_browser_is_declared():
    """A key is written as a word, or as a constant of the same file that begins with one."""
    faults, seen = [], set()
    known = {name.rstrip("*") for name in outbound.cookies}
    for path, text in scripts():
        faults += [f"{path}: {found}" for found in BEHIND.findall(text)]
        for parts in [*STORES.findall(text), *OTHERS.findall(text)]:
            where, name = [part.strip() for part in parts if part]
            for word in keys_of(text, name):
                seen.add(word)
                if not word:
                    faults.append(f"{path}: {where} {name}: write the key so that its beginning is told")
                elif word not in known:
                    faults.append(f'{path}: register Cookie("{word}", ..., where="{where}") in an outbound.py')
    assert not faults, "\n".join(faults)
    assert {"theme", "livechat", "livechat-outbox"} <= seen


def test_every_cookie_of_the_server_is_declared():
    found = {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    for path, around, call in calls():
        if isinstance(call.func, ast.Attribute) and call.func.attr in ("set_cookie", "set_signed_cookie"):
            words = beginnings(call.args[0], path, around)
            found |= {f"{path}: {ast.unparse(call)}" if word == "?" else word for word in words}
    assert settings.MESSAGE_STORAGE.endswith("SessionStorage"), "messages to a person would be a cookie"
    missing = {name for name in found if not {name, name.removeprefix("__Host-")} & set(outbound.cookies)}
    assert not missing, f"register a Cookie in an outbound.py for each of {sorted(missing)}"
