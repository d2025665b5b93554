"""A SQLite file opened only to look: nothing of it is made, migrated, checkpointed or locked."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final
from urllib.parse import quote

BUSY_SECONDS: Final = 5.0


def connect_read_only(path: Path) -> sqlite3.Connection:
    """Open the file for reading; raise what SQLite raises where there is none."""
    where = f"file:{quote(str(path.resolve()))}?mode=ro"
    if not _log_beside(path):
        # In write-ahead mode a reader, too, makes a log and an index beside the file. Without a log nobody has the file
        # open: it is all there is, and SQLite is told that it stays as it is.
        where += "&immutable=1"
    return sqlite3.connect(where, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _log_beside(path: Path) -> bool:
    return path.with_name(f"{path.name}-wal").exists()
