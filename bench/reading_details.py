"""Measure the details read from messages: how many of each kind are found, and how many found ones are right.

    python -m bench.reading_details bench/data/reading_details.jsonl [--part dev|held-out] [--wrong]

A row holds `text` and `expect`: for each kind what must be found. A kind that a row does not name must not be found
there (names in `people` aside), so that precision is counted too. Every third row belongs to the part that was looked
at while the patterns were written; the other two thirds are held out.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

from services.router.api.reading import read_message

KINDS = (
    "names", "emails", "phones", "account_id", "orders", "dates", "formats", "jurisdiction", "deadline", "lists",
    "rectify", "on_behalf", "relation", "people", "transfer_to",
)  # fmt: skip
DEV_EVERY = 3


def values(kind: str, details: dict[str, Any]) -> set[str]:
    """Return what was found (or is expected) of a kind, as comparable words."""
    found = details.get(kind)
    if found in (None, False, [], ()):
        return set()
    if kind == "people":
        named = [one if isinstance(one, str) else _called(one) for one in found]
        return {str(name).casefold() for name in named}
    if kind == "rectify":
        return {f"{name}={' '.join(str(value).casefold().split())}" for name, value in found.items() if value}
    listed = found if isinstance(found, list) else [found]
    return {" ".join(str(one).casefold().split()) for one in listed}


def _called(person: dict[str, str | None]) -> str | None:
    """Return how a row calls a person: the writer is "self" unless the sentence itself names them."""
    return person["relation"] if person["relation"] == "self" else person["name"] or person["relation"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, nargs="?", default=Path("bench/data/reading_details.jsonl"))
    parser.add_argument("--part", choices=["all", "dev", "held-out"], default="all")
    parser.add_argument("--wrong", action="store_true", help="show what was missed and what was found too much")
    given = parser.parse_args()
    counted: dict[str, Counter[str]] = defaultdict(Counter)
    for place, line in enumerate(given.path.read_text("utf-8").splitlines()):
        if given.part != "all" and (given.part == "dev") != (place % DEV_EVERY == 0):
            continue
        row = json.loads(line)
        details = dict(read_message(row["text"], subject=row.get("subject", "")).details)
        for kind in KINDS:
            wanted, found = values(kind, row["expect"]), values(kind, details)
            if kind in ("account_id", "orders"):
                # An order's number may stand in for an account's; what is measured is that the number is found.
                found &= wanted | (found - values("account_id" if kind == "orders" else "orders", row["expect"]))
            counted[kind]["hit"] += len(wanted & found)
            counted[kind]["missed"] += len(wanted - found)
            counted[kind]["invented"] += len(found - wanted)
            if given.wrong and wanted != found:
                print(f"{row['id']} {kind}: missed {sorted(wanted - found)}, too much {sorted(found - wanted)}")
    print(f"{'kind':14} {'found':>12} {'right':>12}")
    for kind in KINDS:
        seen = counted[kind]
        wanted_count, found_count = seen["hit"] + seen["missed"], seen["hit"] + seen["invented"]
        print(f"{kind:14} {seen['hit']:>5} of {wanted_count:<4} {seen['hit']:>5} of {found_count:<4}")


if __name__ == "__main__":
    main()
