"""Fault points: named places at which a test can end the process or raise, to prove that nothing is lost there."""

import os
import signal
from collections.abc import Callable

from django.conf import settings

points: dict[str, Callable[[], None]] = {}  # a test puts its own fault here and takes it away again
_passed: dict[str, int] = {}


def fault_point(name: str) -> None:
    """Does nothing, unless a test asked for a fault here.

    In development LIVECHAT_FAULT="outbox.after_send:37" kills this process (SIGKILL) when it passes there the 37th
    time.
    """
    if name in points:
        points[name]()
    if not settings.DEV:
        return
    wanted, _, count = os.environ.get("LIVECHAT_FAULT", "").partition(":")
    if wanted == name:
        _passed[name] = _passed.get(name, 0) + 1
        if _passed[name] == int(count or 1):
            os.kill(os.getpid(), signal.SIGKILL)
