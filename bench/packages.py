"""How much memory and time a large package takes: from the rows of a database to the archive on the person's disk.

    python -m bench.packages [--mb 300] [--row-bytes 400] [--kill]

It makes a shop with so many megabytes of one person's rows, starts `habeas up`, asks for a copy by mail, confirms, and
fetches the archive in two pieces, the first of which breaks off. What it prints are the process's own figures.
`--kill` ends the product with SIGKILL twice on the way, while rows are read and while the archive is written, and
starts it again.
"""

from __future__ import annotations

import argparse
import hashlib
import html
import http.client
import re
import signal
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

from tests.journeys.archives import archive_on, password_on
from tests.journeys.product import Product, connect, eventually, link_in

WAIT_SECONDS = 7200.0
PIECE_BYTES = 1 << 20
MAP = """\
system: shop
tables:
  customers:
    key: id
    fields:
      id: {}
      email: {identity: email, category: user.contact.email}
  notes:
    key: id
    fields:
      id: {}
      customer_id: {from: customers.id}
      text: {category: user.content}
"""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mb", type=int, default=300)
    parser.add_argument("--row-bytes", type=int, default=400)
    parser.add_argument("--kill", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        measure(Path(folder), options.mb, options.row_bytes, options.kill)


def measure(folder: Path, mb: int, row_bytes: int, kill: bool) -> None:
    """Walk one request from the mail to the archive."""
    rows = make_shop(folder / "shop.db", mb * 1_000_000 // row_bytes, row_bytes)
    (folder / "shop.yml").write_text(MAP, encoding="utf-8")
    system = f'[controllers.axigen.systems.shop]\nmap = "{folder}/shop.yml"\nconnect = "sqlite:///{folder}/shop.db"\n'
    connect(folder / "home", "axigen", ["data-protection@axigen.com"], system)
    product = Product(folder / "home")
    product.start()
    try:
        started = memory(product)
        product.mail("data-protection@axigen.com", "Please send me a copy of my data.")
        link = link_in(product.letter("please confirm that you"), "v")
        before, cpu = time.monotonic(), cpu_seconds(product)
        product.get(link, "POST")
        if kill:
            cpu = killed_on_the_way(product, mb)
        answer = eventually(lambda: texts(product), WAIT_SECONDS)
        packed, packed_cpu, packing = time.monotonic() - before, cpu_seconds(product) - cpu, memory(product)
        page = product.get(link_in(answer, "d"), "POST")[1].decode()
        assert password_on(page)
        before = time.monotonic()
        size = fetch(product, html.unescape(archive_on(page)), folder / "package.zip")
        fetched, fetching = time.monotonic() - before, memory(product)
        stored = (folder / "home" / "habeas.db").stat().st_size
    finally:
        product.stop()
    say("rows of one person", f"{rows:,}")
    say("in the database", f"{(folder / 'shop.db').stat().st_size / 1e6:,.0f} MB")
    say("archive, encrypted", f"{size / 1e6:,.0f} MB")
    say("stored (habeas.db)", f"{stored / 1e6:,.0f} MB")
    say("from the press to the letter", f"{packed:,.1f} s, {packed_cpu:,.1f} s CPU")
    say("download, broken once", f"{fetched:,.1f} s, {size / 1e6 / fetched:,.0f} MB/s")
    say("peak memory at the start", f"{started:,.0f} MB")
    say("peak memory when packed", f"{packing:,.0f} MB")
    say("peak memory when fetched", f"{fetching:,.0f} MB")


def killed_on_the_way(product: Product, mb: int) -> float:
    """Kill the product when a quarter of the rows is read, and again when part of the archive is written.

    Returns the processor time that its last start had taken: what counts is what the last one takes.
    """
    rows_bytes, archive_bytes = mb * 250_000, mb * 50_000
    for what, far in (
        (
            "rows were read",
            lambda: sum(f.stat().st_size for f in product.home.glob("claim-*/data/*/*.jsonl")) > rows_bytes,
        ),
        ("it was packed", lambda: stored_bytes(product) > archive_bytes),
    ):
        eventually(far, WAIT_SECONDS)
        say(f"killed when {what}", f"{memory(product):,.0f} MB at its peak")
        product.stop(signal.SIGKILL)
        product.start(WAIT_SECONDS)
    return cpu_seconds(product)


def stored_bytes(product: Product) -> int:
    """Return what the store's file and its log hold."""
    return sum(f.stat().st_size for f in product.home.glob("habeas.db*"))


def make_shop(path: Path, rows: int, row_bytes: int) -> int:
    """Fill a database with notes that compress to half, as people's words do."""

    def notes() -> Iterator[tuple[int, int, str]]:
        for number in range(rows):
            words = hashlib.shake_256(str(number).encode()).hexdigest(row_bytes // 2)
            yield number, 1, words[:row_bytes]

    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE customers (id INTEGER PRIMARY KEY, email TEXT)")
        database.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER, text TEXT)")
        database.execute("INSERT INTO customers VALUES (1, 'ann@example.org')")
        database.executemany("INSERT INTO notes VALUES (?, ?, ?)", notes())
        database.execute("CREATE INDEX of_customer ON notes (customer_id)")
    return rows


def texts(product: Product) -> str:
    """Return the letter with the package's link, once it is there."""
    for letter in product.letters():
        body = letter.get_body(("plain",))
        text = str(body.get_content()) if body is not None else ""
        if "/d/" in text:
            return text
    return ""


def fetch(product: Product, where: str, target: Path) -> int:
    """Fetch half, break off, and go on; return the size."""
    host = urlsplit(f"http://127.0.0.1:{product.http}").netloc
    with target.open("wb") as file:
        first = http.client.HTTPConnection(host, timeout=60)
        first.request("GET", where)
        answer = first.getresponse()
        size, tag = int(answer.headers["Content-Length"]), answer.headers["ETag"]
        while file.tell() < size // 2 and (piece := answer.read(PIECE_BYTES)):
            file.write(piece)
        first.close()
        second = http.client.HTTPConnection(host, timeout=60)
        second.request("GET", where, headers={"Range": f"bytes={file.tell()}-", "If-Range": tag})
        answer = second.getresponse()
        assert answer.status == 206, answer.status
        while piece := answer.read(PIECE_BYTES):
            file.write(piece)
        second.close()
        assert file.tell() == size
    return size


def memory(product: Product) -> float:
    """Return the most memory that the process ever held, in MB."""
    assert product.process is not None
    found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{product.process.pid}/status").read_text())
    assert found
    return int(found.group(1)) * 1024 / 1e6


def cpu_seconds(product: Product) -> float:
    """Return the processor time that the process took."""
    assert product.process is not None
    fields = Path(f"/proc/{product.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def say(what: str, value: str) -> None:
    """Print one line of the table."""
    print(f"{what:<34}{value:>28}", flush=True)


if __name__ == "__main__":
    main()
