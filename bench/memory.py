"""G19: memory of the whole default installation, idle, and how long a start takes."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.harness import ROOT, free_port, pss_kib, wait_until_ready


def tree(pid: int) -> list[int]:
    """A process and everything below it."""
    found = [pid]
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
            if parent == pid:
                found += tree(int(entry.name))
    return found


def measure(idle_seconds: float = 20) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="livechat-bench-") as folder:
        port = free_port()
        env = {**os.environ, "PORT": str(port), "VAR": folder, "LOG_LEVEL": "ERROR"}
        for name in ("DATABASE_URL", "REDIS_URL", "LIVECHAT_DEV", "PUBLIC_ORIGIN"):
            env.pop(name, None)
        began = time.monotonic()
        site = subprocess.Popen(
            [sys.executable, "-W", "ignore", "manage.py", "run"], cwd=ROOT, env=env, stdout=subprocess.DEVNULL
        )
        try:
            wait_until_ready(f"http://127.0.0.1:{port}/readyz", 60)
            ready = time.monotonic() - began
            time.sleep(idle_seconds)
            parts = {pid: pss_kib(pid) for pid in tree(site.pid)}
        finally:
            site.send_signal(signal.SIGINT)
            site.wait(30)
    total = sum(parts.values()) / 1024
    return {
        "goal": "G19", "limit": "<= 160 MiB PSS, idle; first start <= 15 s", "mib": round(total, 1), "processes": len(parts),
        "first_start_s": round(ready, 1), "holds": total <= 160 and ready <= 15,
    }  # fmt: skip


if __name__ == "__main__":
    print(json.dumps(measure()))
