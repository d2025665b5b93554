"""Whether the process that holds some partitions still lives: a locked file each, which the kernel frees when it dies.

A lease alone would make every restart after a kill wait until it ran out. The lock tells death at once, and the lease
is left with what a lock cannot tell: a process that lives and does nothing (stopped, swapped out, hung).
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from uuid import uuid4


class Seat:
    """The place of one open bus among the processes that share a database file."""

    def __init__(self, database: Path) -> None:
        self._folder = database.with_name(database.name + "-seats")
        self._folder.mkdir(parents=True, exist_ok=True)
        self.name = uuid4().hex
        # Not inheritable: a child that outlives this process must not hold its seat.
        self._file = os.open(self._path(self.name), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def is_taken(self, name: str) -> bool:
        """Return whether a living process holds this seat; the file of a dead one is removed."""
        if name == self.name:
            return True
        path = self._path(name)
        try:
            file = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            path.unlink(missing_ok=True)
            return False
        finally:
            os.close(file)

    def leave(self) -> None:
        """Give the seat up."""
        self._path(self.name).unlink(missing_ok=True)
        os.close(self._file)

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.lock"
