"""SQLite's writing thread: what waits at the same moment is committed together, and what fails goes back alone.

A durable commit waits for the disk. Ten mails that arrive while the disk is busy wait for it once, not ten times. Where
one work of a transaction raises, all of it goes back and is begun again with a savepoint for each.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from services.runtime.store.transaction import Transaction

TOGETHER_MAX: Final = 128


class Group(Protocol):
    """A transaction that several works share."""

    def each(self, service: str, work: Callable[[Transaction], Any]) -> Any:
        """Run one work in a savepoint; what it raises concerns it alone, unless the database is at fault."""
        ...

    def alone(self, service: str, work: Callable[[Transaction], Any]) -> Any:
        """Run a work without a savepoint: what it raises takes back the whole transaction."""
        ...


@dataclass(slots=True)
class _Waiting:
    service: str
    work: Callable[[Transaction], Any]
    durable: bool
    loop: asyncio.AbstractEventLoop
    future: asyncio.Future[Any]


class GroupingWriter:
    """One thread that takes all works that wait, runs them in one transaction, and answers each after the commit."""

    def __init__(
        self, begin: Callable[[bool], AbstractContextManager[Group]], fatal: Callable[[Exception], bool]
    ) -> None:
        self._begin = begin
        self._fatal = fatal
        self._queue: deque[_Waiting] = deque()
        self._some = threading.Condition()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)
        self._thread.start()

    async def run(self, service: str, work: Callable[[Transaction], Any], *, durable: bool) -> Any:
        """Wait until the work is committed, and return what it returned."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        with self._some:
            if self._closed:
                raise RuntimeError("the database is closed")
            self._queue.append(_Waiting(service, work, durable, loop, future))
            self._some.notify()
        return await future

    def close(self) -> None:
        """Finish what waits, then end the thread."""
        with self._some:
            self._closed = True
            self._some.notify()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._some:
                while not self._queue and not self._closed:
                    self._some.wait()
                if not self._queue:
                    return
                batch = [self._queue.popleft() for _ in range(min(TOGETHER_MAX, len(self._queue)))]
            self._commit(batch)

    def _commit(self, batch: Sequence[_Waiting]) -> None:
        answers: list[tuple[_Waiting, Any, BaseException | None]]
        durable = any(one.durable for one in batch)
        try:
            try:
                with self._begin(durable) as group:
                    answers = [(one, group.alone(one.service, one.work), None) for one in batch]
            except Exception as fault:
                if len(batch) == 1 or self._fatal(fault):
                    raise
                # One of them raised, which is rare: all are begun again, each in a savepoint of its own.
                with self._begin(durable) as group:
                    answers = [self._one(group, one) for one in batch]
        # The commit failed, or the database did: nobody's work is there, and everybody is told so.
        except BaseException as fault:  # noqa: BLE001
            answers = [(one, None, fault) for one in batch]
        for loop in {one.loop for one in batch}:
            mine = [answer for answer in answers if answer[0].loop is loop]
            try:
                loop.call_soon_threadsafe(_answer, mine)
            except RuntimeError:
                # The loop has closed: nobody waits for these any more.
                continue

    def _one(self, group: Group, one: _Waiting) -> tuple[_Waiting, Any, BaseException | None]:
        try:
            return one, group.each(one.service, one.work), None
        # Whatever a work raises is its caller's to know; the others go on.
        except Exception as fault:
            if self._fatal(fault):
                raise
            return one, None, fault


def _answer(answers: Sequence[tuple[_Waiting, Any, BaseException | None]]) -> None:
    for one, result, fault in answers:
        if one.future.done():
            continue
        if fault is not None:
            one.future.set_exception(fault)
        else:
            one.future.set_result(result)
