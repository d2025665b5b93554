"""The one door to writing a SQLite file, for everyone in this process: the store, the bus, the vault.

SQLite has one writer. A second connection would wait by sleeping and looking again, which costs tens of milliseconds at
every meeting; waiting for a lock costs none. The file's own lock still keeps other processes out.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Final

_LOCKS: Final[dict[str, threading.RLock]] = {}
_GUARD: Final = threading.Lock()


def writer_lock(path: Path) -> threading.RLock:
    """Return the lock to hold while writing to this file."""
    name = str(path.resolve())
    with _GUARD:
        return _LOCKS.setdefault(name, threading.RLock())
