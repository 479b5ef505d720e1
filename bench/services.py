"""PostgreSQL and Redis servers of our own: loopback, own folders, ended by their own process ids."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.harness import free_port


def find_postgres() -> Path | None:
    """The folder with initdb and postgres, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    named = shutil.which("initdb")
    folders += [Path(named).resolve().parent] if named else []
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


def find_redis() -> str | None:
    return shutil.which("redis-server")


class OwnPostgres:
    """A cluster that lives as long as it is needed. It does not survive a power cut, and does not have to."""

    def __init__(self, folder: Path, port: int) -> None:
        programs = find_postgres()
        assert programs is not None
        self.programs, self.data, self.port = programs, folder / "data", port
        self.user = "postgres" if os.getuid() == 0 else pwd.getpwuid(os.getuid()).pw_name  # it refuses to run as root
        self.url = f"postgres://root@127.0.0.1:{port}/postgres"
        self.process: subprocess.Popen[bytes] | None = None
        if os.getuid() == 0:
            shutil.chown(folder, self.user)
        command = [
            programs / "initdb",
            "-D",
            self.data,
            "-U",
            "root",
            "-A",
            "trust",
            "--no-sync",
            "-E",
            "UTF8",
            "--locale=C",
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, user=self._as(), cwd="/")

    def _as(self) -> str | None:
        return self.user if os.getuid() == 0 else None

    def start(self) -> None:
        """Starts the server and waits until it lets somebody in."""
        options = {"listen_addresses": "127.0.0.1", "port": self.port, "unix_socket_directories": "", "fsync": "off",
                   "max_connections": 120, "log_min_messages": "panic"}  # fmt: skip
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", self.data, *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self._as(), cwd="/",
        )  # fmt: skip
        import psycopg

        for _ in range(300):
            with contextlib.suppress(psycopg.OperationalError):
                psycopg.connect(self.url).close()
                return
            time.sleep(0.1)
        raise TimeoutError("PostgreSQL did not start within 30 s")

    def stop(self) -> None:
        """A fast stop, as `pg_ctl stop -m fast` does it: every connection is ended."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(30)
            self.process = None


class OwnRedis:
    """A Redis that keeps nothing: started again it is empty."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port
        self.url = f"redis://127.0.0.1:{port}/0"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = find_redis()
        assert program is not None
        words = [
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            str(self.folder),
        ]
        self.process = subprocess.Popen([program, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        import redis

        with redis.Redis.from_url(self.url) as client:
            for _ in range(100):
                with contextlib.suppress(redis.ConnectionError):
                    client.ping()
                    return
                time.sleep(0.1)
        raise TimeoutError("Redis did not start within 10 s")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)
            self.process = None

    def flush(self) -> None:
        """Redis is emptied while everybody is connected to it."""
        import redis

        with redis.Redis.from_url(self.url) as client:
            client.flushall()


@contextlib.contextmanager
def own_services() -> Iterator[tuple[OwnPostgres, OwnRedis]]:
    """Both, running, in a folder that is removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix="livechat-services-"))
    postgres, redis = OwnPostgres(folder, free_port()), OwnRedis(folder, free_port())
    try:
        redis.start()
        postgres.start()
        yield postgres, redis
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)
