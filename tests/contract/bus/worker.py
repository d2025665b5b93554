"""A worker in a process of its own, to be killed, stopped and continued: `python -m tests.contract.bus.worker …`."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
from pathlib import Path

from tests.contract.bus.place import Place
from tests.contract.bus.state import State

HELD_SECONDS = 0.01


async def work(given: argparse.Namespace) -> None:
    """Handle slices until SIGTERM, leaving the group in order; with `hold_at`, stand still with work in hand there."""
    stopping = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopping.set)
    state = State(given.state)
    bus = Place.read(given.place).bus()
    await bus.open()
    handled = 0
    async with bus.consumer(given.group, [given.topic], state) as consumer:
        while not stopping.is_set():
            for found in await consumer.fetch(given.batch, 0.5):
                if given.stop_after is not None and handled >= given.stop_after:
                    given.stop_after = None
                    # A zombie with work in hand: stopped between reading a slice and storing it.
                    os.kill(os.getpid(), signal.SIGSTOP)
                while given.hold_at is not None and state.count() >= given.hold_at:  # noqa: ASYNC110
                    await asyncio.sleep(HELD_SECONDS)
                if given.pace:
                    await asyncio.sleep(given.pace)
                if state.handle(found, given.name):
                    handled += len(found.records)
                    await consumer.acknowledge(found.partition, found.next)
                else:
                    await consumer.rewind(found.partition)
    await bus.close()
    state.close()


def main() -> None:
    """Read the command line and work."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--place", required=True)
    arguments.add_argument("--state", type=Path, required=True)
    arguments.add_argument("--topic", required=True)
    arguments.add_argument("--group", required=True)
    arguments.add_argument("--name", required=True)
    arguments.add_argument("--batch", type=int, default=100)
    arguments.add_argument("--pace", type=float, default=0.0)
    arguments.add_argument("--stop-after", type=int, default=None)
    arguments.add_argument("--hold-at", type=int, default=None)
    asyncio.run(work(arguments.parse_args()))


if __name__ == "__main__":
    main()
