"""The whole walk through the real product: from mail accepted (250) to the letter in the outbox.

    python -m bench.walk [--bus embedded|kafka] [--rates 20 50 100 200] [--seconds 10] [--mixed 500] [--text "…"]

One `habeas up` with a Maildir outbox. Mails come over SMTP on eight connections at a steady rate, each from a person of
its own; a few before the first rate are not measured, so that what is loaded once is not counted as a mail's. Latency
is from the 250 to the letter's file. CPU is the product's process alone; the bench's own, on the same machine, is shown
because it takes from the same cores. `--mixed` sends so many mails in seven languages at the end, for the memory.
Machines are noisy: compare the lines of one run.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import json
import os
import queue
import smtplib
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.walk_mails import MIXED, QUESTION
from tests.journeys.product import Product
from tests.servers.kafka import broker

CONNECTIONS = 8
WARMING_MAILS = 30
DRAIN_SECONDS = 60.0
IDLE_SECONDS = 10
SETTLE_SECONDS = 8
TO = "data-protection@axigen.com"
HEADING = "offered  accepted/s answered/s events/s  lost  p50 s  p99 s  CPU ms/mail  bench CPU %  RSS MB"


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int, which: str = "VmRSS") -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith(which):
            return int(line.split()[1]) / 1024
    return 0.0


class Outbox:
    """The Maildir that the product writes, and when each letter in it was written."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[str] = set()

    def new(self) -> dict[str, float]:
        """Return who was written to since the last look, and when."""
        found = {}
        for entry in os.scandir(self._folder):
            if entry.name not in self._known:
                self._known.add(entry.name)
                letter = email.message_from_bytes(Path(entry.path).read_bytes(), policy=email.policy.compat32)
                found[str(letter["To"])] = entry.stat().st_mtime
        return found


class Load:
    """Mails at a steady rate, and when each of them was accepted."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.accepted: dict[str, float] = {}

    def send(self, name: str, rate: float, count: int, text: Callable[[int], str]) -> float:
        """Send so many mails; return how many seconds it took."""
        waiting: queue.Queue[tuple[float, int]] = queue.Queue()
        start = time.time()
        for number in range(count):
            waiting.put((start + number / rate, number))
        for _ in range(CONNECTIONS):
            waiting.put((0.0, -1))
        threads = [threading.Thread(target=self._send, args=(name, waiting, text)) for _ in range(CONNECTIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return time.time() - start

    def _send(self, name: str, waiting: queue.Queue[tuple[float, int]], text: Callable[[int], str]) -> None:
        with smtplib.SMTP("127.0.0.1", self._port, timeout=60) as client:
            while True:
                due, number = waiting.get()
                if number < 0:
                    return
                time.sleep(max(0.0, due - time.time()))
                who = f"{name}-{number}@example.org"
                words = text(number)
                kind = "html" if words.startswith("<") else "plain"
                heading = f"From: {who}\r\nTo: {TO}\r\nMessage-ID: <{who}>\r\nContent-Type: text/{kind}; charset=utf-8"
                client.sendmail(who, [TO], f"{heading}\r\n\r\n{words}\r\n".encode())
                self.accepted[who] = time.time()


def drain(outbox: Outbox, expected: set[str]) -> dict[str, float]:
    """Wait until everybody was written to, or nobody was for a while; return who was, and when first."""
    written: dict[str, float] = {}
    end = time.time() + DRAIN_SECONDS
    while not expected <= written.keys() and time.time() < end:
        for who, moment in outbox.new().items():
            written[who] = min(moment, written.get(who, moment))
        time.sleep(0.05)
    return {who: moment for who, moment in written.items() if who in expected}


def events_published(product: Product) -> float:
    """Return how many events the product's relays have published."""
    lines = product.get("/metrics")[1].decode().splitlines()
    return sum(float(line.split()[-1]) for line in lines if line.startswith("habeas_relay_published_total{"))


