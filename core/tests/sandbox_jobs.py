"""Jobs for the tests of the sandbox."""

import os
import time


def length(data: bytes, *, times: int = 1) -> int:
    return len(data) * times


def turn_for_ever(data: bytes) -> None:
    while True:
        pass


def sleep_for_ever(data: bytes) -> None:
    while True:
        time.sleep(1)


def eat_memory(data: bytes) -> int:
    kept = []
    while True:
        kept.append(bytearray(5 << 20))


def end_at_once(data: bytes) -> None:
    os._exit(3)


def raise_something(data: bytes) -> None:
    raise ValueError("a secret path")


def write_a_file(data: bytes, *, path: str) -> str:
    import signal

    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with open(path, "w") as file:
            file.write("x" * 10)
    except OSError:
        return "refused"
    return "written"


def names_in_the_environment(data: bytes) -> list[str]:
    return sorted(os.environ)
