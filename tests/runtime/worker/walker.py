"""A process that works for the crash tests: `walker.py FILE` handles numbered events and counts each in a table."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from sqlalchemy import BigInteger, Column, MetaData, String, Table, select

from schemas.envelope import Envelope, caused
from schemas.events import CaseJoined, ClaimWithdrawn
from schemas.rights import Right
from schemas.topics import all_topics
from services.runtime.bus.sqlite.bus import SqliteBus
from services.runtime.metrics import RuntimeMetrics
from services.runtime.relay import Relay
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


async def walk(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    bus = SqliteBus(path)
    await bus.open()
    await bus.ensure_topics(all_topics())
    store, metrics, stopping = database.store("router"), RuntimeMetrics(new_registry()), asyncio.Event()
    pace = Pace(records_max=20, durable=False)
    worker = Worker(
        group="router", topics=["habeas.cases"], bus=bus, store=store, handle=handle, metrics=metrics, pace=pace
    )
    await together(worker.run(stopping), Relay(store=store, bus=bus, metrics=metrics).run(stopping))


if __name__ == "__main__":
    asyncio.run(walk(Path(sys.argv[1])))
