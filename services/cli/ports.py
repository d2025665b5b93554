"""Port 0 in the settings becomes a free port before anything starts: links and greetings must name the real one."""

from __future__ import annotations

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
