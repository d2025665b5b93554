"""Start a server that speaks MongoDB's protocol for tests and trials, and stop it again.

MongoDB itself comes through no package registry: Debian 12 has none, and the packages for Python and Node fetch it from
elsewhere. mongo-java-server answers its protocol from memory, like MongoDB 5.0 without transactions; Maven fetches it
into the cache (`HABEAS_CACHE`, by default `~/.cache/habeas`), and BeanShell, which tells it its port.
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

VERSION: Final = "1.47.0"
_POM: Final = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>habeas</groupId><artifactId>documents</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>de.bwaldvogel</groupId><artifactId>mongo-java-server</artifactId><version>{VERSION}</version>
    </dependency>
    <dependency>
      <groupId>org.apache-extras.beanshell</groupId><artifactId>bsh</artifactId><version>2.0b6</version>
    </dependency>
  </dependencies>
</project>
"""
_SCRIPT: Final = """\
backend = new de.bwaldvogel.mongo.backend.memory.MemoryBackend();
backend.version(de.bwaldvogel.mongo.ServerVersion.MONGO_5_0);
new de.bwaldvogel.mongo.MongoServer(backend).bind("127.0.0.1", {port});
"""


class MongoMissing(Exception):
    """The server cannot be had; the message says how to get it."""


def _libraries() -> Path:
    """Return the folder of the server's files, fetching them where there are none."""
    folder = cache() / "mongo" / VERSION
    if folder.exists():
        return folder
    if not shutil.which("mvn"):
        raise MongoMissing("there is no Maven to fetch the server with; install Debian's maven")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as partial:
        (Path(partial) / "pom.xml").write_text(_POM)
        command = [*maven(), "dependency:copy-dependencies", "-DoutputDirectory=libs", "-DincludeScope=runtime"]
        done = subprocess.run(command, cwd=partial, capture_output=True, text=True, check=False)
        if done.returncode:
            raise MongoMissing(f"the server could not be fetched: {(done.stdout + done.stderr)[-600:]}")
        if not folder.exists():
            (Path(partial) / "libs").replace(folder)
    return folder


class MongoServer:
    """A server of our own, on a free port of this machine; what it holds is gone with it."""

    def __init__(self) -> None:
        self.port = free_ports(1)[0]
        self._server: subprocess.Popen[bytes] | None = None
        self._folder = Path(tempfile.mkdtemp(prefix="habeas-mongo-"))

    def url(self, database: str = "test") -> str:
        """Return the URL of one database."""
        return f"mongodb://127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start the server and wait until it listens."""
        script = self._folder / "serve.bsh"
        script.write_text(_SCRIPT.format(port=self.port))
        options = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{_libraries()}/*"]
        self._server = subprocess.Popen(
            [java(), *options, "bsh.Interpreter", str(script)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + START_SECONDS_MAX
        while not self._listens():
            if self._server.poll() is not None or time.monotonic() > until:
                raise MongoMissing("the server did not start")
            time.sleep(0.1)

    def _listens(self) -> bool:
        with socket.socket() as knock:
            return knock.connect_ex(("127.0.0.1", self.port)) == 0

    def stop(self) -> None:
        """Stop the server."""
        if self._server is not None:
            ended(self._server)
        shutil.rmtree(self._folder, ignore_errors=True)


def running() -> AbstractContextManager[MongoServer]:
    """Give a server that is gone afterwards."""
    return alive(MongoServer())


if __name__ == "__main__":
    serve(running, MongoMissing)
