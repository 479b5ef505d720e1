"""`make bench`: every goal that this version is about, one line of JSON each, then a table."""

import json
import subprocess
import sys
from typing import Any

from bench.harness import ROOT

PROGRAMS = (
    ("bench.messages", "g1"),
    ("bench.messages", "g2"),
    ("bench.messages", "g3"),
    ("bench.messages", "g3pg"),
    ("bench.sockets", "g5"),
    ("bench.sockets", "g6"),
    ("bench.sockets", "g7"),
    ("bench.sockets", "g8"),
    ("bench.widget",),
    ("bench.weight",),
    ("bench.summaries",),
    ("bench.photos",),
    ("bench.imports",),
    ("bench.memory",),
    ("bench.page_cpu",),
    ("bench.pages",),
    ("bench.forum",),
    ("bench.copies",),
)


def run(words: tuple[str, ...]) -> list[dict[str, Any]]:
    """The results of one program; one that fails is a goal that does not hold."""
    done = subprocess.run([sys.executable, "-W", "ignore", "-m", *words], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"goal"')]
    if not found or (done.returncode and all(result["holds"] for result in found)):
        found.append({"goal": " ".join(words), "limit": "", "holds": False, "error": done.returncode})
    for result in found:
        print(json.dumps(result), flush=True)
    return found


def main() -> int:
    results = [result for words in PROGRAMS for result in run(words)]
    print()
    for result in results:
        facts = {k: v for k, v in result.items() if k not in ("goal", "limit", "holds", "files")}
        print(f"{result['goal']:4} {'holds' if result['holds'] else 'FAILS':6} {result['limit']}\n       {facts}")
    return 0 if all(result["holds"] for result in results) else 1


if __name__ == "__main__":
    sys.exit(main())
