"""What the servers of tests and trials have in common: a cache for what was fetched, a port, a life that ends."""

from __future__ import annotations

import os
import pwd
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Final, Protocol, TypeVar

BLOCK_PORTS: Final = 64
FIRST_PORT: Final = 10_240
EPHEMERAL: Final = Path("/proc/sys/net/ipv4/ip_local_port_range")
START_SECONDS_MAX: Final = 180
"""Only a server that will not start takes so long, whatever else the machine has to do."""


class Server(Protocol):
    """A server of our own."""

    def start(self) -> object:
        """Start it and wait until it answers."""
        ...

    def stop(self) -> None:
        """Stop it and leave nothing behind."""
        ...

    def url(self) -> str:
        """Say where it is."""
        ...


S = TypeVar("S", bound=Server)


def cache() -> Path:
    """Return where what was fetched is kept between runs: $HABEAS_CACHE, or ~/.cache/habeas."""
    return Path(os.environ.get("HABEAS_CACHE") or Path.home() / ".cache" / "habeas")


def maven() -> list[str]:
    """Return how Maven is called. It knows its user's home from the system alone, which `nobody` has none of."""
    home = Path(pwd.getpwuid(os.geteuid()).pw_dir)
    own = [] if os.access(home, os.W_OK) else [f"-Dmaven.repo.local={cache() / 'maven'}"]
    return ["mvn", "-B", "-q", *own]


def free_ports(count: int) -> list[int]:
    """Return ports of 127.0.0.1 that nobody listens on now, and that nobody else who asks here is given.

    They lie below those that the system gives to connections and to whoever asks for any port: one of these may be gone
    before a server that takes seconds to start, or starts a second time, has opened it.
    """
    return [next(_PORTS) for _ in range(count)]


def _ports() -> Iterator[int]:
    """Yield ports, each once, block by block; a block is this process's as long as it lives."""
    try:
        end = int(EPHEMERAL.read_text().split()[0])
    except OSError:
        end = 32_768
    blocks = list(range(FIRST_PORT, end - BLOCK_PORTS, BLOCK_PORTS))
    random.shuffle(blocks)
    for block in blocks:
        mark = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            mark.bind(("127.0.0.1", block))
        except OSError:
            mark.close()
            continue
        mark.detach()  # left open on purpose: the system takes the mark away when the process ends, however it ends
        yield from (port for port in range(block, block + BLOCK_PORTS) if _is_free(port))
    raise RuntimeError(f"no port between {FIRST_PORT} and {end} is free")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_PORTS: Final = _ports()


def ended(process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, seconds_max: float = 60) -> None:
    """End a server in order; one that does not heed is killed."""
    process.send_signal(how)
    try:
        process.wait(timeout=seconds_max)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextmanager
def alive(server: S) -> Iterator[S]:
    """Start a server, and stop it afterwards whatever happens."""
    try:
        server.start()
        yield server
    finally:
        server.stop()


def serve(running: Callable[[], AbstractContextManager[Server]], missing: type[Exception]) -> None:
    """Run a server until interrupted, and say where it is."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with running() as server:
            print(server.url().replace("+psycopg", ""), flush=True)
            signal.pause()
    except KeyboardInterrupt:
        pass
    except missing as fault:
        sys.exit(str(fault))
