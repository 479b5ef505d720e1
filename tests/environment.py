"""Where the tests run: a development site on a data folder of its own, made before the settings are read.

In CI (CI=true) nothing is left out: a test that is skipped or expected to fail is a failure.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

if "LIVECHAT_TEST_VAR" not in os.environ:
    folder = tempfile.mkdtemp(prefix="livechat-test-")
    os.environ["LIVECHAT_TEST_VAR"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["VAR"] = os.path.join(os.environ["LIVECHAT_TEST_VAR"], _worker)
os.makedirs(os.environ["VAR"], exist_ok=True)
os.environ["LIVECHAT_DEV"] = "1"
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.pop("PUBLIC_ORIGIN", None)
os.environ.pop("EMAIL_URL", None)
os.environ.pop("TRIAL_DAYS", None)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "livechat.settings")


def _redis_of_the_worker(url: str, worker: str) -> str:
    """Each process of pytest-xdist gets a database number of its own, counted up from the one that was given."""
    parts = urlsplit(url)
    number = int(parts.path.strip("/") or 0) + (int(worker.removeprefix("gw")) if worker != "main" else 0)
    return parts._replace(path=f"/{number}").geturl()


if os.environ.get("REDIS_URL"):
    os.environ["REDIS_URL"] = _redis_of_the_worker(os.environ["REDIS_URL"], _worker)


def _fail_what_was_left_out(report: Any) -> None:
    if os.environ.get("CI") == "true" and (report.skipped or hasattr(report, "wasxfail")):
        report.outcome = "failed"
        report.longrepr = f"In CI no test is left out: {report.nodeid}: {report.longrepr}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: Any, call: Any) -> Iterator[None]:
    report = yield
    _fail_what_was_left_out(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: Any) -> Iterator[None]:
    report = yield
    _fail_what_was_left_out(report)
    return report
