"""How often each word, pair of words and concept stands in the wordings of each entry: what likening rests on.

Reading some thousand questions takes longer than everything else at a start, so their counts are shipped beside them
(`wordings.npz`, written by `scripts/count_wordings.py`); tables that were edited since are simply counted anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Whole = npt.NDArray[np.int32]
_SEPARATOR: Final = "\n"


@dataclass(frozen=True, slots=True)
class Counts:
    """The features in their order, and for each the entries that have it with the number of their questions that do."""

    features: tuple[str, ...]
    starts: Whole
    """Where the entries of each feature begin in `entries`; one more than there are features."""
    entries: Whole
    times: Whole
    lines: Whole
    """How many questions each entry has."""


def count(entries: Sequence[Sequence[Iterable[str]]]) -> Counts:
    """Count the features of the questions of each entry; pairs of words that one question has tell no more than it."""
    held: dict[str, Counter[int]] = {}
    for number, questions in enumerate(entries):
        for features in questions:
            for feature in dict.fromkeys(features):
                held.setdefault(feature, Counter())[number] += 1
    held = {feature: row for feature, row in held.items() if " " not in feature or row.total() > 1}
    return Counts(
        features=tuple(held),
        starts=np.cumsum([0, *(len(row) for row in held.values())]).astype(np.int32),
        entries=np.array([number for row in held.values() for number in row], dtype=np.int32),
        times=np.array([times for row in held.values() for times in row.values()], dtype=np.int32),
        lines=np.array([len(questions) for questions in entries], dtype=np.int32),
    )


def arrays_of(counts: Counts, name: str) -> dict[str, npt.NDArray[Any]]:
    """Return the counts as arrays that a file can hold, each under a name that begins with `name`."""
    text = _SEPARATOR.join(counts.features).encode()
    return {
        f"{name}_features": np.frombuffer(text, dtype=np.uint8),
        f"{name}_starts": counts.starts,
        f"{name}_entries": counts.entries.astype(np.uint16),
        f"{name}_times": counts.times.astype(np.uint16),
        f"{name}_lines": counts.lines,
    }


def counts_in(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Counts:
    """Return the counts that were written under a name."""
    return Counts(
        features=tuple(arrays[f"{name}_features"].tobytes().decode().split(_SEPARATOR)),
        starts=arrays[f"{name}_starts"].astype(np.int32),
        entries=arrays[f"{name}_entries"].astype(np.int32),
        times=arrays[f"{name}_times"].astype(np.int32),
        lines=arrays[f"{name}_lines"].astype(np.int32),
    )
