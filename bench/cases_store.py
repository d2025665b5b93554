"""Commands a second through `decide`, `evolve` and the store, on SQLite and PostgreSQL; a case with 10,000 events.

python -m bench.cases_store [sqlite|postgresql] [COMMANDS]

A command here is what a turn does with it: load the case, decide, append the chained events, set the snapshot, write
the outbox. Alone each command is committed by itself, as an officer's is; together 64 share a commit, as a worker's do.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.cases import NOTE, opening
from scripts.postgres_server import running
from services.router import casebook
from services.router.assembly import router_of
from services.router.core.cases import commands as c
from services.router.core.cases.timeline import timeline
from services.router.desk.looking import Looking
from services.router.turns import Router
from services.runtime.clock import Clock
from services.runtime.settings import load
from services.runtime.store import Database, Store
from services.runtime.store.migrate import migrate
from services.runtime.vault import master_key_source, open_vault

TOGETHER = 64
EVENTS = 10_000


@contextmanager
def database_of(kind: str, folder: Path) -> Iterator[str]:
    """Give the URL of an empty database at this release."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'habeas.db'}"
        return
    with running() as server:
        yield server.url()


@contextmanager
def desk_on(url: str, folder: Path) -> Iterator[Looking]:
    """Give a desk on a fresh database."""
    database = Database(url)
    migrate(database)
    settings = load(folder, None, {"store": url})
    opened = open_vault(
        folder, lambda: database.begin("router"), keys_url=settings.keys_url,
        masters=master_key_source(folder, file=settings.master_key),
    )  # fmt: skip
    try:
        clock = Clock()
        router = router_of(settings, opened.vault, clock)
        yield Looking(database.store("router"), opened.vault, router, clock, "officer", settings)
    finally:
        opened.vault.close()
        database.close()


def note(number: int, case: int) -> c.Command:
    """Return an officer's note: the smallest command that changes a case."""
    return c.AddNote(case_id=f"case-{case}", cause=f"n{number}", at=Clock().now(), note=NOTE, officer="officer")


def carry_out(store: Store, router: Router, commands: list[c.Command], together: int) -> tuple[float, float]:
    """Carry commands out, so many a commit; return how many a second, and the CPU of one in milliseconds."""
    begun, used = time.perf_counter(), time.process_time()
    for start in range(0, len(commands), together):
        with store.begin() as transaction:
            for command in commands[start : start + together]:
                router.carry_out(transaction, command, None)
    taken, cpu = time.perf_counter() - begun, time.process_time() - used
    return len(commands) / taken, cpu / len(commands) * 1000


def measure(kind: str, count: int) -> None:
    """Print one database's rows."""
    with (
        tempfile.TemporaryDirectory() as folder,
        database_of(kind, Path(folder)) as url,
        desk_on(url, Path(folder)) as at,
    ):
        store, router = at.store, at.router
        carry_out(store, router, [opening(n) for n in range(100)], TOGETHER)
        opened = carry_out(store, router, [opening(1000 + n) for n in range(count)], TOGETHER)
        alone = carry_out(store, router, [note(n, n % 100) for n in range(count)], 1)
        joined = carry_out(store, router, [note(count + n, n % 100) for n in range(count)], TOGETHER)
        for what, (rate, cpu) in (
            ("cases opened (two claims, 9 events), 64 a commit", opened),
            ("commands, each its own commit", alone),
            ("commands, 64 a commit", joined),
        ):
            print(f"{kind:<11} {what:<50} {rate:>7,.0f} a second, {cpu:.2f} ms of CPU each")
        _long_case(kind, at)


def _long_case(kind: str, at: Looking) -> None:
    store, router = at.store, at.router
    carry_out(store, router, [opening(0)], 1)
    carry_out(store, router, [note(n, 0) for n in range(EVENTS)], TOGETHER)
    taken = carry_out(store, router, [note(EVENTS + n, 0) for n in range(200)], 1)
    with store.begin() as transaction:
        case, _ = casebook.load(transaction, "case-0")
        assert case is not None
        begun = time.perf_counter()
        events = at.events(transaction, case)
        read = time.perf_counter() - begun
        begun = time.perf_counter()
        told = timeline(events, at.zone_of(case))
        telling = time.perf_counter() - begun
    each = 1000 / taken[0]
    print(f"{kind:<11} a case of {len(events):,} events: a command in {each:.1f} ms, its events read in {read:.2f} s,")
    print(f"{kind:<11}   its timeline of {len(told):,} lines told in {telling:.2f} s")


def main() -> None:
    """Print the table."""
    kinds = [sys.argv[1]] if len(sys.argv) > 1 else ["sqlite", "postgresql"]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000
    for kind in kinds:
        measure(kind, count)


if __name__ == "__main__":
    main()
