"""Wake-ups: a committed row rouses whoever waits for it, so that nobody needs to look often."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict


class Signals:
    """Events of asyncio loops, raised from the store's threads."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: defaultdict[tuple[str, str], list[tuple[asyncio.AbstractEventLoop, asyncio.Event]]]
        self._waiting = defaultdict(list)

    def event(self, matter: str, service: str) -> asyncio.Event:
        """Return an event that is set whenever the matter is raised; who waits clears it."""
        made = asyncio.Event()
        with self._guard:
            self._waiting[matter, service].append((asyncio.get_running_loop(), made))
        return made

    def raise_(self, matter: str, service: str) -> None:
        """Set the events of this matter, from any thread."""
        with self._guard:
            open_ = [(loop, event) for loop, event in self._waiting[matter, service] if not loop.is_closed()]
            self._waiting[matter, service] = open_
        for loop, event in open_:
            if not event.is_set():
                # A loop that closes between the look and the call has nobody left to wake.
                try:
                    loop.call_soon_threadsafe(event.set)
                except RuntimeError:
                    continue
