"""What was learned from the wordings of all entries together: which words tell one entry from its neighbours.

Counting (see `wordings`) looks at each entry by itself, and so gives a word that two entries share to both. A softmax
regression over the same features, trained by `scripts/count_wordings.py`, knows what sets them apart; the two together
are surer than either. An entry that was written since, or lost, changes nothing for the others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

Row = npt.NDArray[np.float32]
_SEPARATOR: Final = "\n"
_STEPS: Final = 127


@dataclass(frozen=True, slots=True)
class Learned:
    """Weights of a softmax regression, a row a feature and a column an entry, in whole steps of each row's own size."""

    names: tuple[str, ...]
    places: Mapping[str, int]
    weights: npt.NDArray[np.int8]
    steps: Row
    bias: Row
    known: npt.NDArray[np.bool_]
    """Which entries it was trained on."""

    def likely(self, features: Iterable[str]) -> Row:
        """Return the logarithm of how likely each entry is."""
        found = [place for feature in features if (place := self.places.get(feature)) is not None]
        score = self.bias + self.steps.take(found) @ self.weights.take(found, axis=0)
        score -= score.max()
        return np.asarray(score - np.log(np.exp(score).sum()), dtype=np.float32)

    def of(self, names: Sequence[str]) -> Learned:
        """Return the same with these entries for columns, in their order."""
        if tuple(names) == self.names:
            return self
        columns = {name: number for number, name in enumerate(self.names)}
        taken = [columns.get(name, 0) for name in names]
        known = np.array([name in columns for name in names])
        return Learned(
            names=tuple(names),
            places=self.places,
            weights=self.weights[:, taken],
            steps=self.steps,
            bias=np.where(known, self.bias[taken], self.bias.min()).astype(np.float32),
            known=known,
        )


def learned_from(names: Sequence[str], features: Sequence[str], weights: Row, bias: Row) -> Learned:
    """Return weights that were just trained, in whole steps."""
    steps = np.maximum(np.abs(weights).max(axis=1), 1e-6) / _STEPS
    return Learned(
        names=tuple(names),
        places={feature: number for number, feature in enumerate(features)},
        weights=np.rint(weights / steps[:, None]).astype(np.int8),
        steps=steps.astype(np.float32),
        bias=bias.astype(np.float32),
        known=np.ones(len(names), dtype=np.bool_),
    )


def arrays_of(learned: Learned, name: str) -> dict[str, npt.NDArray[Any]]:
    """Return what was learned as arrays that a file can hold, each under a name that begins with `name`."""
    return {
        f"{name}_learned_names": _bytes_of(learned.names),
        f"{name}_learned_features": _bytes_of(learned.places),
        f"{name}_learned_weights": learned.weights,
        f"{name}_learned_steps": learned.steps,
        f"{name}_learned_bias": learned.bias,
    }


def learned_in(arrays: Mapping[str, npt.NDArray[Any]], name: str) -> Learned:
    """Return what was written under a name."""
    names = _lines_of(arrays[f"{name}_learned_names"])
    return Learned(
        names=names,
        places={feature: number for number, feature in enumerate(_lines_of(arrays[f"{name}_learned_features"]))},
        weights=arrays[f"{name}_learned_weights"],
        steps=arrays[f"{name}_learned_steps"],
        bias=arrays[f"{name}_learned_bias"],
        known=np.ones(len(names), dtype=np.bool_),
    )


def _bytes_of(lines: Iterable[str]) -> npt.NDArray[np.uint8]:
    return np.frombuffer(_SEPARATOR.join(lines).encode(), dtype=np.uint8)


def _lines_of(array: npt.NDArray[Any]) -> tuple[str, ...]:
    return tuple(array.tobytes().decode().split(_SEPARATOR))
