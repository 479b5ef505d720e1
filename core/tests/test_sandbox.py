import os
import signal
import time
from pathlib import Path

import pytest

from core import sandbox
from core.sandbox import Limits, SandboxFailure

HERE = "core.tests.sandbox_jobs"


def failure_of(job: str, **options: object) -> str:
    with pytest.raises(SandboxFailure) as failed:
        sandbox.run(f"{HERE}:{job}", limits=Limits(seconds=1.5, megabytes=100), **options)
    return failed.value.kind


def test_a_job_gets_bytes_and_options_and_answers() -> None:
    data = os.urandom(3 << 20)
    assert sandbox.run(f"{HERE}:length", data, times=2) == len(data) * 2


def test_each_kind_of_failure_has_its_word() -> None:
    began = time.monotonic()
    assert failure_of("turn_for_ever") == "time"
    assert failure_of("sleep_for_ever") == "time"
    assert failure_of("eat_memory") == "memory"
    assert failure_of("end_at_once") == "crash"
    assert failure_of("raise_something") == "error"
    assert failure_of("no_such_job") == "error"
    assert time.monotonic() - began < 10


def test_a_failed_job_leaves_the_helper_to_the_next() -> None:
    sandbox.run(f"{HERE}:length", b"x")
    pid = sandbox.helper_pid()
    assert failure_of("end_at_once") == "crash"
    assert sandbox.run(f"{HERE}:length", b"abc") == 3
    assert sandbox.helper_pid() == pid


def test_a_helper_that_was_killed_is_started_again() -> None:
    sandbox.run(f"{HERE}:length", b"x")
    pid = sandbox.helper_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    time.sleep(0.2)
    assert sandbox.run(f"{HERE}:length", b"abcd") == 4
    assert sandbox.helper_pid() != pid


def test_the_child_writes_no_file_and_knows_no_secret(tmp_path: Path) -> None:
    assert sandbox.run(f"{HERE}:write_a_file", path=str(tmp_path / "x")) == "refused"
    names = sandbox.run(f"{HERE}:names_in_the_environment")
    assert not {"DATABASE_URL", "SECRET_KEY", "REDIS_URL", "EMAIL_URL", "VAR"} & set(names)


def test_jobs_run_beside_each_other() -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda n: sandbox.run(f"{HERE}:length", b"x" * n), range(60)))
    assert found == list(range(60))


def test_the_helper_ends_with_its_site() -> None:
    sandbox.run(f"{HERE}:length", b"x")
    pid = sandbox.helper_pid()
    sandbox.stop()
    assert sandbox.helper_pid() is None
    assert not Path(f"/proc/{pid}").exists()
