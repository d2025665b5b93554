"""Waiting that ends early: for a wake-up, for a stop, for whichever of several loops ends first."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from typing import Any, Final

CANCEL_SECONDS: Final = 5.0


async def either(seconds: float, *events: asyncio.Event) -> None:
    """Wait until one of the events is set, or so many seconds have passed."""
    if any(event.is_set() for event in events):
        return
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, timeout=max(seconds, 0), return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


async def together(*loops: Coroutine[Any, Any, None]) -> None:
    """Run the loops until all have ended; if one fails, end the others and raise its failure."""
    tasks = [asyncio.ensure_future(loop) for loop in loops]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        for task in done:
            task.result()
    finally:
        await _end(tasks)


async def _end(tasks: Sequence[asyncio.Future[None]]) -> None:
    # A task may miss a cancellation that meets the end of its wait (`asyncio.wait_for` before Python 3.12): ask again.
    while pending := [task for task in tasks if not task.done()]:
        for task in pending:
            task.cancel()
        await asyncio.wait(pending, timeout=CANCEL_SECONDS)
    # Looked at, so that a second failure beside the first is not reported as forgotten.
    for task in tasks:
        if not task.cancelled():
            task.exception()
