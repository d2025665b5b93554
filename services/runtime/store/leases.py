"""Leases: who relays which shard, who polls which mailbox, who wakes the clock. Each has an epoch that only grows.

An epoch fences: whoever records what was done under a lease does so in a transaction that checks the epoch, so that a
holder that slept through its lease changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from sqlalchemy import select, update

from services.runtime.store.errors import LeaseLost
from services.runtime.store.holder import is_dead
from services.runtime.store.transaction import Transaction, insert_once

FREE: Final = ""


def acquire(
    transaction: Transaction, names: Collection[str], holder: str, for_ms: int, *, look_for_dead: bool = True
) -> Mapping[str, int]:
    """Take the leases that are free, expired, or held by a process that died here; return the epoch of each taken.

    A lease that this holder has already is renewed at its epoch.
    """
    table = transaction.tables.leases
    now_ms = transaction.now_ms
    found = {row.name: row for row in transaction.execute(select(table).where(table.c.name.in_(sorted(names))))}
    taken: dict[str, int] = {}
    for name in sorted(names):
        row = found.get(name)
        if row is None:
            new = {"name": name, "holder": holder, "epoch": 1, "expires_ms": now_ms + for_ms}
            if transaction.execute(insert_once(transaction, table, ("name",)), new).rowcount == 1:
                taken[name] = 1
            continue
        mine = row.holder == holder and row.expires_ms > now_ms
        if not (mine or row.expires_ms <= now_ms or row.holder == FREE or (look_for_dead and is_dead(row.holder))):
            continue
        epoch = row.epoch if mine else row.epoch + 1
        change = update(table).where(table.c.name == name, table.c.epoch == row.epoch, table.c.holder == row.holder)
        if transaction.execute(change.values(holder=holder, epoch=epoch, expires_ms=now_ms + for_ms)).rowcount == 1:
            taken[name] = epoch
    return taken


def confirm(transaction: Transaction, held: Mapping[str, int]) -> None:
    """Hold on to these leases until the commit, or raise LeaseLost: what the transaction does is then not recorded."""
    table = transaction.tables.leases
    # The rows are locked: whoever wants to take a lease over waits for this commit.
    query = select(table.c.name, table.c.epoch).where(table.c.name.in_(sorted(held))).with_for_update()
    epochs = {row.name: row.epoch for row in transaction.execute(query)}
    for name, epoch in held.items():
        if epochs.get(name) != epoch:
            raise LeaseLost(f"the lease {name} has moved on from epoch {epoch}")


def release(transaction: Transaction, held: Mapping[str, int]) -> None:
    """Give the leases back at once, so that nobody waits for them to expire."""
    table = transaction.tables.leases
    for name, epoch in sorted(held.items()):
        change = update(table).where(table.c.name == name, table.c.epoch == epoch)
        transaction.execute(change.values(holder=FREE, expires_ms=0))
