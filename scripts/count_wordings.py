"""Count the wordings that questions are likened to, learn what tells them apart, and keep both beside them.

    python scripts/count_wordings.py [--check]

Run it after a change to `knowledge/answers/`: habeas works without, but counts at every start and has learned nothing
of what is new. `--check` writes nothing and ends with status 1 where the kept counts are not those of the tables.
"""

from __future__ import annotations

import argparse
import sys
import tomllib
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # a script finds its own folder only, and learning stands in bench/

from bench.answers_liken import learn  # noqa: E402
from services.router.answers import COUNTS, kept_counts, read_method, spoken_files, tables_digest  # noqa: E402
from services.router.core.policy.answers import learned  # noqa: E402
from services.router.core.policy.answers.counts import Counts, arrays_of, count  # noqa: E402
from services.router.core.policy.answers.lexicon import Featured, Lexicon, featured  # noqa: E402
from services.router.core.policy.answers.spoken import spoken_by, strangers  # noqa: E402

TABLES = ROOT / "knowledge" / "answers"


def read_wordings() -> tuple[Lexicon, tuple[Featured, Featured]]:
    """Read every wording that is shipped."""
    tables = [tomllib.loads((TABLES / name).read_text("utf-8")) for name in ("wordings.toml", "particulars.toml")]
    spoken = spoken_files(TABLES)
    unknown = strangers(spoken_by(spoken), *tables)
    if unknown:
        raise SystemExit(f"no entry of wordings.toml or particulars.toml is called {', '.join(unknown)}")
    lexicon = read_method(TABLES, recount=True).lexicon
    return lexicon, featured(lexicon, tables[0], tables[1], spoken)


def same(one: Counts, other: Counts) -> bool:
    """Return whether two counts say the same."""
    return one.features == other.features and all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ("starts", "entries", "times", "lines")
    )


def main() -> int:
    """Write the counts and what was learned, or compare the counts."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    checked = parser.parse_args().check
    lexicon, (meanings, exact) = read_wordings()
    fresh = count(meanings), count(exact)
    if checked:
        kept = kept_counts(TABLES)
        if kept is None or not all(same(*pair) for pair in zip(kept, fresh, strict=True)):
            print("knowledge/answers/wordings.npz is not of these tables; run python scripts/count_wordings.py")
            return 1
        return 0
    arrays = arrays_of(fresh[0], "wordings") | arrays_of(fresh[1], "particulars")
    for name, known, entries in (
        ("wordings", lexicon.wordings, meanings),
        ("particulars", lexicon.particulars.wordings, exact),
    ):
        arrays |= learned.arrays_of(learn([meaning.name for meaning in known.meanings], entries), name)
    arrays["tables"] = np.frombuffer(tables_digest(TABLES), dtype=np.uint8)
    np.savez_compressed(TABLES / COUNTS, allow_pickle=False, **arrays)
    return 0


if __name__ == "__main__":
    sys.exit(main())
