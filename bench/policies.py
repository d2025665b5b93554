"""A thousand controllers with two versions each, and the import of a long policy.

    python -m bench.policies [--controllers 1000] [--words 5000] [--eager]

Lazy is what a service does: folders are listed, a controller is read and indexed when it is first asked. `--eager`
reads every version of all of them, as `habeas policy list` does, and says what the bounded shelf keeps.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from datetime import date
from pathlib import Path

from services.router import policies
from services.router.answers import Answers
from services.router.api.policies import Wanted, import_file
from services.router.core.policy.model import Seat
from services.router.laws import shipped_laws

SEAT = Seat("Example Ltd", "", "IE", "Europe/Dublin", "IE", ("eu-gdpr",))
DAYS = (date(2020, 1, 1), date(2023, 1, 1))


def text_of(words: int, turn: int) -> str:
    """Return a policy of about that many words, made of the shipped ones' sentences in another order each time."""
    shipped = policies.load([policies.shipped_root()])
    clauses = [
        clause for name in shipped.controllers for clause in shipped.policies[name][-1].clauses if clause.citable
    ]
    lines, held, at = ["# Privacy policy of Example"], 0, turn * 7
    while held < words:
        clause = clauses[at % len(clauses)]
        at += 1 + turn % 3
        if at % 12 == 0:
            lines.append(f"## Section {at}: {' '.join(clause.plain.split()[:5])}")
        lines.append(clause.plain)
        held += len(clause.plain.split())
    return "\n\n".join(lines)


def megabytes() -> float:
    """Return the most memory this process held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    """Print what importing, listing, reading and asking cost."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--controllers", type=int, default=1_000)
    parser.add_argument("--words", type=int, default=5_000)
    parser.add_argument("--eager", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        long = home / "long.md"
        long.write_text(text_of(20_000, 1), "utf-8")
        start, spent = time.perf_counter(), time.process_time()
        import_file(long, Wanted("long", DAYS[0], name="Long", seat=SEAT), home)
        print(
            f"import of 20,000 words: {time.perf_counter() - start:.2f} s, {time.process_time() - spent:.2f} s of CPU"
        )
        spread(home, given.controllers, given.words)
        loaded(home, eager=given.eager)


def spread(home: Path, controllers: int, words: int) -> None:
    """Import one controller's two versions and copy its folder under the other names."""
    for turn, day in enumerate(DAYS):
        path = home / f"{day}.md"
        path.write_text(text_of(words, turn), "utf-8")
        import_file(path, Wanted("c0000", day, name="Example", seat=SEAT), home)
    folder = home / "knowledge" / "policies"
    for number in range(1, controllers):
        shutil.copytree(folder / "c0000", folder / f"c{number:04}")


def loaded(home: Path, *, eager: bool) -> None:
    """Time the listing, then the reading, then questions to a hundred controllers."""
    before, start = megabytes(), time.perf_counter()
    base = policies.load([home / "knowledge"])
    print(f"{len(base.controllers)} controllers listed: {time.perf_counter() - start:.2f} s, {megabytes():.0f} MB")
    if eager:
        start, spent = time.perf_counter(), time.process_time()
        read = sum(len(base.policies[name]) for name in base.controllers)
        took, cpu = time.perf_counter() - start, time.process_time() - spent
        print(f"{read} versions read: {took:.1f} s, {cpu:.1f} s of CPU, {megabytes():.0f} MB (from {before:.0f})")
    answers = Answers(base, shipped_laws())
    first, later = [], []
    for number in range(1, 101):
        for taken in (first, later):
            start = time.perf_counter()
            answers.ask(f"c{number:04}", "How long do you keep my data?", date(2026, 1, 1))
            taken.append((time.perf_counter() - start) * 1000)
    print(f"first question to a controller: p50 {statistics.median(first):.0f} ms, worst {max(first):.0f} ms")
    print(f"every later one: p50 {statistics.median(later):.2f} ms; {megabytes():.0f} MB with 100 of them indexed")


if __name__ == "__main__":
    main()
