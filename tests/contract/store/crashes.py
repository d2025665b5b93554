"""Crashes between any two statements: at statement number n the process is dead, and says no more to its database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from services.runtime.store import Database, prepared
from services.runtime.store.prepared import Executes, driver_of


class Crash(BaseException):
    """The process died here; nothing catches this."""


class Countdown:
    """Counts statements and commits, and lets none through from number `at` on."""

    def __init__(self, at: int) -> None:
        self.at = at
        self.count = 0

    def __call__(self, *_: Any) -> None:
        self.count += 1
        if self.count >= self.at:
            raise Crash

    @property
    def crashed(self) -> bool:
        return self.count >= self.at


@contextmanager
def crashing(database: Database, at: int) -> Iterator[Countdown]:
    """Let the process die before its statement or commit number `at`."""
    countdown = Countdown(at)

    def counted(transaction: Executes) -> sqlite3.Connection | None:
        """Count what goes to SQLite's driver by the shorter way, too."""
        driver = driver_of(transaction)
        if driver is not None:
            countdown()
        return driver

    for name in ("before_cursor_execute", "commit"):
        event.listen(database.engine, name, countdown)
    try:
        with patch.object(prepared, "driver_of", counted):
            yield countdown
    finally:
        for name in ("before_cursor_execute", "commit"):
            event.remove(database.engine, name, countdown)
