"""aiokafka's own log, digested: a broker that is away makes it write dozens of lines a second, all saying the same."""

from __future__ import annotations

import logging
import time
from typing import Final

from services.runtime.logs import Log

SAY_EVERY_SECONDS: Final = 60.0
SAID_CHARACTERS_MAX: Final = 200
_LOG = Log()


class Digest(logging.Handler):
    """Pass on one warning a minute, with how many were left out; its messages name nodes and groups, never records."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said_at = -SAY_EVERY_SECONDS
        self._left_out = 0

    def emit(self, record: logging.LogRecord) -> None:
        """Say it, or count it."""
        now = time.monotonic()
        if now - self._said_at < SAY_EVERY_SECONDS:
            self._left_out += 1
            return
        _LOG.warning("bus_client_warns", says=record.getMessage()[:SAID_CHARACTERS_MAX], left_out=self._left_out)
        self._said_at = now
        self._left_out = 0


def digest_the_clients_log() -> None:
    """Put the digest between aiokafka and the program's log, once."""
    log = logging.getLogger("aiokafka")
    if not any(isinstance(handler, Digest) for handler in log.handlers):
        log.addHandler(Digest())
        log.propagate = False
