"""A process that works for the crash tests: it handles numbered events and counts each in a table.

`walker.py FILE` works on the embedded bus, `walker.py URL BOOTSTRAP` on this database and this broker; with a number
behind these it handles so many events and then stands still in the middle of the next.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import BigInteger, Column, MetaData, String, Table, select

from schemas.envelope import Envelope, caused
from schemas.events import CaseJoined, ClaimWithdrawn
from schemas.rights import Right
from schemas.topics import all_topics
from services.runtime.bus.kafka.bus import KafkaBus
from services.runtime.bus.port import Bus
from services.runtime.bus.sqlite.bus import SqliteBus
from services.runtime.metrics import RuntimeMetrics
from services.runtime.relay import Relay
from services.runtime.settings import BusSettings
from services.runtime.store import Database, Transaction
from services.runtime.store.transaction import insert_once
from services.runtime.telemetry import new_registry
from services.runtime.waiting import together
from services.runtime.worker import Worker
from services.runtime.worker.worker import Pace

COUNTS = Table(
    "walker_counts",
    MetaData(),
    Column("case_id", String(64), primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("trail", String, nullable=False),
)


def handle(transaction: Transaction, envelope: Envelope) -> None:
    """Note the event in its case's trail, by compare-and-set, and publish one of our own."""
    if not isinstance(envelope.event, CaseJoined):
        return
    case_id, number = envelope.event.case_id, envelope.event.message_id
    transaction.execute(insert_once(transaction, COUNTS, ("case_id",)), {"case_id": case_id, "version": 0, "trail": ""})
    row = transaction.execute(select(COUNTS).where(COUNTS.c.case_id == case_id)).one()
    transaction.compare_and_set(COUNTS, {"case_id": case_id}, row.version, {"trail": f"{row.trail}{number} "})
    withdrawn = ClaimWithdrawn(
        controller="axigen", occurred=envelope.event.occurred, case_id=case_id, claim_id=number, right=Right.ACCESS
    )
    transaction.enqueue(caused(envelope, withdrawn, "walker"))


def bus_at(where: str) -> Bus:
    """Return the bus in this file, or of the broker at this address."""
    if Path(where).is_absolute():
        return SqliteBus(Path(where))
    return KafkaBus(BusSettings(kind="kafka", bootstrap=where), session_seconds=2.0)


def handler(handled_max: int) -> Callable[[Transaction, Envelope], None]:
    """Return a handler that handles so many events and never ends the next one."""
    left = itertools.count(handled_max, -1)

    def handle_or_stand(transaction: Transaction, envelope: Envelope) -> None:
        if next(left) <= 0:
            threading.Event().wait()
        handle(transaction, envelope)

    return handle_or_stand


async def walk(url: str, where: str, handled_max: int | None = None) -> None:
    database = Database(url)
    bus = bus_at(where)
    await bus.open()
    await bus.ensure_topics(all_topics())
    store, metrics, stopping = database.store("router"), RuntimeMetrics(new_registry()), asyncio.Event()
    pace = Pace(records_max=20, durable=not database.is_sqlite)
    handling = handle if handled_max is None else handler(handled_max)
    worker = Worker(
        group="router", topics=["habeas.cases"], bus=bus, store=store, handle=handling, metrics=metrics, pace=pace
    )
    await together(worker.run(stopping), Relay(store=store, bus=bus, metrics=metrics).run(stopping))


if __name__ == "__main__":
    if Path(sys.argv[1]).is_absolute():
        asyncio.run(walk(f"sqlite:///{sys.argv[1]}", sys.argv[1]))
    else:
        asyncio.run(walk(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
