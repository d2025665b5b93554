"""Whether what was sent has arrived: the kernel knows what the other side has acknowledged.

A small archive fits into the buffers of the connection, so it is "sent" at once even where nobody receives it any more.
What is not acknowledged is not counted as fetched. Behind a reverse proxy it is the proxy that acknowledges.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import socket
import struct
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

PATIENCE_SECONDS: Final = 30.0
LOOK_SECONDS: Final = 0.02
LOOK_SECONDS_MAX: Final = 1.0
CLOSED: Final = 7
"""The kernel's number for a connection that is no more (TCP_CLOSE)."""

ENDING_SECONDS_MAX: Final = 5.0


class Endings:
    """The answers whose last bytes are leaving: until each is counted, the next asker waits a moment."""

    def __init__(self) -> None:
        self._open: dict[str, set[asyncio.Event]] = {}

    @contextmanager
    def ending(self, package: str) -> Iterator[None]:
        """Say that an answer comes to its end, from its last bytes until they are counted."""
        counted = asyncio.Event()
        self._open.setdefault(package, set()).add(counted)
        try:
            yield
        finally:
            counted.set()
            self._open[package].discard(counted)
            if not self._open[package]:
                del self._open[package]

    async def over(self, package: str) -> None:
        """Return once nothing of this package is ending; a connection that hangs holds nobody up for long."""
        if waits := [asyncio.ensure_future(each.wait()) for each in self._open.get(package, ())]:
            _, late = await asyncio.wait(waits, timeout=ENDING_SECONDS_MAX)
            for each in late:
                each.cancel()


class Arrival:
    """Watches one connection, also when it is closed under us. Close it: it holds the connection."""

    def __init__(self, transport: asyncio.BaseTransport | None) -> None:
        sock = transport.get_extra_info("socket") if transport is not None else None
        self._transport = transport
        try:
            self._handle = os.dup(sock.fileno()) if sock is not None and sys.platform == "linux" else -1
        except OSError:
            self._handle = -1

    async def outstanding_bytes(self) -> int:
        """Return what was not acknowledged, once all is, or nothing more was for a while, or the other side left."""
        look, before, since = LOOK_SECONDS, 0, time.monotonic()
        while True:
            left = self._left()
            if self._was_reset():
                return max(left, before, 1)  # a reset forgets how much it was
            if left == 0:
                return 0
            if left != before:
                before, since = left, time.monotonic()
            if time.monotonic() - since > PATIENCE_SECONDS:
                return left
            await asyncio.sleep(look)
            look = min(look * 2, LOOK_SECONDS_MAX)

    def _was_reset(self) -> bool:
        """Tell whether the other side broke off; one that has all it wanted closes its half and leaves ours open."""
        if self._handle < 0:
            return False
        with socket.socket(fileno=os.dup(self._handle)) as connection:
            return connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] == CLOSED

    def _left(self) -> int:
        if self._handle < 0:
            return 0
        waiting = 0
        if isinstance(self._transport, asyncio.WriteTransport) and not self._transport.is_closing():
            waiting = self._transport.get_write_buffer_size()
        try:
            answer = fcntl.ioctl(self._handle, termios.TIOCOUTQ, bytes(4))
        except OSError:
            return waiting
        return waiting + int(struct.unpack("i", answer)[0])

    def close(self) -> None:
        """Let go of the connection."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
