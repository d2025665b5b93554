"""What the servers of tests and trials have in common: a cache for what was fetched, a port, a life that ends."""

from __future__ import annotations

import os
import pwd
import signal
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol, TypeVar


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
    """Return ports of 127.0.0.1 that nobody listens on now."""
    listeners = [socket.socket() for _ in range(count)]
    try:
        for listener in listeners:
            listener.bind(("127.0.0.1", 0))
        return [int(listener.getsockname()[1]) for listener in listeners]
    finally:
        for listener in listeners:
            listener.close()


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
