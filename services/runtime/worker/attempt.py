"""One event, attempted: what it changed stays, or all of it goes and the failure has a name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from schemas.envelope import Envelope, UnreadableEvent, read
from services.runtime.bus.port import Record
from services.runtime.failures import Failure, failure_of
from services.runtime.store.errors import Conflict, StoreFault, Zombie
from services.runtime.store.faults import driver_errors, named
from services.runtime.store.transaction import Transaction

Handle = Callable[[Transaction, Envelope], None]
"""What a service does with an event: load, decide, append, enqueue. Synchronous, and free of outside effects."""

CONFLICTS_MAX: Final = 5


def attempt(transaction: Transaction, handle: Handle, *envelopes: Envelope) -> Failure | None:
    """Handle the events in a savepoint; return None, or why one failed: then nothing of any is left.

    A fault of the database itself is raised.
    """
    # Several are not decided again together: whoever has several hands us each alone after that.
    for _ in range(CONFLICTS_MAX if len(envelopes) == 1 else 1):
        try:
            with transaction.savepoint():
                for envelope in envelopes:
                    handle(transaction, envelope)
        except Conflict:
            # Somebody else changed the row: load it and decide again.
            continue
        except (StoreFault, Zombie, MemoryError):
            raise
        except driver_errors() as fault:
            found = named(fault)
            if isinstance(found, Conflict):
                continue
            if found is not None:
                raise found from None
            return failure_of(fault)
        # The one broad except: whatever an event does to its handler, it is kept and the partition goes on.
        except Exception as fault:  # noqa: BLE001
            return failure_of(fault)
        return None
    return Failure("Conflict", expected=True)


def opened(record: Record) -> Envelope | Failure:
    """Return the event in the record, or why it cannot be read; the message names fields, never what they hold."""
    try:
        return read(record.headers, record.value)
    except UnreadableEvent as fault:
        return Failure("UnreadableEvent", str(fault)[:256])


def names_of(record: Record) -> tuple[str, str]:
    """Return the event's id and name as far as its headers tell; an unreadable one is named by its place in the log."""
    headers = dict(record.headers)
    place = f"{record.partition.topic}/{record.partition.number}/{record.offset}"
    id_ = headers.get("ce_id", b"").decode("ascii", "replace") or place
    return id_, headers.get("ce_type", b"").decode("ascii", "replace").rpartition(".")[2]
