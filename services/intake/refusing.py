"""What the doors say while nothing can be written down: to the sender each time, to the operator once."""

from __future__ import annotations

import structlog

from services.runtime.store import DiskFull, StoreFault
from services.runtime.vault.errors import KeyStoreFull

_log = structlog.get_logger()


class Refusing:
    """Whether the doors take anything now; a change is told to the operator, with what to do."""

    def __init__(self) -> None:
        self._why = ""

    def refused(self, fault: StoreFault) -> None:
        """Say that nothing is taken; the same reason again is not news."""
        why = type(fault).__name__
        if why != self._why:
            self._why = why
            _log.error("what arrives is refused for now, its senders keep it", fault=why, remedy=str(fault))

    def took(self) -> None:
        """Say that it is over."""
        if self._why:
            _log.info("what arrives is taken again", after=self._why)
            self._why = ""


def full(fault: StoreFault) -> bool:
    """Tell whether room is what is missing."""
    return isinstance(fault, DiskFull | KeyStoreFull)
