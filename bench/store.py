"""Messages a second through store, bus, worker, relay and jobs, embedded: `python -m bench.store [MESSAGES] [RATE]`.

The walk of a question without its reading: a message is accepted durably, a turn orders a letter, a turn orders the
job, the job is performed, and its receipt is published. Prints the rate, CPU a message, and the time until a letter is
sent.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from schemas.envelope import Envelope, caused, rooted
from schemas.events import MessageReceived, ReplyRequested, ReplySent
from schemas.rights import Channel
from schemas.topics import Topic, all_topics
from services.runtime.bus.sqlite.bus import SqliteBus
from services.runtime.jobs import JobRunner, Recording
from services.runtime.metrics import RuntimeMetrics
from services.runtime.relay import Relay
from services.runtime.store import Database, JobOrder, Transaction
from services.runtime.store.inline import Inline
from services.runtime.store.jobs import Job
from services.runtime.store.migrate import migrate
from services.runtime.telemetry import new_registry
from services.runtime.waiting import together
from services.runtime.worker import Worker
from services.runtime.worker.worker import Pace

NOW = datetime.now(UTC)
NOTHING = "vault:" + "0" * 36


def received(number: int) -> Envelope:
    event = MessageReceived(
        controller="axigen", occurred=NOW, correspondent=f"c{number % 500}", message_id=f"m{number}",
        channel=Channel.EMAIL, received=NOW, body=NOTHING, person="p", size_bytes=1,
    )  # fmt: skip
    return rooted(f"m{number}", event, "intake")


def answer(transaction: Transaction, envelope: Envelope) -> None:
    if isinstance(envelope.event, MessageReceived):
        event = ReplyRequested(
            controller="axigen", occurred=NOW, letter_id=envelope.event.message_id,
            ordered_by=envelope.event.correspondent,
            person="p", template="answer", language="en", channel=Channel.EMAIL, facts=NOTHING, recipient=NOTHING,
        )  # fmt: skip
        transaction.enqueue(caused(envelope, event, "router"))


def order(transaction: Transaction, envelope: Envelope) -> None:
    assert isinstance(envelope.event, ReplyRequested)
    transaction.order(JobOrder(envelope.event.letter_id, "send", envelope.event.ordered_by))


class Sending:
    """Notes when each letter would leave."""

    def __init__(self, messages: int) -> None:
        self.begun: dict[str, float] = {}
        self.seconds: list[float] = []
        self.done = asyncio.Event()
        self._messages = messages

    async def perform(self, job: Job) -> Recording:
        self.seconds.append(time.perf_counter() - self.begun[job.id])
        if len(self.seconds) == self._messages:
            self.done.set()
        event = ReplySent(
            controller="axigen", occurred=NOW, letter_id=job.id, ordered_by=job.key, template="answer",
            channel=Channel.EMAIL,
        )  # fmt: skip
        return lambda transaction: transaction.enqueue(rooted(job.id, event, "intake"))

    def give_up(self, job: Job, cause: str) -> Recording | None:
        return None


async def feed(database: Database, sending: Sending, messages: int, rate: float, stopping: asyncio.Event) -> None:
    begun, cpu = time.perf_counter(), time.process_time()
    accepted = []
    for number in range(messages):
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        sending.begun[f"m{number}"] = time.perf_counter()
        event = received(number)
        accepted.append(asyncio.ensure_future(database.run("intake", partial(_accept, event=event))))
    await sending.done.wait()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    times = sorted(sending.seconds)
    print(f"messages a second   {messages / seconds:8.1f}  (offered {rate:.0f})")
    print(f"CPU a message, ms   {cpu / messages * 1000:8.2f}")
    print(f"p50, p99, ms        {times[messages // 2] * 1000:8.0f}  {times[int(messages * 0.99)] * 1000:.0f}")
    print(f"resident, MB        {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024:8d}")
    stopping.set()


def _accept(transaction: Transaction, event: Envelope) -> None:
    transaction.enqueue(event)


async def walk(folder: Path, messages: int, rate: float) -> None:
    path = folder / "habeas.db"
    database, bus = Database(f"sqlite:///{path}"), SqliteBus(path)
    migrate(database)
    await bus.open()
    await bus.ensure_topics(all_topics())
    log = bus.inline(path)
    assert log is not None
    metrics, stopping, sending = RuntimeMetrics(new_registry()), asyncio.Event(), Sending(messages)
    database.publish_inline(Inline(log, lambda service, count: metrics.published.labels(service).inc(count)))
    router, intake, pace = database.store("router"), database.store("intake"), Pace(durable=False)
    questions = [Topic.MESSAGES.value, Topic.DELIVERIES.value]
    loops: list[Relay | Worker | JobRunner] = [
        Relay(store=router, bus=bus, metrics=metrics),
        Relay(store=intake, bus=bus, metrics=metrics),
        Worker(group="router", topics=questions, bus=bus, store=router, handle=answer, metrics=metrics, pace=pace),
        Worker(
            group="intake",
            topics=[Topic.LETTERS.value],
            bus=bus,
            store=intake,
            handle=order,
            metrics=metrics,
            pace=pace,
        ),
        JobRunner(store=intake, effects={"send": sending}, metrics=metrics),
    ]
    await together(feed(database, sending, messages, rate, stopping), *(loop.run(stopping) for loop in loops))
    await bus.close()
    database.close()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        count, offered = int((sys.argv[1:] or ["1000"])[0]), float((sys.argv[2:] or ["50"])[0])
        asyncio.run(walk(Path(name), count, offered))
