"""Start a real MariaDB for tests, and stop it again.

Debian's binaries are used where they are installed; otherwise root installs them, and anybody else unpacks them into
the cache (`HABEAS_CACHE`, by default `~/.cache/habeas`). Root hands the server to `nobody`.
"""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from scripts.serving import START_SECONDS_MAX, alive, cache, ended, free_ports, serve

_PACKAGES: Final = ("mariadb-server", "mariadb-server-core", "mariadb-common", "libaio1", "liburing2", "libsnappy1v5")


class MariaDBMissing(Exception):
    """MariaDB cannot be found or fetched; the message says how to get it."""


def _cache() -> Path:
    return cache() / "mariadb"


def root() -> Path:
    """Return the folder below which MariaDB's `usr` lies, fetching it where there is none."""
    for place in (Path("/"), _cache()):
        if (place / "usr/sbin/mariadbd").exists():
            return place
    if os.geteuid() == 0:
        _run("apt-get", "install", "-y", "--no-install-recommends", "mariadb-server")
        return Path("/")
    packages = _cache() / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    _run("apt-get", "download", *_PACKAGES, cwd=packages)
    for package in sorted(packages.glob("*.deb")):
        _run("dpkg", "-x", str(package), str(_cache()))
    return _cache()


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        said = f"`{' '.join(command[:3])} …` failed; install Debian's mariadb-server package by hand:"
        raise MariaDBMissing(f"{said}\n{done.stderr[-600:]}")


class MariaDBServer:
    """A MariaDB of our own, in a folder of its own, on a free port of this machine."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self._root = root()
        self.folder = Path(tempfile.mkdtemp(prefix="habeas-maria-"))
        self._user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "mysql") -> str:
        """Return the URL of one database."""
        return f"mysql://habeas@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Make the system tables, start the server and wait until it answers."""
        if self._user:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
        first = self.folder / "first.sql"
        user = "habeas@'127.0.0.1'"
        first.write_text(f"CREATE USER {user} IDENTIFIED BY '';\nGRANT ALL ON *.* TO {user} WITH GRANT OPTION;\n")
        first.chmod(0o644)
        paths = [f"--basedir={self._root / 'usr'}", f"--datadir={self.folder / 'rows'}"]
        program = str(self._root / "usr/bin/mariadb-install-db")
        install = [program, "--no-defaults", "--auth-root-authentication-method=normal"]
        done = subprocess.run(
            [*install, *paths, "--skip-name-resolve", "--skip-test-db"],
            capture_output=True, text=True, check=False, cwd="/", env=self._environment(), **self._drop(),
        )  # fmt: skip
        if done.returncode:
            raise MariaDBMissing(f"mariadb-install-db failed:\n{done.stderr[-600:] or done.stdout[-600:]}")
        options = [
            "--no-defaults", *paths, f"--port={self.port}", "--bind-address=127.0.0.1", "--skip-name-resolve",
            f"--socket={self.folder / 'socket'}", f"--init-file={first}", "--innodb-flush-log-at-trx-commit=0",
            "--innodb-buffer-pool-size=64M", f"--log-error={self.folder / 'log'}", f"--pid-file={self.folder / 'pid'}",
        ]  # fmt: skip
        self._server = subprocess.Popen(
            [str(self._root / "usr/sbin/mariadbd"), *options], cwd="/", env=self._environment(), **self._drop(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > until:
                raise MariaDBMissing(f"MariaDB did not start:\n{(self.folder / 'log').read_text()[-800:]}")
            time.sleep(0.1)

    def _answers(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        if self._server is not None:
            ended(self._server)
            self._server = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _drop(self) -> dict[str, int | list[int]]:
        if self._user is None:
            return {}
        return {"user": self._user.pw_uid, "group": self._user.pw_gid, "extra_groups": []}

    def _environment(self) -> dict[str, str]:
        # A starting server removes every temporary table that it finds in its folder for them: also its neighbour's.
        own = str(self.folder)
        environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "HOME": own, "TMPDIR": own}
        unpacked = sorted((_cache() / "usr/lib").glob("*-linux-gnu"))
        if unpacked and self._root != Path("/"):
            environment["LD_LIBRARY_PATH"] = ":".join(map(str, unpacked))
        return environment


def running() -> AbstractContextManager[MariaDBServer]:
    """Give a server that is gone afterwards."""
    return alive(MariaDBServer())


if __name__ == "__main__":
    serve(running, MariaDBMissing)
