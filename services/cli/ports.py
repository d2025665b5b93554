"""Ports before anything starts: 0 becomes a free one, which links and greetings must name, and a taken one is told."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack

from services.runtime.settings import Listen, Settings


def settled(settings: Settings) -> Settings:
    """Return the settings with a free port wherever they leave the choice to us."""
    with ExitStack() as held:
        # Held until both are chosen, so that they differ.
        smtp, http = (_chosen(one, held) for one in (settings.smtp, settings.http))
    return settings.model_copy(update={"smtp": smtp, "http": http})


def _chosen(listen: Listen, held: ExitStack) -> Listen:
    if listen.port:
        return listen
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    probe = held.enter_context(socket.socket(family, socket.SOCK_STREAM))
    probe.bind((listen.host, 0))
    return listen.model_copy(update={"port": probe.getsockname()[1]})


class PortsTaken(Exception):
    """Ports that cannot be opened; the message names each, and what to do."""


def require_open(settings: Settings) -> None:
    """Raise one message that names every port which this program could not open."""
    if said := shared(settings):
        raise PortsTaken(said)
    faults = [unopenable(name, one) for name, one in (("smtp", settings.smtp), ("http", settings.http))]
    if told := [said for _, said in filter(None, faults)]:
        raise PortsTaken("; ".join(told))


def shared(settings: Settings) -> str:
    """Return what is wrong where mail and pages are to be served at one port; nothing where they are not."""
    if settings.smtp != settings.http or not settings.smtp.port:
        return ""
    where = f"{settings.http.host}:{settings.http.port}"
    return f"{where} is named for mail and for HTTP; give each a port of its own with --smtp and --http"


def unopenable(name: str, listen: Listen) -> tuple[int, str] | None:
    """Return why a port cannot be opened, as the system's number and in words; nothing where it can."""
    where = f"{listen.host}:{listen.port}"
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((listen.host, listen.port))
    except OSError as fault:
        number = fault.errno or 0
        if number == errno.EADDRINUSE:
            return number, f"{where} is taken by another program; stop it, or choose with --{name}"
        if number == errno.EACCES:
            told = f"{where} may not be opened by this user; choose a port above 1023, or grant CAP_NET_BIND_SERVICE"
            return number, told
        return number, f"{where} cannot be opened here; name an address of this machine with --{name}"
    return None
