"""What a turn leaves behind, on both databases."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from sqlalchemy import select

from schemas.envelope import VALUE_BYTES_MAX, Envelope, caused
from schemas.events import CaseJoined
from services.router.tables import CASES
from services.runtime.bus.port import Slice
from services.runtime.failures import Flooded, Retry
from services.runtime.settings import RetrySettings
from services.runtime.store import Conflict, Database, DiskFull, JobOrder, Store, Transaction, Zombie
from services.runtime.store.held import by_sequence, parked, release_parked
from services.runtime.store.outbox import waiting
from services.runtime.store.positions import load
from services.runtime.worker.flood import FloodGate
from services.runtime.worker.held import try_held
from services.runtime.worker.turn import Outcome, Turn
from tests.contract.store.crashes import Crash, crashing
from tests.contract.store.events import OTHER, TOPIC, event, number_of, record, slice_of

RETRY = RetrySettings(tries_max=3, first_wait_seconds=0.001, longest_wait_seconds=0.001, flood_parked_max=3)


class Router:
    """A service that publishes one event and orders one job for each it handles, and fails where told."""

    def __init__(self) -> None:
        self.broken: dict[int, Exception] = {}
        self.handled: list[int] = []

    def __call__(self, transaction: Transaction, envelope: Envelope) -> None:
        number = number_of(envelope)
        transaction.enqueue(caused(envelope, envelope.event, "router"))
        transaction.order(JobOrder(f"job-{envelope.id}", "send", envelope.key.decode(), {"number": number}))
        if number in self.broken:
            raise self.broken[number]
        self.handled.append(number)

    def turn(self, settings: RetrySettings = RETRY) -> Turn:
        return Turn("router", self, settings, FloodGate(settings), random.Random(1))


def take(store: Store, turn: Turn, *slices: Slice) -> Outcome:
    with store.begin() as transaction:
        return turn.take(transaction, slices)


def state(database: Database) -> dict[str, list[tuple[object, ...]]]:
    """Everything a turn leaves behind, but for sequences and moments."""
    moments = {"sequence", "seen_ms", "held_ms", "created_ms", "next_try_ms", "expires_ms", "finished_ms"}
    tables = database.store("router").tables
    with database.look("router") as transaction:
        return {
            table.name: [
                tuple(row)
                for row in transaction.execute(
                    select(*[column for column in table.c if column.name not in moments]).order_by(
                        *table.primary_key.columns
                    )
                )
            ]
            for table in (tables.positions, tables.seen, tables.outbox, tables.held, tables.jobs)
        }


def published(store: Store) -> Sequence[bytes]:
    with store.begin() as transaction:
        return [row.record.value or b"" for row in waiting(transaction, range(8), 1000)]


def release_all(store: Store) -> None:
    with store.begin() as transaction:
        for held in parked(transaction, 100):
            assert release_parked(transaction, held)


def test_a_turn_moves_the_position_and_leaves_events_and_jobs_in_order(store: Store) -> None:
    router = Router()
    outcome = take(store, router.turn(), slice_of(*[record(n, event("case-1", n)) for n in range(5)]))
    assert (outcome.handled, router.handled) == (5, [0, 1, 2, 3, 4])
    assert published(store) == [event("case-1", n).value() for n in range(5)]
    with store.begin() as transaction:
        assert load(transaction, "router", [TOPIC, OTHER]) == {TOPIC: 5, OTHER: 0}


def test_a_slice_that_another_member_has_taken_makes_a_zombie_and_changes_nothing(
    store: Store, database: Database
) -> None:
    first = slice_of(record(0, event("case-1", 0)), record(1, event("case-1", 1)))
    take(store, Router().turn(), first)
    before = state(database)
    with pytest.raises(Zombie):
        take(store, Router().turn(), first)
    ahead = slice_of(record(5, event("case-1", 5)))
    with pytest.raises(Zombie):
        take(store, Router().turn(), ahead)
    assert state(database) == before


def test_an_event_that_comes_twice_is_handled_once(store: Store) -> None:
    router = Router()
    repeated = event("case-1", 7)
    outcome = take(store, router.turn(), slice_of(record(0, repeated), record(1, repeated)))
    again = take(store, router.turn(), slice_of(record(2, repeated)))
    assert (router.handled, outcome.repeated, again.repeated) == ([7], 1, 1)


def test_a_failed_event_takes_only_its_own_writes_with_it(store: Store) -> None:
    router = Router()
    router.broken[1] = ValueError("somebody@example.org wrote this")
    outcome = take(store, router.turn(), slice_of(*[record(n, event(f"case-{n}", n)) for n in range(3)]))
    assert (outcome.handled, outcome.parked) == (2, 1)
    assert published(store) == [event("case-0", 0).value(), event("case-2", 2).value()]


def test_an_event_whose_outcome_cannot_be_published_takes_only_its_own_writes_with_it(store: Store) -> None:
    def handle(transaction: Transaction, envelope: Envelope) -> None:
        number = number_of(envelope)
        answer = event(f"case-{number}", number)
        assert isinstance(answer.event, CaseJoined)
        if number == 1:
            long = answer.event.model_copy(update={"message_id": "m" * (VALUE_BYTES_MAX + 1)})
            answer = replace(answer, event=long)
        transaction.enqueue(answer)

    turn = replace(Router().turn(), handle=handle)
    outcome = take(store, turn, slice_of(*[record(n, event(f"case-{n}", n)) for n in range(3)]))
    assert (outcome.handled, outcome.parked) == (2, 1)
    assert published(store) == [event("case-0", 0).value(), event("case-2", 2).value()]


def test_a_parked_event_names_its_cause_and_place_and_never_what_the_exception_said(store: Store) -> None:
    router = Router()
    router.broken[1] = ValueError("somebody@example.org wrote this")
    take(store, router.turn(), slice_of(record(0, event("case-1", 1))))
    with store.begin() as transaction:
        (held,) = parked(transaction, 10)
    assert held.cause == "ValueError"
    assert "tests/contract/store/test_turn.py" in held.place
    assert "example.org" not in repr(held)


def test_an_unreadable_event_is_parked_with_its_bytes_and_holds_its_key(store: Store) -> None:
    broken = replace(record(0, event("case-1", 0)), value=b"\xff\x00 not JSON", headers=(("ce_id", b"\xfe"),))
    router = Router()
    outcome = take(store, router.turn(), slice_of(broken, record(1, event("case-1", 1))))
    assert (outcome.parked, outcome.held, router.handled) == (1, 1, [])
    with store.begin() as transaction:
        (held,) = parked(transaction, 10)
    assert (held.record.value, held.record.headers, held.cause) == (broken.value, broken.headers, "UnreadableEvent")


def test_a_parked_event_holds_its_key_on_every_topic_of_the_group_and_no_other_key(store: Store) -> None:
    router = Router()
    router.broken[1] = KeyError("no")
    take(store, router.turn(), slice_of(record(0, event("case-1", 1)), record(1, event("case-2", 2))))
    take(store, router.turn(), slice_of(record(0, event("case-1", 3), OTHER), record(1, event("case-3", 4), OTHER)))
    assert router.handled == [2, 4]


def test_replaying_releases_the_key_in_order(store: Store) -> None:
    router = Router()
    router.broken[0] = KeyError("no")
    turn = router.turn()
    take(store, turn, slice_of(*[record(n, event("case-1", n)) for n in range(4)]))
    take(store, turn, slice_of(record(0, event("case-1", 9), OTHER)))
    with store.begin() as transaction:
        assert try_held(transaction, turn).handled == 0, "a parked event is not tried by itself"
    router.broken.clear()
    release_all(store)
    with store.begin() as transaction:
        assert try_held(transaction, turn).handled == 5
    assert router.handled == [0, 1, 2, 3, 9]
    take(store, turn, slice_of(record(4, event("case-1", 5))))
    assert router.handled[-1] == 5, "the key is free again"


def test_an_event_behind_that_fails_in_its_turn_keeps_the_rest_behind_it(store: Store) -> None:
    router = Router()
    router.broken = {0: KeyError("no"), 2: KeyError("no")}
    turn = router.turn()
    take(store, turn, slice_of(*[record(n, event("case-1", n)) for n in range(4)]))
    del router.broken[0]
    release_all(store)
    with store.begin() as transaction:
        try_held(transaction, turn)
    assert router.handled == [0, 1]
    router.broken.clear()
    release_all(store)
    with store.begin() as transaction:
        try_held(transaction, turn)
    assert router.handled == [0, 1, 2, 3]


def test_an_expected_failure_is_tried_again_and_parked_when_its_tries_are_used_up(store: Store) -> None:
    router = Router()
    router.broken[0] = Retry("SystemAway", after_seconds=0)
    turn = router.turn()
    take(store, turn, slice_of(record(0, event("case-1", 0))))
    states = []
    for _ in range(3):
        with store.begin() as transaction:
            try_held(transaction, turn)
            held = by_sequence(transaction, 1)
            assert held is not None
            states.append((held.state, held.tries, held.cause))
    assert states == [("waiting", 2, "SystemAway"), ("parked", 3, "SystemAway"), ("parked", 3, "SystemAway")]


def test_a_fault_of_the_database_is_not_the_events_fault(store: Store, database: Database) -> None:
    router = Router()
    router.broken[0] = DiskFull("full")
    before = state(database)
    with pytest.raises(DiskFull):
        take(store, router.turn(), slice_of(record(0, event("case-1", 0))))
    assert state(database) == before


def test_a_flood_of_failures_stops_the_worker_before_it_parks_more(store: Store, database: Database) -> None:
    router = Router()
    router.broken = {n: KeyError("no") for n in range(100)}
    turn = router.turn()
    turn.gate.passed(take(store, turn, slice_of(*[record(n, event(f"case-{n}", n)) for n in range(2)])).passed)
    before = state(database)
    with pytest.raises(Flooded, match="dead-letters"):
        take(store, turn, slice_of(*[record(n, event(f"case-{n}", n)) for n in range(2, 9)]))
    assert state(database) == before


def test_what_waits_behind_a_parked_event_is_no_flood(store: Store) -> None:
    router = Router()
    router.broken[0] = KeyError("no")
    outcome = take(store, router.turn(), slice_of(*[record(n, event("case-1", n)) for n in range(50)]))
    assert (outcome.parked, outcome.held) == (1, 49)


def test_a_crash_between_any_two_statements_of_a_turn_changes_nothing_in_the_end(
    store: Store, database: Database
) -> None:
    slices = (
        slice_of(*[record(n, event(f"case-{n % 3}", n)) for n in range(6)]),
        slice_of(*[record(n, event(f"case-{n % 3}", n + 10), OTHER) for n in range(3)]),
    )
    broken = {1: KeyError("no"), 2: Retry("SystemAway", after_seconds=60)}

    def work() -> None:
        router = Router()
        router.broken = dict(broken)
        take(store, router.turn(), *slices)

    untouched = state(database)
    at = 0
    while True:
        at += 1
        with crashing(database, at) as countdown:
            try:
                work()
            except Crash:
                pass
            else:
                assert not countdown.crashed
                break
        assert state(database) == untouched, f"a crash at statement {at} left something behind"
    assert at > 20
    final = state(database)
    with pytest.raises(Zombie):
        work()
    assert state(database) == final
    assert [len(final[f"router_{name}"]) for name in ("positions", "seen", "held", "jobs")] == [2, 9, 6, 3]


def test_a_crash_between_any_two_statements_of_a_try_of_held_events_changes_nothing_in_the_end(
    store: Store, database: Database
) -> None:
    router = Router()
    router.broken = {0: KeyError("no")}
    take(store, router.turn(), slice_of(*[record(n, event(f"case-{n % 2}", n)) for n in range(6)]))
    release_all(store)
    before, at = state(database), 0
    while True:
        at += 1
        mended = Router()
        with crashing(database, at) as countdown:
            try:
                with store.begin() as transaction:
                    outcome = try_held(transaction, mended.turn())
            except Crash:
                pass
            else:
                assert not countdown.crashed
                break
        assert state(database) == before, f"a crash at statement {at} left something behind"
    assert at > 8
    assert (outcome.handled, mended.handled) == (3, [0, 2, 4])
    final = state(database)
    assert final["router_held"] == []
    assert len(final["router_outbox"]) == len(final["router_jobs"]) == 6
    with store.begin() as transaction:
        assert try_held(transaction, mended.turn()).handled == 0
    assert state(database) == final


def test_of_two_writers_of_a_row_the_second_decides_again_on_what_the_first_left(
    store: Store, database: Database
) -> None:
    jobs = store.tables.jobs
    row = {"case_id": "case-1"}
    fields = {
        "controller": "axigen", "correspondent": "c", "person": "p", "state": "open", "opened_ms": 1, "language": "en",
        "events": 0, "head": "", "snapshot": "{}",
    }  # fmt: skip
    with store.begin() as transaction:
        transaction.execute(CASES.insert().values(**row, version=1, **fields))

    def version() -> int:
        with database.look("router") as reading:
            return int(reading.execute(select(CASES.c.version)).scalar_one())

    def decide(seen: int, who: str) -> None:
        with store.begin() as transaction:
            transaction.order(JobOrder(who, "send"))
            transaction.compare_and_set(CASES, row, seen, {"officer": who})

    officer_saw = version()
    decide(version(), "worker")
    with pytest.raises(Conflict):
        decide(officer_saw, "officer")
    with database.look("router") as reading:
        assert reading.execute(select(jobs.c.job_id)).scalars().all() == ["worker"], "all of it went, not half"
        assert reading.execute(select(CASES.c.officer)).scalar_one() == "worker"
    decide(version(), "officer")
    assert version() == 3
