"""Work in a short-lived process: what it loads, allocates and copies of the shared pages ends with it (goal G19)."""

import os
import time
from collections.abc import Callable

import structlog
from django.db import connections

log = structlog.get_logger(__name__)

LONGEST_SECONDS = 120
forks = False  # the worker of `manage.py run` says True: its pages are shared with the web process


def run_apart(work: Callable[[], object]) -> bool:
    """Runs `work` in a forked process where this one allows it, else here; answers whether it ended well.

    The child has database connections of its own. One that takes longer than two minutes is ended.
    """
    if not forks:
        work()
        return True
    connections.close_all()
    child = os.fork()
    if child == 0:
        _run_and_end(work)
    until = time.monotonic() + LONGEST_SECONDS
    while time.monotonic() < until:
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status) == 0
        time.sleep(0.05)
    log.warning("apart.too_long", seconds=LONGEST_SECONDS)
    os.kill(child, 9)
    os.waitpid(child, 0)
    return False


def _run_and_end(work: Callable[[], object]) -> None:
    code = 1
    try:
        work()
        code = 0
    except Exception:  # the parent reads the exit code
        log.exception("apart.failed")
    finally:
        os._exit(code)
