"""What the doors say while nothing can be written down: to the sender each time, to the operator once."""

from __future__ import annotations

import time
from typing import Final

import structlog

from services.runtime.store import DiskFull, StoreFault
from services.runtime.vault.errors import KeyStoreFull

LATELY_SECONDS: Final = 30
_log = structlog.get_logger()


class Refusing:
    """Whether the doors take anything now; a change is told to the operator, with what to do."""

    def __init__(self) -> None:
        self._why = ""
        self._at = 0.0

    def refused(self, fault: StoreFault) -> None:
        """Say that nothing is taken; the same reason again is not news."""
        why = type(fault).__name__
        self._at = time.monotonic()
        if why != self._why:
            self._why = why
            _log.error("what arrives is refused for now, its senders keep it", fault=why, remedy=str(fault))

    def took(self) -> None:
        """Say that it is over."""
        if self._why:
            _log.info("what arrives is taken again", after=self._why)
            self._why = ""

    def lately(self) -> str:
        """Return why something was refused a moment ago, or nothing.

        It passes by itself: where a balancer sends nothing to a door that is not ready, nothing could show that it is.
        """
        return self._why if time.monotonic() - self._at < LATELY_SECONDS else ""


def full(fault: StoreFault) -> bool:
    """Tell whether room is what is missing."""
    return isinstance(fault, DiskFull | KeyStoreFull)
