"""Start an IMAP server (GreenMail) for tests and trials, and stop it again.

GreenMail, because it runs for anybody from one file that Maven fetches into the cache (`HABEAS_CACHE`, by default
`~/.cache/habeas`). Dovecot looks for its modules in `/usr/lib/dovecot` only, so it would have to be installed by root.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from scripts.kafka_server import java
from scripts.serving import START_SECONDS_MAX, alive, cache, ended, free_ports, maven, serve

VERSION: Final = "2.1.7"
USER: Final = "inbox@habeas.test"
PASSWORD: Final = "only-for-tests"


class ImapMissing(Exception):
    """The server cannot be had; the message says how to get it."""


def _jar() -> Path:
    """Return the server's one file, fetching it where there is none."""
    folder = cache() / "greenmail"
    jar = folder / f"greenmail-standalone-{VERSION}.jar"
    if jar.exists():
        return jar
    if not shutil.which("mvn"):
        raise ImapMissing("there is no Maven to fetch the IMAP server with; install Debian's maven")
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as partial:
        artifact = f"-Dartifact=com.icegreen:greenmail-standalone:{VERSION}"
        command = [*maven(), "dependency:copy", artifact, f"-DoutputDirectory={partial}"]
        done = subprocess.run(command, cwd=partial, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ImapMissing(f"the IMAP server could not be fetched: {(done.stdout + done.stderr)[-600:]}")
        (Path(partial) / jar.name).replace(jar)
    return jar


class ImapServer:
    """A server of our own, on a free port of this machine. Whoever logs in has a mailbox."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self._server: subprocess.Popen[bytes] | None = None

    def url(self, user: str = USER) -> str:
        """Return the URL of one user's mailbox."""
        return f"imap://{user.replace('@', '%40')}:{PASSWORD}@127.0.0.1:{self.port}/"

    def start(self) -> None:
        """Start the server and wait until it greets."""
        name, _, domain = USER.partition("@")
        users = {"users": f"{name}:{PASSWORD}@{domain}", "users.login": "email"}
        settings = {"imap.hostname": "127.0.0.1", "imap.port": self.port, **users}
        options = [f"-Dgreenmail.{name}={value}" for name, value in settings.items()]
        self._server = subprocess.Popen(
            [java(), "-Xmx128m", *options, "-jar", str(_jar())], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + START_SECONDS_MAX
        while not self._greets():
            if self._server.poll() is not None or time.monotonic() > until:
                raise ImapMissing("the IMAP server did not start")
            time.sleep(0.1)

    def _greets(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=20) as knock:
                return knock.recv(4).startswith(b"* OK")
        except OSError:
            return False

    def stop(self) -> None:
        """Stop the server."""
        if self._server is not None:
            ended(self._server)


def running() -> AbstractContextManager[ImapServer]:
    """Give a server that is gone afterwards."""
    return alive(ImapServer())


if __name__ == "__main__":
    serve(running, ImapMissing)
