"""A million open deadlines: what it costs to wait for them, and to wake the ones whose moment came.

python -m bench.wakeups [sqlite|postgresql] [CASES]

The rows are copies of a real case's, with their own ids, due moments over two months and wakes before them.
"""

from __future__ import annotations

import asyncio
import resource
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select, text

from bench.cases import START, opening
from bench.cases_store import carry_out, database_of, desk_on
from services.router.desk.filters import Criteria
from services.router.desk.looking import Looking
from services.router.service import wake_due
from services.router.tables import CASES

CHUNK = 20_000
COPIES_SQLITE = """
WITH RECURSIVE counted(n) AS (SELECT :begin UNION ALL SELECT n + 1 FROM counted WHERE n < :last)
INSERT INTO router_cases SELECT
  'copy-' || counted.n, version, controller, 'c' || counted.n, 'p' || counted.n, state, opened_ms,
  :first + counted.n * :step + 864000000, :first + counted.n * :step, officer, language, events, head,
  replace(snapshot, 'case-0', 'copy-' || counted.n)
FROM router_cases, counted WHERE case_id = 'case-0'
"""
COPIES_POSTGRES = """
INSERT INTO router_cases SELECT
  'copy-' || n, version, controller, 'c' || n, 'p' || n, state, opened_ms,
  CAST(:first AS bigint) + n * CAST(:step AS bigint) + 864000000, CAST(:first AS bigint) + n * CAST(:step AS bigint),
  officer, language, events, head,
  replace(snapshot, 'case-0', 'copy-' || n)
FROM router_cases, generate_series(CAST(:begin AS bigint), CAST(:last AS bigint)) AS n WHERE case_id = 'case-0'
"""


def fill(at: Looking, count: int) -> datetime:
    """Copy one open case so often, its wakes spread evenly over two months from its first one, which is returned."""
    carry_out(at.store, at.router, [opening(0)], 1)
    step = int(timedelta(days=60).total_seconds() * 1000 / count)
    with at.store.begin() as transaction:
        first = transaction.execute(select(CASES.c.wake_ms)).scalar_one()
    wanted = COPIES_SQLITE if at.store.database.is_sqlite else COPIES_POSTGRES
    for begin in range(1, count + 1, CHUNK):
        last = min(begin + CHUNK - 1, count)
        with at.store.begin() as transaction:
            transaction.execute(text(wanted), {"begin": begin, "last": last, "first": first, "step": step})
    with at.store.begin() as transaction:
        transaction.execute(text("ANALYZE"))
    return datetime.fromtimestamp(first / 1000, UTC)


def resident_mib() -> float:
    """Return the memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


async def idle(at: Looking, now: datetime, rounds: int) -> tuple[float, float]:
    """Look that often for wakes when nothing is due; return CPU and wall milliseconds a look."""
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(rounds):
        assert await wake_due(at.store, at.router, now) == 0
    return (time.process_time() - cpu) / rounds * 1000, (time.perf_counter() - wall) / rounds * 1000


async def waking(at: Looking, now: datetime, batches: int) -> tuple[int, float, float]:
    """Wake what is due, so many batches; return how many, CPU and wall milliseconds a case."""
    cpu, wall, woken = time.process_time(), time.perf_counter(), 0
    for _ in range(batches):
        woken += await wake_due(at.store, at.router, now)
    each = max(woken, 1)
    return woken, (time.process_time() - cpu) / each * 1000, (time.perf_counter() - wall) / each * 1000


def measure(kind: str, count: int) -> None:
    """Print one database's rows, with ten cases and with all of them."""
    for cases in (10, count):
        with (
            tempfile.TemporaryDirectory() as folder,
            database_of(kind, Path(folder)) as url,
            desk_on(url, Path(folder)) as at,
        ):
            first = fill(at, cases)
            before = resident_mib()
            cpu, wall = asyncio.run(idle(at, START, 200))
            print(f"{kind:<11} {cases:>9,} open: a look in vain {cpu:.2f} ms of CPU, {wall:.2f} ms")
            woken, cpu, wall = asyncio.run(waking(at, first + timedelta(hours=1), 3))
            print(f"{kind:<11} {cases:>9,} open: {woken} woken, {cpu:.2f} ms of CPU, {wall:.2f} ms each")
            begun = time.perf_counter()
            found = at.cases(Criteria(limit=100))
            listed = time.perf_counter() - begun
            print(f"{kind:<11} {cases:>9,} open: the first {len(found)} listed in {listed * 1000:,.0f} ms; "
                  f"memory {before:,.0f} MiB before, {resident_mib():,.0f} MiB after")  # fmt: skip


def main() -> None:
    """Print the table."""
    kinds = [sys.argv[1]] if len(sys.argv) > 1 else ["sqlite", "postgresql"]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    for kind in kinds:
        measure(kind, count)


if __name__ == "__main__":
    main()
