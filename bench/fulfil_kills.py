"""Erasures killed for good (SIGKILL) at random moments, on PostgreSQL: is anything half done, or another's row touched?

    python -m bench.fulfil_kills [--kills 200]

Each time a child process erases Ann from the tests' shop and is killed after a random time, mostly within the erasure.
The whole database is compared: it must be as it was, or wholly erased. Then the erasure is run again to its end.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import random
import signal
import time
from collections import Counter
from pathlib import Path

import sqlalchemy as sa

from scripts.postgres_server import PostgresServer, running
from services.fulfil.connectors.sql.connector import SqlConnector, engine_for
from services.fulfil.core.maps.reading import read_maps
from services.fulfil.erasure import erase
from services.fulfil.landscape import survey
from services.fulfil.ledger import Budget
from services.fulfil.report import Status

SAMPLES = Path("tests/fulfil/samples")
TODAY = dt.date(2026, 1, 1)
Rows = dict[str, set[tuple[str, ...]]]


def erased(url: str) -> Status:
    """Erase Ann."""
    maps, _ = read_maps([("shop.yml", (SAMPLES / "shop.yml").read_text())])
    budget = Budget()
    connector = SqlConnector("shop", url)
    try:
        return erase(survey(maps, {"shop": connector}), {"email": ("ann@x.org",)}, budget, today=TODAY).status
    finally:
        budget.close()
        connector.close()


def dump(url: str) -> Rows:
    """Every row of every table."""
    engine = engine_for(url)
    with engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = "
                                           "'public'::regnamespace").scalars().all()  # fmt: skip
        found = {n: {tuple(map(str, row)) for row in connection.exec_driver_sql(f'TABLE "{n}"')} for n in names}
    engine.dispose()
    return found


def changed(before: Rows, after: Rows) -> dict[str, set[str]]:
    """The first column of the rows that differ."""
    return {t: {row[0] for row in before[t] - after[t]} for t in before if before[t] != after[t]}


def fresh(server: PostgresServer, name: str, template: str) -> str:
    """A new database made of another."""
    engine = sa.create_engine(server.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        connection.exec_driver_sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    engine.dispose()
    return server.url(name).replace("+psycopg", "")


def killed(url: str, after_seconds: float) -> bool:
    """Run an erasure in a child and kill it; return whether it was still at work."""
    child = os.fork()
    if child == 0:
        try:
            erased(url)
        finally:
            os._exit(0)
    time.sleep(after_seconds)
    ended, _ = os.waitpid(child, os.WNOHANG)
    if ended:
        return False
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def main() -> None:
    """Print how the kills ended."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    options = parser.parse_args()
    ended: Counter[str] = Counter()
    with running() as server:
        origin = fresh(server, "origin", "template0")
        engine = engine_for(origin)
        with engine.begin() as connection:
            for statement in (SAMPLES / "shop.sql").read_text().split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement)
        engine.dispose()
        before = dump(origin)
        whole = fresh(server, "whole", "origin")
        started = time.perf_counter()
        assert erased(whole) is Status.COMPLETE
        takes = time.perf_counter() - started
        wanted = changed(before, dump(whole))
        chance = random.Random(7)
        while ended["killed"] < options.kills:
            url = fresh(server, "attempt", "origin")
            if not killed(url, chance.uniform(0, takes * 1.2)):
                ended["too late"] += 1
                continue
            ended["killed"] += 1
            half = changed(before, dump(url))
            ended["as it was" if not half else "wholly erased" if half == wanted else "HALF DONE"] += 1
            complete = erased(url) is Status.COMPLETE and changed(before, dump(url)) == wanted
            ended["complete when run again" if complete else "NOT COMPLETE"] += 1
    print(", ".join(f"{number} {what}" for what, number in ended.items()))


if __name__ == "__main__":
    main()
