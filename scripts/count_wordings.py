"""Count the wordings that questions are likened to, and keep the counts beside them.

    python scripts/count_wordings.py [--check]

Run it after a change to `knowledge/answers/`: habeas works without, but counts at every start. `--check` writes nothing
and ends with status 1 where the kept counts are not those of the tables.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

import numpy as np

from services.router.answers import COUNTS, kept_counts, read_method, tables_digest
from services.router.core.policy.answers.counts import Counts, arrays_of
from services.router.core.policy.answers.lexicon import counted_in

ROOT = Path(__file__).resolve().parents[1] / "knowledge" / "answers"


def counted() -> tuple[Counts, Counts]:
    """Count the shipped tables."""
    tables = [tomllib.loads((ROOT / name).read_text("utf-8")) for name in ("wordings.toml", "particulars.toml")]
    return counted_in(read_method(ROOT, recount=True).lexicon, tables[0], tables[1])


def same(one: Counts, other: Counts) -> bool:
    """Return whether two counts say the same."""
    return one.features == other.features and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("starts", "entries", "times", "lines")
    )


def main() -> int:
    """Write the counts, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    fresh = counted()
    if parser.parse_args().check:
        kept = kept_counts(ROOT)
        if kept is None or not all(same(*pair) for pair in zip(kept, fresh, strict=True)):
            print("knowledge/answers/wordings.npz is not of these tables; run python scripts/count_wordings.py")
            return 1
        return 0
    arrays = arrays_of(fresh[0], "wordings") | arrays_of(fresh[1], "particulars")
    arrays["tables"] = np.frombuffer(tables_digest(ROOT), dtype=np.uint8)
    np.savez_compressed(ROOT / COUNTS, allow_pickle=False, **arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
