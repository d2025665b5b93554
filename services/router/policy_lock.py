"""One import at a time in a knowledge folder: two at once could each miss the version that the other writes."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from services.router.core.policy.record import PolicyError

WAIT_SECONDS_MAX: Final = 10.0
_LOOK_AGAIN_SECONDS: Final = 0.05


@contextmanager
def alone(root: Path, wait_seconds_max: float = WAIT_SECONDS_MAX) -> Iterator[None]:
    """Hold a folder for one import; another waits a while for its end, and is then refused by name.

    The operating system lets go of the lock when its process ends, however it ends.
    """
    root.mkdir(parents=True, exist_ok=True)
    held = os.open(root, os.O_RDONLY | os.O_DIRECTORY)  # the folder itself is the lock: nothing is left in it
    try:
        give_up = time.monotonic() + wait_seconds_max
        while not _taken(held):
            if time.monotonic() >= give_up:
                raise PolicyError(
                    f"another import is at work in {root}; nothing was imported: try again when it has ended"
                )
            time.sleep(_LOOK_AGAIN_SECONDS)
        yield
    finally:
        os.close(held)


def _taken(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
