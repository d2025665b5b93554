"""Whether a recovery stands still: now and then Faust waits for ever for an entry of a changelog that it has passed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

STILL_SECONDS: Final = 25.0
"""So long without one more entry read is no slow broker; to begin again costs a second and loses nothing."""


class Standstill:
    """How long a recovery has read nothing more."""

    def __init__(self) -> None:
        self._read: Mapping[Any, int] | None = None
        self._since = 0.0

    def seen(self, read: Mapping[Any, int] | None, now: float) -> bool:
        """Note how far each changelog was read, None where nothing recovers; tell whether it stands still too long."""
        if read is None or read != self._read:
            self._read = None if read is None else dict(read)
            self._since = now
            return False
        return now - self._since >= STILL_SECONDS