def measure(product: Product, outbox: Outbox, name: str, rate: float, count: int, text: Callable[[int], str]) -> str:
    assert product.process is not None
    pid = product.process.pid
    load, start, own = Load(product.smtp), time.time(), time.process_time()
    burnt, events = cpu_seconds(pid), events_published(product)
    took = load.send(name, rate, count, text)
    sending_cpu = (time.process_time() - own) / took
    written = drain(outbox, set(load.accepted))
    spent, events = cpu_seconds(pid) - burnt, events_published(product) - events
    waits = sorted(max(0.0, written[who] - load.accepted[who]) for who in written)
    last = max(written.values(), default=start + 1) - start
    p50 = statistics.median(waits) if waits else float("nan")
    p99 = waits[int(len(waits) * 0.99) - 1] if waits else float("nan")
    return (
        f"{rate:>7g} {len(load.accepted) / took:>11.0f} {len(waits) / last:>10.0f} {events / last:>8.0f} "
        f"{count - len(waits):>5} {p50:>6.3f} {p99:>6.3f} {spent / count * 1000:>12.1f} {sending_cpu * 100:>12.0f} "
        f"{resident_megabytes(pid):>7.0f}"
    )


def settled_megabytes(product: Product) -> float:
    """Return what the product holds once it has loaded what it loads at its start."""
    assert product.process is not None
    time.sleep(SETTLE_SECONDS)
    return resident_megabytes(product.process.pid)


@contextmanager
def product_on(bus: str) -> Iterator[Product]:
    """Run the product on this bus, with a broker of its own where it needs one."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        if bus == "kafka":
            with broker() as server:
                yield from _run(Product(home, "--bus", "kafka", "--bootstrap", server.bootstrap))
        else:
            yield from _run(Product(home))


def _run(product: Product) -> Iterator[Product]:
    """Start the product a second time: the first makes tables, the second finds all as any later start does."""
    product.start()
    print(f"resident at the first start: {settled_megabytes(product):.0f} MB")
    product.stop()
    product.start()
    try:
        yield product
    finally:
        product.stop()


def run(product: Product, rates: list[float], seconds: int, text: str, mixed: int) -> None:
    assert product.process is not None
    pid = product.process.pid
    outbox = Outbox(product.home / "outbox" / "new")
    print(f"resident at the next start: {settled_megabytes(product):.0f} MB")
    before = cpu_seconds(pid)
    time.sleep(IDLE_SECONDS)
    print(f"idle CPU: {(cpu_seconds(pid) - before) / IDLE_SECONDS * 100:.1f} % of a core")
    measure(product, outbox, "warming", 5, WARMING_MAILS, lambda _: text)
    print(HEADING)
    for rate in rates:
        line = measure(product, outbox, f"p{rate:g}", rate, int(rate * seconds), lambda _: text)
        print(line, flush=True)
    if mixed:
        print(f"{mixed} mixed mails, offered at 20 a second (a letter is not due to each)")
        load = Load(product.smtp)
        load.send("mixed", 20, mixed, lambda number: MIXED[number % len(MIXED)])
        time.sleep(5)
    print(f"resident at the end: {resident_megabytes(pid):.0f} MB, at most {resident_megabytes(pid, 'VmHWM'):.0f} MB")
    print(json.dumps({"faults": [line for line in product.log.read_text().splitlines() if '"error"' in line][:5]}))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bus", choices=["embedded", "kafka"], default="embedded")
    parser.add_argument("--rates", type=float, nargs="*", default=[20, 50, 100, 200])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--mixed", type=int, default=0)
    parser.add_argument("--text", default=QUESTION)
    given = parser.parse_args()
    # As installed: where every import compiles its source anew, what compiling needed stays in memory.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ.setdefault("PYTHONPYCACHEPREFIX", str(Path(tempfile.gettempdir()) / "habeas-bench-bytecode"))
    with product_on(given.bus) as product:
        run(product, given.rates, given.seconds, given.text, given.mixed)


if __name__ == "__main__":
    main()
