"""Work in a process of its own."""

import os
from pathlib import Path

import pytest

from core import apart


def test_the_work_is_done_in_a_child_that_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "forks", True)
    assert apart.run_apart(lambda: (tmp_path / "pid").write_text(str(os.getpid())))
    child = int((tmp_path / "pid").read_text())
    assert child != os.getpid()
    assert not os.path.exists(f"/proc/{child}")


def test_work_that_fails_or_never_ends_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setattr(apart, "forks", True)
    monkeypatch.setattr(apart, "LONGEST_SECONDS", 0.3)
    assert apart.run_apart(lambda: 1 / 0) is False
    assert apart.run_apart(lambda: time.sleep(60)) is False


def test_a_process_that_does_not_allow_it_works_itself(tmp_path: Path) -> None:
    assert apart.run_apart(lambda: (tmp_path / "pid").write_text(str(os.getpid())))
    assert int((tmp_path / "pid").read_text()) == os.getpid()
