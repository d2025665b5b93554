"""A folder in which one claim's data lies in clear while it is packed, and what becomes of it when the process dies.

The folder is its owner's only and goes with the claim. A process that dies leaves it behind; its lock dies with it, so
the next start knows whose folders nobody works in any more.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

PREFIX: Final = "claim-"
LOCK: Final = ".lock"


@contextmanager
def workroom(home: Path) -> Iterator[Path]:
    """Make a folder for one claim, hold its lock, and remove it at the end whatever happens."""
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=home))
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield folder
        finally:
            os.close(handle)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(home: Path) -> int:
    """Remove the folders that dead processes left; return how many."""
    removed = 0
    for folder in home.glob(f"{PREFIX}*") if home.is_dir() else ():
        if folder.is_dir() and not folder.is_symlink() and _deserted(folder):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def _deserted(folder: Path) -> bool:
    try:
        handle = os.open(folder / LOCK, os.O_RDWR)
    except FileNotFoundError:
        # Between the folder and its lock there is a moment only: what stays so was left there.
        return not any(folder.iterdir())
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True
