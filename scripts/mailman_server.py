"""Start a GNU Mailman for tests, its REST door only, and stop it again.

It lives in an environment of its own in the cache (`HABEAS_CACHE`, by default `~/.cache/habeas`): nothing of it is ever
imported here, we only speak to it.
"""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from scripts.serving import START_SECONDS_MAX, alive, cache, ended, free_ports

# Mailman 3.3.10 answers HTTP 500 with newer falcon and SQLAlchemy.
WANTED: Final = ("mailman>=3.3.10,<3.4", "falcon>=3.1,<4", "sqlalchemy>=1.4,<2.1")
USER: Final = "restadmin"
PASSWORD: Final = "only-for-tests"
_SETTINGS: Final = """\
[mailman]
layout: here
site_owner: owner@habeas.test
[paths.here]
var_dir: {folder}/var
[webservice]
hostname: 127.0.0.1
port: {port}
admin_user: {user}
admin_pass: {password}
[mta]
incoming: mailman.mta.null.NullMTA
"""


class MailmanMissing(Exception):
    """Mailman cannot be had; the message says why."""


def _python() -> Path:
    """Return the Python of Mailman's own environment, making it where there is none."""
    folder = cache() / "mailman" / f"{sys.version_info.major}.{sys.version_info.minor}"
    if (folder / "ready").exists():
        return folder / "bin" / "python"
    shutil.rmtree(folder, ignore_errors=True)
    venv.create(folder, with_pip=True)
    command = [str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-input", *WANTED]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MailmanMissing(f"Mailman could not be installed: {done.stderr[-600:]}")
    (folder / "ready").touch()
    return folder / "bin" / "python"


class MailmanServer:
    """A Mailman of our own, in a folder of its own, on a free port of this machine."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self._python = _python()
        self._folder = Path(tempfile.mkdtemp(prefix="habeas-mailman-"))
        self._server: subprocess.Popen[bytes] | None = None

    def url(self) -> str:
        """Return the URL of its REST door."""
        return f"http://{USER}:{PASSWORD}@127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the REST door and wait until it answers."""
        (self._folder / "var").mkdir()
        settings = self._folder / "mailman.cfg"
        settings.write_text(_SETTINGS.format(folder=self._folder, port=self.port, user=USER, password=PASSWORD))
        begin = "from mailman.bin.runner import main; main()"
        self._server = subprocess.Popen(
            [str(self._python), "-W", "ignore", "-c", begin, "-C", str(settings), "-r", "rest:0:1"],
            cwd=self._folder, env={"PATH": os.environ.get("PATH", ""), "HOME": str(self._folder), "LC_ALL": "C.UTF-8"},
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        until = time.monotonic() + START_SECONDS_MAX
        while not self._answers():
            if self._server.poll() is not None or time.monotonic() > until:
                raise MailmanMissing("Mailman did not start")
            time.sleep(0.2)

    def send(self, path: str, **form: str) -> int:
        """Send a form, or ask where there is none, and return the status."""
        body = urlencode(form).encode() if form else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/3.1{path}", data=body)
        secret = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        request.add_header("Authorization", f"Basic {secret}")
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as fault:
            with fault:
                return fault.code

    def _answers(self) -> bool:
        try:
            return self.send("/system/versions") == 200
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server and delete its folder."""
        if self._server is not None:
            ended(self._server)
        shutil.rmtree(self._folder, ignore_errors=True)


def running() -> AbstractContextManager[MailmanServer]:
    """Give a server that is gone afterwards."""
    return alive(MailmanServer())
