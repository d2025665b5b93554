"""The whole walk of a question through the real product: from mail accepted (250) to reply in the outbox.

    python -m bench.walk [--rates 50 100 200] [--seconds 10] [--text "How long do you keep my data?"]

One `habeas up` with a Maildir outbox; mails come over SMTP on eight connections at a steady rate, each from a person of
its own. Latency is from the 250 to the letter's file; CPU is the product's process alone. Machines are noisy: compare
the rates of one run.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import os
import queue
import smtplib
import statistics
import tempfile
import threading
import time
from pathlib import Path

from tests.journeys.product import Product

CONNECTIONS = 8
DRAIN_SECONDS = 60.0


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_megabytes(pid: int) -> float:
    for line in Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    return 0.0


def send(port: int, waiting: queue.Queue[tuple[float, str]], accepted: dict[str, float], text: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        while True:
            due, who = waiting.get()
            if not who:
                return
            time.sleep(max(0.0, due - time.time()))
            mail = f"From: {who}\r\nTo: data-protection@axigen.com\r\nMessage-ID: <{who}>\r\n\r\n{text}\r\n"
            client.sendmail(who, ["data-protection@axigen.com"], mail)
            accepted[who] = time.time()


def answered(outbox: Path, known: dict[str, float]) -> None:
    """Note when each new letter's file was written."""
    for entry in os.scandir(outbox):
        if entry.name not in known:
            known[entry.name] = entry.stat().st_mtime


def recipient(path: Path) -> str:
    return str(email.message_from_bytes(path.read_bytes(), policy=email.policy.default)["To"])


def measure(product: Product, rate: int, seconds: int, text: str) -> str:
    assert product.process is not None
    pid = product.process.pid
    outbox = product.home / "outbox" / "new"
    before = {entry.name for entry in os.scandir(outbox)}
    waiting: queue.Queue[tuple[float, str]] = queue.Queue()
    accepted: dict[str, float] = {}
    threads = [threading.Thread(target=send, args=(product.smtp, waiting, accepted, text)) for _ in range(CONNECTIONS)]
    start, burnt = time.time(), cpu_seconds(pid)
    for number in range(rate * seconds):
        waiting.put((start + number / rate, f"p{rate}-{number}@example.org"))
    for _ in threads:
        waiting.put((0.0, ""))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.time() - start
    found: dict[str, float] = {}
    end = time.time() + DRAIN_SECONDS
    while len(found) < len(accepted) + len(before) and time.time() < end:
        answered(outbox, found)
        time.sleep(0.05)
    spent = cpu_seconds(pid) - burnt
    written = {recipient(outbox / name): moment for name, moment in found.items() if name not in before}
    waits = sorted(max(0.0, written[who] - moment) for who, moment in accepted.items() if who in written)
    last = max(written.values(), default=start) - start
    p99 = waits[int(len(waits) * 0.99) - 1] if waits else float("nan")
    return (
        f"{rate:>7} {len(accepted) / took:>10.0f} {len(waits) / last:>10.0f} {len(accepted) - len(waits):>6} "
        f"{statistics.median(waits) if waits else float('nan'):>8.3f} {p99:>8.3f} "
        f"{spent / max(len(accepted), 1) * 1000:>10.1f} {resident_megabytes(pid):>8.0f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", type=int, nargs="+", default=[50, 100, 200])
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--text", default="How long do you keep my data?")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        product = Product(Path(folder) / "home")
        product.start()
        try:
            assert product.process is not None
            print(f"resident at start: {resident_megabytes(product.process.pid):.0f} MB")
            print("offered accepted/s answered/s   lost    p50 s    p99 s  CPU ms/mail  RSS MB")
            for rate in given.rates:
                print(measure(product, rate, given.seconds, given.text), flush=True)
        finally:
            product.stop()


if __name__ == "__main__":
    main()
