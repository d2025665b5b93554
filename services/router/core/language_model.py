"""py3langid's model of letters in a fifth of its memory, with the same answers.

The model finds its features (short runs of bytes) by an automaton in which every state names a follower for each of the
256 bytes: 42 MB, nearly all of them what the state's longest proper suffix would say too. So a state keeps only the
followers of its own and the number of that suffix (Aho and Corasick's failure link); the states of one byte, where most
look-ups end, keep all 256. With only the languages that are asked for, 11 MB remain of 53 (ADR 0072).
"""

from __future__ import annotations

import math
import unicodedata
from array import array
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import numpy.typing as npt

BYTES: Final = 256
_CHUNK_STATES: Final = 2_000
_MOVES_KEPT_MAX: Final = 40_000
"""Some six megabytes."""
_NO_FEATURE: Final = -1
_TABLES: Final = {"full": "I", "own_start": "I", "follower": "I", "suffix": "I", "feature": "i"}

_WIDENED: Final = np.arange(1 << 16, dtype=np.uint16).view(np.float16).astype(np.float32)
"""Every number of two bytes in four: looking it up takes a third of the time that working it out takes."""

Numbers = npt.NDArray[np.int64]
Buffer = bytes | memoryview


@dataclass(frozen=True, slots=True)
class Automaton:
    """Which feature ends at each byte of a text. States are numbered by the length of what they stand for."""

    full: array[int]
    """All followers of the first states: the empty run, and the runs of one byte."""
    full_count: int
    own: bytes
    """The bytes that lead from a state to a longer one, state after state."""
    own_start: array[int]
    follower: array[int]
    suffix: array[int]
    """The longest proper suffix that has followers of its own."""
    feature: array[int]
    _moves: _Moves = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_moves", _Moves(self))

    def features(self, text: bytes) -> Counter[int]:
        """Count the features of a text, in the order in which they are met."""
        moves = self._moves
        visited: list[int] = []
        state = 0
        for letter in text:
            state = moves[state | letter]
            visited.append(state)
        found = Counter(map(moves.features.__getitem__, visited))
        del found[_NO_FEATURE]
        return found


class _Moves(dict[int, int]):
    """The moves made before: people write the same few thousand runs of letters again and again.

    A state is written with eight bits free behind it: the key of a move is the state and the byte in one number.
    """

    def __init__(self, automaton: Automaton) -> None:
        super().__init__()
        self.features: Final = _Features(automaton.feature)
        self._automaton = automaton

    def __missing__(self, key: int) -> int:
        if len(self) >= _MOVES_KEPT_MAX:
            self.clear()
        automaton = self._automaton
        own, start, suffix, full_count = automaton.own, automaton.own_start, automaton.suffix, automaton.full_count
        state, letter = key >> 8, key & 0xFF
        while state >= full_count:
            at = own.find(letter, start[state], start[state + 1])
            if at >= 0:
                following = automaton.follower[at]
                break
            state = suffix[state]
        else:
            following = automaton.full[state << 8 | letter]
        led = self[key] = following << 8
        return led


class _Features(dict[int, int]):
    """The features of the states met before, as `_Moves` writes states."""

    def __init__(self, feature: array[int]) -> None:
        super().__init__()
        self._feature = feature

    def __missing__(self, state: int) -> int:
        if len(self) >= _MOVES_KEPT_MAX:
            self.clear()
        found = self[state] = self._feature[state >> 8]
        return found


@dataclass(frozen=True, slots=True)
class Parts:
    """A model as bytes by name, for whoever keeps it; `Parts` of one release are no other release's."""

    pieces: Mapping[str, Buffer]
    codes: tuple[str, ...]
    full_count: int


class LetterModel:
    """How likely each language is, by the letters of a text."""

    def __init__(self, automaton: Automaton, weights: Any, priors: Any, codes: list[str]) -> None:
        self.automaton: Final = automaton
        self.weights: Final = weights
        self.priors: Final = priors
        self.codes: Final = codes

    def rank(self, text: str) -> dict[str, float]:
        """Return the probability of each language, as py3langid normalises it."""
        encoded = unicodedata.normalize("NFC", text).encode("utf-8", errors="surrogatepass")
        scores = self._scores(encoded) / math.sqrt(len(encoded) or 1)
        likely = np.exp(scores - scores.max())
        likely /= likely.sum()
        ranked: dict[str, float] = {}
        # A language with two scripts has two columns.
        for code, probability in zip(self.codes, likely.tolist(), strict=True):
            ranked[code] = ranked.get(code, 0.0) + probability
        return ranked

    def _scores(self, encoded: bytes) -> Any:
        found = self.automaton.features(encoded)
        if not found:
            return np.zeros(len(self.codes), dtype=np.float32)
        places = np.fromiter(found.keys(), dtype=np.intp, count=len(found))
        counts = np.fromiter(found.values(), dtype=np.float32, count=len(found))
        return np.log1p(counts) @ _WIDENED[self.weights.view(np.uint16)[places]] + self.priors


