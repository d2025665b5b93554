"""Measure the reader on labelled messages: per label, per language, with confidence intervals and the worst errors.

    python -m bench.reading ../shared/nlu/messages.jsonl
    python -m bench.reading bench/data/reading_messages.tsv --half closed

A row holds `text`, `labels` (must be found; `none` for nothing), `optional` (may be found), and optionally `lang`,
`group`, `subject` and `half`: JSON lines, or a table with tabs whose first line names its columns.

Verdicts of the act and ask tiers count, unless said otherwise. Languages are guessed, not given.
"""

from __future__ import annotations

import argparse
import json
import math
import resource
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.router.api.reading import Reading, Tier, banks_for, read_message
from services.router.reading import SHIPPED

IRREVERSIBLE = "erasure"
TALK_GROUPS = ("about", "spam", "support", "chat", "chat_ml")


@dataclass(frozen=True)
class Row:
    """A labelled message and what was read in it."""

    row: dict[str, Any]
    labels: frozenset[str]
    optional: frozenset[str]
    settled: frozenset[str]
    acted: frozenset[str]
    reading: Reading
    seconds: float

    @property
    def missed(self) -> frozenset[str]:
        return self.labels - self.settled

    @property
    def invented(self) -> frozenset[str]:
        return self.settled - self.labels - self.optional


def wilson(hits: int, total: int) -> str:
    """Return a proportion with its 95 % interval (Wilson)."""
    if not total:
        return "   -"
    z = 1.96
    share = hits / total
    centre = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total)) / (1 + z * z / total)
    return f"{share:.3f} [{max(0, centre - half):.3f}, {min(1, centre + half):.3f}] of {total}"


def rows_in(path: Path, half: str | None) -> list[dict[str, Any]]:
    """Return a file's rows, or those of its `half`: "tune" was looked at while the banks were written, "closed" not."""
    lines = path.read_text("utf-8").splitlines()
    if path.suffix == ".tsv":
        columns = lines[0].split("\t")
        rows: list[dict[str, Any]] = [dict(zip(columns, line.split("\t"), strict=True)) for line in lines[1:]]
        for row in rows:
            row["text"] = row["text"].replace("\\n", "\n")
            row["labels"] = row["labels"].split(",")
            row["optional"] = [label for label in row["optional"].split(",") if label]
    else:
        rows = [json.loads(line) for line in lines]
    return [row for row in rows if half is None or row.get("half") == half]


def read_rows(paths: Iterable[Path], *, rules_only: bool, half: str | None = None) -> list[Row]:
    banks = banks_for()
    opinions = () if rules_only else None
    for path in (SHIPPED / "phrases").glob("*.toml"):
        banks[path.stem]  # compiled once in a service's life, so not a part of a message's time
    rows = []
    for path in paths:
        for row in rows_in(path, half):
            started = time.perf_counter()
            reading = read_message(row["text"], subject=row.get("subject") or "", banks=banks, opinions=opinions)
            seconds = time.perf_counter() - started
            live = [claim for claim in reading.claims if not claim.negated]
            rows.append(
                Row(
                    row,
                    frozenset(row["labels"]) - {"none"},
                    frozenset(row.get("optional", ())) - {"none"},
                    frozenset(claim.right.value for claim in live if claim.tier in (Tier.ACT, Tier.ASK)),
                    frozenset(claim.right.value for claim in live if claim.tier is Tier.ACT),
                    reading,
                    seconds,
                )
            )
    return rows


def by_label(rows: Sequence[Row]) -> None:
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows:
        for label in row.labels:
            counted[label]["hit" if label in row.settled else "miss"] += 1
        for label in row.invented:
            counted[label]["false"] += 1
    print("\nper label (act + ask)                 recall                              precision      F1")
    scores = []
    for label, seen in sorted(counted.items()):
        rows_of = seen["hit"] + seen["miss"]
        precision = seen["hit"] / max(1, seen["hit"] + seen["false"])
        recall = seen["hit"] / max(1, rows_of)
        f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
        if rows_of >= 20:
            scores.append(f1)
        print(f"  {label:24} {wilson(seen['hit'], rows_of):40} {precision:.3f}       {f1:.3f}")
    if scores:
        print(f"  macro-F1 over labels with 20 rows or more: {statistics.mean(scores):.3f}")


