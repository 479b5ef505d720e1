"""Typed readers of the environment; NAME_FILE names a file that holds a secret instead."""

import os
from pathlib import Path

from environs import Env

from core.keys import keep_secret_file

__all__ = ["env", "keep_secret_file", "read_secret"]

env = Env()


def read_secret(name: str, default: str = "") -> str:
    """The value of NAME, or the stripped content of the file that NAME_FILE names."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return env.str(name, default)
