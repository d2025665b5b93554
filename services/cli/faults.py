"""Faults with a name become one readable message and an exit status; a traceback reaches nobody."""

from __future__ import annotations

import errno
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from services.cli.ports import PortsTaken
from services.runtime.bus.port import BusUnavailable, BusUnusable, TopicMismatch
from services.runtime.failures import Flooded
from services.runtime.settings import SettingsFault
from services.runtime.store import StoreFault
from services.runtime.vault import VaultFault

UNUSABLE = 2
FAILED = 1


@contextmanager
def readable() -> Iterator[None]:
    """Turn what is expected to go wrong into a message that says what to do."""
    try:
        yield
    except SettingsFault as fault:
        _end(str(fault), UNUSABLE)
    except PortsTaken as fault:
        _end(str(fault), FAILED)
    except (BusUnavailable, BusUnusable, TopicMismatch, StoreFault, VaultFault, Flooded) as fault:
        _end(str(fault), FAILED)
    except PermissionError as fault:
        _end(f"{fault.filename or 'a file'} may not be read or written by this user; check its owner", FAILED)
    except OSError as fault:
        if fault.errno == errno.EADDRINUSE:
            _end("a port is taken: stop the other program, or choose another with --smtp or --http", FAILED)
        if fault.errno == errno.ENOSPC:
            _end("the disk is full: make room and start again; nothing that was acknowledged is lost", FAILED)
        where = f" {fault.filename}" if fault.filename else ""
        _end(
            f"the system refused{where}: {fault.strerror or type(fault).__name__}; name another place, or mend it",
            FAILED,
        )
    except sqlite3.DatabaseError:
        _end("the database file cannot be read; restore it from a backup, or see docs/operations.md", FAILED)


def _end(message: str, status: int) -> None:
    click.echo(f"habeas: {message}", err=True)
    sys.exit(status)
