"""One turn: some slices of the log, handled and committed together with the group's positions."""

from __future__ import annotations

import heapq
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from schemas.envelope import Envelope
from services.runtime.bus.port import Record, Slice
from services.runtime.failures import Failure, wait_ms
from services.runtime.settings import RetrySettings
from services.runtime.store.held import BEHIND, PARKED, WAITING, held_among, hold
from services.runtime.store.positions import advance
from services.runtime.store.seen import mark_seen
from services.runtime.store.transaction import Transaction
from services.runtime.worker.attempt import Handle, attempt, names_of, opened
from services.runtime.worker.flood import FloodGate


@dataclass(slots=True)
class Outcome:
    """What became of a turn's events."""

    handled: int = 0
    repeated: int = 0
    held: int = 0
    parked: int = 0
    passed: list[bool] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Turn:
    """How a group takes its turns."""

    group: str
    handle: Handle
    retry: RetrySettings
    gate: FloodGate
    chance: random.Random

    def take(self, transaction: Transaction, slices: Sequence[Slice]) -> Outcome:
        """Move the positions and handle every record, in order; raise Zombie where a position has moved on."""
        for slice_ in sorted(slices, key=lambda slice_: slice_.partition):
            advance(transaction, self.group, slice_.partition, slice_.seen, slice_.next)
        records = [(record, names_of(record)) for record in _in_time(slices)]
        new = mark_seen(transaction, self.group, [names[0] for _, names in records])
        fresh = [one for one, is_new in zip(records, new, strict=True) if is_new]
        held = set(held_among(transaction, self.group, {record.key for record, _ in fresh}))
        outcome = self._all_at_once(transaction, fresh) if len(fresh) > 1 and not held else None
        if outcome is None:
            outcome = self._one_by_one(transaction, fresh, held)
        outcome.repeated = len(records) - len(fresh)
        return outcome

    def _all_at_once(self, transaction: Transaction, fresh: Sequence[tuple[Record, tuple[str, str]]]) -> Outcome | None:
        """Handle all of them in one savepoint; None, and nothing done, where one fails: which is rare."""
        events = [opened(record) for record, _ in fresh]
        readable = [event for event in events if isinstance(event, Envelope)]
        if len(readable) < len(events) or attempt(transaction, self.handle, *readable) is not None:
            return None
        return Outcome(handled=len(events), passed=[False] * len(events))

    def _one_by_one(
        self, transaction: Transaction, fresh: Sequence[tuple[Record, tuple[str, str]]], held: set[bytes]
    ) -> Outcome:
        """Handle each in a savepoint of its own; what fails is held, and what comes behind it in its key."""
        outcome = Outcome()
        for record, names in fresh:
            if record.key in held:
                hold(transaction, self.group, record, names, BEHIND)
                outcome.held += 1
            elif not self._one(transaction, record, names, outcome):
                held.add(record.key)
        return outcome

    def _one(self, transaction: Transaction, record: Record, names: tuple[str, str], outcome: Outcome) -> bool:
        """Handle one record, or hold it with its failure; return whether it was handled."""
        event = opened(record)
        failure = attempt(transaction, self.handle, event) if isinstance(event, Envelope) else event
        parked = failure is not None and not failure.expected
        outcome.passed.append(parked)
        if failure is None:
            outcome.handled += 1
            return True
        if parked:
            self.gate.check(self.group, outcome.passed)
            hold(transaction, self.group, record, names, PARKED, failure)
            outcome.parked += 1
        else:
            hold(transaction, self.group, record, names, WAITING, failure, self._next_try_ms(transaction, failure))
            outcome.held += 1
        return False

    def _next_try_ms(self, transaction: Transaction, failure: Failure) -> int:
        return transaction.now_ms + wait_ms(self.retry, 1, failure, self.chance)


def _in_time(slices: Sequence[Slice]) -> list[Record]:
    """Merge the slices by time, each partition's order kept: a case's events on several topics come as they arose."""
    return list(heapq.merge(*(slice_.records for slice_ in slices), key=lambda record: record.timestamp_ms))
