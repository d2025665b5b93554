"""What the vault costs: sealing and opening a mail, a new person, a package, a checkpoint.

python -m bench.vault [--mails 2000] [--package-mib 64] [--cases 20000]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import insert

from services.router.tables import CASE_EVENTS
from services.runtime.audit.chain import canonical, empty, extend
from services.runtime.audit.checkpoint import signing_key
from services.runtime.audit.ledger import Ledger
from services.runtime.store import Database
from services.runtime.store.migrate import migrate
from services.runtime.vault import Vault, open_vault
from services.runtime.vault.sealing import CHUNK_BYTES


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--package-mib", type=int, default=64)
    parser.add_argument("--cases", type=int, default=20000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/habeas.db")
        migrate(database)
        vault = open_vault(Path(folder), lambda: database.begin("router")).vault
        mails(vault, database, options.mails)
        package(vault, database, options.package_mib)
        checkpoint(vault, database, options.cases)
        vault.close()
        database.close()
    print(f"{'peak resident memory':<44}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>10.0f} MiB")


def mails(vault: Vault, database: Database, count: int) -> None:
    """Seal and open bodies of 20 kB: of one known person, then of a new person each."""
    body = b"x" * 20_000
    vault.keyed_hash("x", person="known")
    refs: list[str] = []
    with database.begin("router") as tx:
        each("seal 20 kB, known person", count, lambda _: refs.append(vault.seal(tx, "known", "body", body)))
    with database.look("router") as tx:
        each("open 20 kB", count, lambda number: vault.open(tx, refs[number]))
    each("recognise a new person (a key, durable)", count, lambda number: vault.recognise("address", f"a{number}"))
    each("recognise a known person", count, lambda number: vault.recognise("address", f"a{number}"))
    each("keyed hash", count, lambda number: vault.keyed_hash("message", f"m{number}"))
    each("keyed hash of a person", count, lambda number: vault.keyed_hash("x", f"m{number}", person="known"))
    each(
        "forget a person", min(count, 200), lambda number: vault.forget(str(vault.find_person("address", f"a{number}")))
    )


def package(vault: Vault, database: Database, size_mib: int) -> None:
    """Write and read one large object."""
    piece = bytes(CHUNK_BYTES)
    started = time.perf_counter()
    with vault.writer("known", "package") as writer:
        for _ in range(size_mib):
            writer.write(piece)
        with database.begin("router") as tx:
            ref = writer.finish(tx)
    rate(f"write a package of {size_mib} MiB", size_mib, started)
    started = time.perf_counter()
    assert sum(map(len, vault.reader(ref))) == size_mib * CHUNK_BYTES
    rate(f"read a package of {size_mib} MiB", size_mib, started)


def checkpoint(vault: Vault, database: Database, cases: int) -> None:
    """Check and sign chains of ten events each, then verify them."""
    bodies = [canonical({"event": "Noted", "number": number, "text": "x" * 300}) for number in range(10)]
    with database.begin("router") as tx:
        for case in range(cases):
            links = extend("axigen", empty(f"case-{case}"), bodies)
            rows = [
                {"case_id": link.case_id, "sequence": link.sequence, "controller": "axigen", "body": link.body,
                 "cause": str(link.sequence), "digest": link.digest} for link in links
            ]  # fmt: skip
            tx.execute(insert(CASE_EVENTS), rows)
    ledger = Ledger(CASE_EVENTS, lambda name: signing_key(vault.subkey(name)))
    started = time.perf_counter()
    with database.begin("router") as tx:
        ledger.checkpoint(tx, "axigen", "2026-01-01T00:00:00+00:00")
    print(f"{f'checkpoint over {cases} cases, {cases * 10} links':<44}{time.perf_counter() - started:>10.2f} s")
    started = time.perf_counter()
    with database.look("router") as tx:
        assert ledger.verify(tx, "axigen", None).sound
    print(f"{'verify them against it':<44}{time.perf_counter() - started:>10.2f} s")


def each(name: str, count: int, work: Callable[[int], object]) -> None:
    """Do the work and print what one costs."""
    started, cpu = time.perf_counter(), time.process_time()
    for number in range(count):
        work(number)
    wall, used = time.perf_counter() - started, time.process_time() - cpu
    print(f"{name:<44}{wall / count * 1e6:>10.0f} µs   {used / count * 1e6:>8.0f} µs CPU")


def rate(name: str, size_mib: int, started: float) -> None:
    """Print how fast it went."""
    print(f"{name:<44}{size_mib / (time.perf_counter() - started):>10.0f} MiB/s")


if __name__ == "__main__":
    main()
