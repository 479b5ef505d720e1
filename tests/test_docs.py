"""The documents are true where a program can tell: settings, commands, links and files that they name."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

ROOT = Path(settings.BASE_DIR)
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
OURS = (
    "accounts",
    "audit",
    "chat",
    "core",
    "enforcement",
    "facts",
    "forum",
    "livechat",
    "notifications",
    "operators",
    "outbox",
    "policies",
    "privacy",
    "support",
    "surveys",
)
READERS = {"str", "int", "bool", "list", "get", "setdefault", "read_secret"}
OF_OTHERS = {"DJANGO_SETTINGS_MODULE", "PATH"}  # Django's and the system's own


def read_variables() -> set[str]:
    """Every name that our code asks the environment for."""
    found: set[str] = set()
    for folder in (*OURS, "reports"):
        for file in (ROOT / folder).rglob("*.py"):
            if "tests" not in file.parts:
                found |= _asked_in(ast.parse(file.read_text(encoding="utf-8")))
    return found - OF_OTHERS


def _asked_in(tree: ast.Module) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant)):
            continue
        called = ast.unparse(node.func)
        is_reader = called.startswith(("env.", "os.environ.", "environ.")) and called.rpartition(".")[2] in READERS
        if (is_reader or called == "read_secret") and isinstance(node.args[0].value, str):
            names.add(node.args[0].value)
    return names


def test_the_table_of_settings_is_what_the_code_reads() -> None:
    text = (ROOT / "docs/deploying.md").read_text(encoding="utf-8")
    table = re.findall(r"^\| `([A-Z_]+)` \|", text, re.MULTILINE)
    assert len(table) == len(set(table))
    assert set(table) == read_variables()


def test_secrets_are_marked_as_secrets() -> None:
    text = (ROOT / "docs/deploying.md").read_text(encoding="utf-8")
    marked = {line.split("`")[1] for line in text.splitlines() if line.startswith("| `") and "*secret*" in line}
    code = (ROOT / "livechat/settings.py").read_text(encoding="utf-8")
    assert marked == set(re.findall(r'read_secret\("([A-Z_]+)"', code))


def test_the_example_of_the_settings_holds_known_names_only() -> None:
    text = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", text, re.MULTILINE))
    assert names - read_variables() == {"POSTGRES_PASSWORD"}  # compose.yaml's


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_commands_and_files_are_there(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    wrong = []
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", text):
        if "://" not in target and not (path.parent / target).exists():
            wrong.append(f"link {target}")
    commands = set(get_commands())
    wrong += [f"command {name}" for name in re.findall(r"manage\.py ([a-z_]+)", text) if name not in commands]
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    wrong += [
        f"target {name}"
        for name in re.findall(r"\bmake ([a-z]+)\b", text)
        if f"`make {name}" in text and name not in targets
    ]
    if path.name != "new-feature.md":  # that one walks through files to be made
        for name in re.findall(r"`((?:[a-z_]+/)+[a-z_]+\.(?:py|toml))`", text):
            if not (ROOT / name).is_file():
                wrong.append(f"file {name}")
    assert wrong == []


def test_every_decision_has_its_number_once() -> None:
    numbers = [file.name[:4] for file in sorted((ROOT / "docs/decisions").glob("*.md"))]
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
