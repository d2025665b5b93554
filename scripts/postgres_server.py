"""Start a real PostgreSQL for tests and benches, and stop it again.

Debian's binaries are used where they are installed; otherwise root installs them, and anybody else unpacks them into
the cache (`HABEAS_CACHE`, by default `~/.cache/habeas`). PostgreSQL refuses to run as root, so root hands it to
`nobody`. Settings are for tests: nothing is synced to disk, everything lies in a folder that goes away.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from scripts.serving import START_SECONDS_MAX, cache, ended, free_ports, serve

_PACKAGES: Final = ("postgresql-common", "postgresql")
_SETTINGS: Final = (
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "shared_buffers=64MB",
    "max_connections=100",
    "jit=off",
    "autovacuum=on",
)


class PostgresMissing(Exception):
    """PostgreSQL cannot be found or fetched; the message says how to get it."""


def binaries() -> Path:
    """Return the folder of PostgreSQL's programs, fetching them where there are none."""
    found = _installed(Path("/usr/lib/postgresql")) or _installed(cache() / "postgresql/usr/lib/postgresql")
    if found:
        return found
    if os.geteuid() == 0:
        _run("apt-get", "install", "-y", "--no-install-recommends", *_PACKAGES)
        found = _installed(Path("/usr/lib/postgresql"))
    else:
        _unpack(cache() / "postgresql")
        found = _installed(cache() / "postgresql/usr/lib/postgresql")
    if not found:
        raise PostgresMissing("PostgreSQL was fetched but its programs are not there; install Debian's postgresql")
    return found


def _installed(root: Path) -> Path | None:
    versions = [path.parent for path in root.glob("*/bin/postgres") if path.parent.parent.name.isdigit()]
    return max(versions, key=lambda path: int(path.parent.name), default=None)


def _unpack(into: Path) -> None:
    """Download Debian's packages and unpack them: needs no rights."""
    into.mkdir(parents=True, exist_ok=True)
    listing = subprocess.run(
        ["apt-cache", "depends", "--recurse", "--no-recommends", "--no-suggests", "--no-conflicts", "--no-breaks",
         "--no-replaces", "--no-enhances", "postgresql"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    wanted = (
        "postgresql",
        "libpq",
        "libllvm",
        "libxml2",
        "libicu",
        "libssl",
        "libldap",
        "libsasl2",
        "libz3",
        "libedit",
    )
    names = [line for line in listing.stdout.splitlines() if line.startswith(wanted) and "<" not in line]
    if not names:
        raise PostgresMissing("there is no PostgreSQL here and apt knows none; install Debian's postgresql package")
    packages = into / "packages"
    packages.mkdir(exist_ok=True)
    _run("apt-get", "download", *names, cwd=packages)
    for package in sorted(packages.glob("*.deb")):
        _run("dpkg", "-x", str(package), str(into))


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PostgresMissing(
            f"`{' '.join(command[:3])} …` failed; install Debian's postgresql package by hand:\n{done.stderr[-600:]}"
        )


class PostgresServer:
    """A PostgreSQL of our own, in a folder of its own, on a free port of this machine."""

    def __init__(self, folder: Path | None = None) -> None:
        self.port = free_ports(1)[0]
        self._bin = binaries()
        # The user that runs it must reach the folder: a test's own temporary folder is closed to others.
        self.folder = Path(tempfile.mkdtemp(prefix="habeas-pg-", dir=folder))
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres") -> str:
        """Return the URL of one database."""
        return f"postgresql+psycopg://habeas@127.0.0.1:{self.port}/{database}"

    def create(self) -> None:
        """Make the cluster."""
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        self._call("initdb", "-D", str(self._cluster), "-U", "habeas", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")

    def start(self) -> None:
        """Start the server and wait until it answers."""
        settings = [part for setting in _SETTINGS for part in ("-c", setting)]
        command = [self._bin / "postgres", "-D", self._cluster, "-p", str(self.port), "-h", "127.0.0.1", "-k", ""]
        with (self.folder / "log").open("ab") as log:
            self._server = subprocess.Popen(
                [*command, *settings],
                stdout=subprocess.DEVNULL,
                stderr=log,
                env=self._environment(),
                cwd="/",
                **self._drop(),
            )
        until = time.monotonic() + START_SECONDS_MAX
        ready = [self._bin / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, env=self._environment(), check=False).returncode:
            if self._server.poll() is not None or time.monotonic() > until:
                raise PostgresMissing(f"PostgreSQL did not start:\n{(self.folder / 'log').read_text()[-800:]}")
            time.sleep(0.05)

    def stop(self, *, hard: bool = False) -> None:
        """Stop the server; `hard` as a crash would."""
        if self._server is not None:
            # SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one.
            ended(self._server, signal.SIGQUIT if hard else signal.SIGINT)
            self._server = None

    def remove(self) -> None:
        """Delete the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def _cluster(self) -> Path:
        return self.folder / "cluster"

    def _call(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._bin / program, *arguments], capture_output=True, text=True, check=False, cwd="/",
            env=self._environment(), **self._drop(),
        )  # fmt: skip
        if done.returncode:
            raise PostgresMissing(f"{program} failed:\n{done.stderr[-600:]}")

    def _drop(self) -> dict[str, int | list[int]]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _environment(self) -> dict[str, str]:
        unpacked = sorted((cache() / "postgresql/usr/lib").glob("*-linux-gnu"))
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"}
        if unpacked and self._bin.is_relative_to(cache()):
            environment["LD_LIBRARY_PATH"] = ":".join(str(path) for path in unpacked)
        return environment


@contextmanager
def running() -> Iterator[PostgresServer]:
    """Give a server that is gone afterwards."""
    server = PostgresServer()
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        server.remove()


if __name__ == "__main__":
    serve(running, PostgresMissing)