def parts_of(model: LetterModel) -> Parts:
    """Return a model's parts, in the byte order of this machine."""
    automaton = model.automaton
    pieces: dict[str, Buffer] = {name: getattr(automaton, name).tobytes() for name in _TABLES}
    pieces |= {"own": automaton.own, "weights": model.weights.tobytes(), "priors": model.priors.tobytes()}
    return Parts(pieces, tuple(model.codes), automaton.full_count)


def model_of(parts: Parts) -> LetterModel:
    """Return the model that these are the parts of; the weights stay where they are, and are only looked into."""
    tables = {name: array(kind) for name, kind in _TABLES.items()}
    for name, table in tables.items():
        table.frombytes(parts.pieces[name])
    automaton = Automaton(full_count=parts.full_count, own=bytes(parts.pieces["own"]), **tables)
    weights = np.frombuffer(parts.pieces["weights"], dtype=np.float16).reshape(-1, len(parts.codes))
    priors = np.frombuffer(parts.pieces["priors"], dtype=np.float32)
    return LetterModel(automaton, weights, priors, list(parts.codes))


def load_letter_model(languages: Collection[str]) -> LetterModel:
    """Read py3langid's model and keep what these languages need of it."""
    from py3langid.langid import MODEL_DIR, MODEL_FILE
    from py3langid.modelio import load_model

    weights, priors, classes, moves, rows, outputs = load_model(MODEL_DIR / MODEL_FILE)
    kept = [index for index, code in enumerate(classes) if code in languages]
    table = np.frombuffer(moves, dtype=np.dtype(moves.typecode)).reshape(-1, BYTES)
    row_of = np.frombuffer(rows, dtype=np.dtype(rows.typecode)).astype(np.int64)
    automaton = _automaton(table, row_of, np.asarray(outputs, dtype=np.int64))
    return LetterModel(automaton, weights[:, kept].copy(), priors[kept], [classes[index] for index in kept])


@dataclass(slots=True)
class _Tree:
    """The automaton's states as what they stand for: each one longer than the one it follows, by one byte."""

    order: list[Numbers]
    edges: list[tuple[Numbers, Numbers, Numbers]]
    suffix: Numbers
    """The longest proper suffix of each state."""


def _automaton(table: Any, row_of: Numbers, outputs: Numbers) -> Automaton:
    tree = _tree(table, row_of)
    order = np.concatenate(tree.order)
    number = np.empty(len(row_of), dtype=np.int64)
    number[order] = np.arange(len(order))
    full_count = len(tree.order[0]) + len(tree.order[1])
    parents, letters, children = (np.concatenate(part) for part in zip(*tree.edges, strict=True))
    by_parent = np.argsort(number[parents], kind="stable")
    counts = np.bincount(number[parents], minlength=len(order))
    start = np.concatenate([[0], np.cumsum(counts)])
    return Automaton(
        full=_array("I", number[table[row_of[order[:full_count]]].astype(np.int64)].ravel()),
        full_count=full_count,
        own=letters[by_parent].astype(np.uint8).tobytes(),
        own_start=_array("I", start),
        follower=_array("I", number[children[by_parent]]),
        suffix=_array("I", _with_followers(number[tree.suffix[order]], counts, full_count)),
        feature=_array("i", outputs[order]),
    )


def _tree(table: Any, row_of: Numbers) -> _Tree:
    """Walk the automaton by the length of what its states stand for.

    A state is first met from the state that stands for the same run without its last byte; its suffix is where that
    byte leads from the other's suffix.
    """
    known = np.zeros(len(row_of), dtype=bool)
    known[0] = True
    suffix = np.zeros(len(row_of), dtype=np.int64)
    tree = _Tree([np.zeros(1, dtype=np.int64)], [], suffix)
    while len(tree.order[-1]):
        met: list[Numbers] = []
        for first in range(0, len(tree.order[-1]), _CHUNK_STATES):
            states = tree.order[-1][first : first + _CHUNK_STATES]
            targets = table[row_of[states]]
            places, letters = np.nonzero(~known[targets])
            children = targets[places, letters].astype(np.int64)
            if len(tree.order) > 1:
                suffix[children] = table[row_of[suffix[states[places]]], letters]
            tree.edges.append((states[places], letters, children))
            met.append(children)
        longer = np.concatenate(met)
        known[longer] = True
        tree.order.append(longer)
    return tree


def _with_followers(suffix: Numbers, counts: Numbers, full_count: int) -> Numbers:
    """Skip suffixes without followers of their own: they would only send on to the next. Suffixes come first."""
    shortened = suffix.copy()
    for state in range(full_count, len(suffix)):
        nearest = shortened[state]
        if nearest >= full_count and not counts[nearest]:
            shortened[state] = shortened[nearest]
    return shortened


def _array(kind: str, numbers: Numbers) -> array[int]:
    made: array[int] = array(kind)
    made.frombytes(numbers.astype(np.dtype(kind)).tobytes())
    return made
