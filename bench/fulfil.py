"""Access and erasure on a shop of thirty tables in PostgreSQL: statements, our CPU, seconds, requests a second, memory.

    python -m bench.fulfil [--customers 2000] [--requests 200] [--heavy 0] [--many 1000]

`--many` is how many accesses are then made one, two and four at a time, each process warm as a worker is. Beside what a
clock says stands what two whole cores would carry by the CPU that ours and the server took: neighbours disturb it less.
`--customers 135000` makes about ten million rows; `--heavy 1000000` gives one person that many page views.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
import yaml

from bench.fulfil_shop import data_map, make, without
from scripts.postgres_server import running
from services.fulfil.access import access
from services.fulfil.connectors.sql.connector import SqlConnector
from services.fulfil.core.maps.reading import read_maps
from services.fulfil.erasure import erase
from services.fulfil.landscape import Landscape, survey
from services.fulfil.ledger import Budget

TODAY = dt.date(2026, 1, 1)


def landscape(url: str, tables: int) -> Landscape:
    """A map of so many tables, joined with the live schema."""
    maps, _ = read_maps([("bench.yml", yaml.safe_dump(without(data_map(), tables)))])
    return survey(maps, {"shop": SqlConnector("shop", url)})


def one(land: Landscape, who: int, folder: Path | None = None) -> int:
    """One access request; returns the rows found."""
    budget = Budget()
    report = access(land, {"email": (f"person{who}@example.org",)}, budget, folder)
    assert report.status == "complete", report.faults
    rows = sum(1 for table in report.tables.values() for _ in table.rows())
    budget.close()
    return rows


class Counted(psycopg.Cursor[Any]):
    """A cursor that counts what is sent to the server."""

    statements = 0

    def execute(self, *args: Any, **more: Any) -> Any:
        """Send a statement."""
        Counted.statements += 1
        return super().execute(*args, **more)


def pages(url: str) -> int:
    """How many pages of tables and indexes the server has looked at so far, in its memory or on disk."""
    with psycopg.connect(url) as connection:
        found = connection.execute(
            "SELECT sum(blks_hit + blks_read) FROM pg_stat_database WHERE datname = current_database()"
        ).fetchone()
        return int(found[0]) if found else 0


def measured(url: str, tables: int, what: str, people: Sequence[int], act: Callable[[Landscape, int], int]) -> None:
    """Act for each person, and print what the middle one cost."""
    land = landscape(url, tables)
    for connector in land.connectors.values():
        assert isinstance(connector, SqlConnector)
        sa.event.listen(connector._engine, "checkout", lambda raw, *_: setattr(raw, "cursor_factory", Counted))
    cpu, wall, rows = [], [], 0
    act(land, people[0])
    seen, sent = pages(url), Counted.statements
    for who in people[1:]:
        before, started = time.process_time(), time.perf_counter()
        rows += act(land, who)
        cpu.append(time.process_time() - before)
        wall.append(time.perf_counter() - started)
    for connector in land.connectors.values():
        assert isinstance(connector, SqlConnector)
        connector.close()
    time.sleep(1.5)  # the server notes what a connection has read when it ends
    count = len(cpu)
    print(
        f"{what}, {tables} tables, {count} requests: {statistics.median(cpu) * 1000:.1f} ms of our CPU, "
        f"{statistics.median(wall) * 1000:.1f} ms, {sum(wall):.1f} s together; {rows / count:.0f} rows, "
        f"{(Counted.statements - sent) / count:.1f} statements and {(pages(url) - seen) / count:.0f} pages a person"
    )


def erased(land: Landscape, who: int) -> int:
    """One erasure with its verification; returns the rows changed."""
    budget = Budget()
    report = erase(land, {"email": (f"person{who}@example.org",)}, budget, today=TODAY)
    rows = sum(receipt.done for receipt in report.receipts)
    budget.close()
    assert report.status == "complete", report.faults
    return rows


WARM_REQUESTS = 20
CORES = 2


def worker(url: str, people: list[int], ready: Barrier, done: Barrier, spent: Queue[float]) -> None:
    """Many requests in one process, as a worker does them."""
    land = landscape(url, 20)
    for who in people[:WARM_REQUESTS]:
        one(land, who)
    ready.wait()
    before = time.process_time()
    for who in people:
        one(land, who)
    spent.put(time.process_time() - before)
    done.wait()


def main_of(url: str) -> int:
    """The server's main process, which starts one for each connection."""
    with psycopg.connect(url) as connection:
        backend = connection.info.backend_pid
        return int(Path(f"/proc/{backend}/stat").read_text().rpartition(")")[2].split()[1])


def server_cpu_seconds(server: int) -> float:
    """The processor time that a server's processes have taken so far."""
    total = 0
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = place.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == server or place.parent.name == str(server):
            total += int(fields[11]) + int(fields[12])
    return total / 100


def throughput(url: str, server: int, requests: int, at_a_time: int) -> None:
    """So many requests in so many warm processes, and what each took."""
    people = [[n + 1 for n in range(requests) if n % at_a_time == side] for side in range(at_a_time)]
    ready, done = multiprocessing.Barrier(at_a_time + 1), multiprocessing.Barrier(at_a_time + 1)
    spent: Queue[float] = multiprocessing.Queue()
    processes = [multiprocessing.Process(target=worker, args=(url, each, ready, done, spent)) for each in people]
    for process in processes:
        process.start()
    ready.wait()
    started, before = time.perf_counter(), server_cpu_seconds(server)
    ours = sum(spent.get() for _ in processes) / requests
    seconds, theirs = time.perf_counter() - started, (server_cpu_seconds(server) - before) / requests
    done.wait()
    for process in processes:
        process.join()
    print(
        f"access, 20 tables, {requests} requests, {at_a_time} at a time: {requests / seconds:.0f} a second; "
        f"{ours * 1000:.1f} ms of our CPU and {theirs * 1000:.1f} ms of the server's, "
        f"so {CORES / (ours + theirs):.0f} a second on {CORES} cores of their own"
    )


def heavy(url: str, rows: int) -> None:
    """One person with very many rows: the memory and time it takes."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            f"INSERT INTO page_view SELECT 900000000+i, 1, 'view '||i FROM generate_series(1, {rows}) i".encode()
        )
        connection.execute(b"ANALYZE page_view")

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            found = one(landscape(url, 40), 1, Path(folder))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            print(f"a person with {found:,} rows: {time.perf_counter() - started:.1f} s, {peak:.0f} MB at most")

    process = multiprocessing.Process(target=run)
    process.start()
    process.join()


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--customers", type=int, default=2000)
    parser.add_argument("--requests", type=int, default=200)
    parser.add_argument("--heavy", type=int, default=0)
    parser.add_argument("--many", type=int, default=1000)
    options = parser.parse_args()
    with running() as server:
        url = server.url().replace("+psycopg", "")
        started = time.perf_counter()
        make(url, options.customers)
        print(f"{options.customers * 75:,} rows or so made in {time.perf_counter() - started:.0f} s")
        last = min(options.requests + 2, options.customers // 2)
        for tables in (20, 30):
            measured(url, tables, "access", range(1, last), one)
        for at_a_time in (1, 2, 4):
            throughput(url, main_of(url), min(options.many, options.customers), at_a_time)
        measured(url, 20, "erasure with verification", range(last, last + max(50, last // 4)), erased)
        if options.heavy:
            heavy(url, options.heavy)


if __name__ == "__main__":
    main()