def by_group(rows: Sequence[Row]) -> None:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[str(row.row.get("group", "-"))].append(row)
    print("\nper group: recall of labels; rows without a right that were acted or asked on; reviewed")
    for name, group in sorted(groups.items()):
        wanted = sum(len(row.labels) for row in group)
        hit = sum(len(row.labels & row.settled) for row in group)
        empty = [row for row in group if not row.labels]
        alarms = sum(bool(row.invented) for row in empty)
        reviewed = sum(row.reading.tier is Tier.REVIEW for row in group)
        print(f"  {name:14} {wilson(hit, wanted):38} false alarms {wilson(alarms, len(empty)):38} review {reviewed}")


def by_language(rows: Sequence[Row]) -> None:
    languages: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if row.labels:
            languages[str(row.row.get("lang", "?"))].append(row)
    print("\nper language: recall of labels, language guessed right")
    for code, group in sorted(languages.items(), key=lambda item: -len(item[1])):
        hit, wanted = sum(len(row.labels & row.settled) for row in group), sum(len(row.labels) for row in group)
        guessed = sum(row.reading.language.code == code for row in group)
        print(f"  {code:5} {wilson(hit, wanted):40} {guessed}/{len(group)}")


def wrong_acts(rows: Sequence[Row]) -> None:
    others = [row for row in rows if IRREVERSIBLE not in row.labels | row.optional]
    print(f"\nwrong act on erasure: {wilson(sum(IRREVERSIBLE in row.acted for row in others), len(others))}")


def latency(rows: Sequence[Row]) -> None:
    times = sorted(row.seconds * 1000 for row in rows[1:])
    print(
        f"latency ms: p50 {times[len(times) // 2]:.2f}, p99 {times[int(len(times) * 0.99)]:.2f}, most {times[-1]:.2f}"
    )
    print(f"peak memory of the process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def worst(rows: Sequence[Row], limit: int, group: str | None) -> None:
    print(f"\nthe {limit} worst errors, in words")
    wrong = [row for row in rows if (row.missed or row.invented) and group in (None, row.row.get("group"))]
    # A wrong act comes first, then a miss that not even a human would see, then the rest.
    wrong.sort(
        key=lambda row: (
            IRREVERSIBLE not in row.acted - row.labels,
            row.reading.tier is not Tier.NONE or not row.missed,
        )
    )
    for row in wrong[:limit]:
        missed = ", ".join(sorted(row.missed))
        invented = ", ".join(sorted(row.invented))
        reasons = "; ".join(f"{claim.right} {claim.tier} {claim.reason}" for claim in row.reading.claims)
        words = " ".join(row.row["text"].split())[:150]
        language = row.row.get("lang", "?")
        print(f"  [{language}] missed: {missed or '-'} | read too much: {invented or '-'} | {words} | {reasons}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=[Path("../shared/nlu/messages.jsonl")])
    parser.add_argument("--worst", type=int, default=10)
    parser.add_argument("--group")
    parser.add_argument(
        "--rules-only", action="store_true", help="without the classifier, which learnt from part of the data"
    )
    parser.add_argument("--half", choices=("tune", "closed", "fresh"), help="read only this half of a table")
    given = parser.parse_args()
    rows = read_rows(given.paths, rules_only=given.rules_only, half=given.half)
    print(f"{len(rows)} messages")
    by_label(rows)
    by_group(rows)
    by_language(rows)
    wrong_acts(rows)
    latency(rows)
    worst(rows, given.worst, given.group)


if __name__ == "__main__":
    main()
