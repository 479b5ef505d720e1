"""What the architecture tests read: our own files by app and room, and their syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FLOORS = {
    "core": 0, "audit": 1, "policies": 1, "analytics": 1, "outbox": 1, "accounts": 2, "billing": 3, "notifications": 3,
    "operators": 4, "facts": 4.5, "blog": 4, "testimonials": 4, "status": 4, "chat": 5, "forum": 5,
    "support": 6, "surveys": 6, "enforcement": 6, "addons": 6,
    "privacy": 7, "reports": 7, "livechat": 8,
}  # fmt: skip
APPS = [name for name in FLOORS if (ROOT / name).is_dir()]


def python_files(*, tests: bool = False) -> Iterator[Path]:
    """Our modules, relative to the repository; migrations left out, tests and builders too unless asked for."""
    for app in APPS:
        for file in sorted((ROOT / app).rglob("*.py")):
            inside = file.relative_to(ROOT)
            is_test = "tests" in inside.parts or inside.name in ("testing.py", "conftest.py")
            if "migrations" not in inside.parts and (tests or not is_test):
                yield inside


@cache
def tree_of(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse((ROOT / path).read_text(encoding="utf-8"), str(path))


def room_of(path: Path) -> str:
    """The room of a module: "views" for chat/views/widget.py, "actions" for chat/actions/messages.py."""
    return Path(path.parts[1]).stem if len(path.parts) > 1 else ""


def templates() -> Iterator[tuple[str, str]]:
    """Path and text of each template."""
    for file in sorted((ROOT / "templates").rglob("*")):
        if file.suffix in (".html", ".txt"):
            yield file.relative_to(ROOT).as_posix(), file.read_text(encoding="utf-8")
