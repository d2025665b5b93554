"""Learn what tells the wordings of one entry from those of the others: a softmax regression, with numpy alone.

`scripts/count_wordings.py` runs it on every wording that is shipped, `bench.answers_train` on those of all hands but
one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from services.router.core.policy.answers.learned import Learned, learned_from

EPOCHS = 10
RATE = 0.15
DECAY = 2e-4
SEED = 20261121
SEEN_MIN = 3
"""How many wordings must have a feature for it to be learned: rarer ones are counted only, and cost a row each."""


def learn(names: Sequence[str], entries: Sequence[Sequence[tuple[str, ...]]]) -> Learned:
    """Return the weights for these entries' wordings, by Adagrad over shuffled rows, the same every time."""
    seen = Counter(feature for wordings in entries for features in wordings for feature in features)
    kept = [feature for feature, times in seen.items() if times >= SEEN_MIN]
    places = {feature: number for number, feature in enumerate(kept)}
    rows = [
        (np.array([places[feature] for feature in features if feature in places], dtype=np.int64), number)
        for number, wordings in enumerate(entries)
        for features in wordings
    ]
    weights = np.zeros((len(kept), len(entries)), dtype=np.float32)
    bias = np.zeros(len(entries), dtype=np.float32)
    squares, bias_squares = np.full_like(weights, 1e-3), np.full_like(bias, 1e-3)
    sizes = np.array([len(wordings) for wordings in entries])
    # An entry with few wordings is meant as often as its neighbours: each of its counts for more.
    share = np.sqrt(sizes.mean() / np.maximum(sizes, 1)).astype(np.float32)
    shuffled = np.random.default_rng(SEED)
    for _ in range(EPOCHS):
        for at in shuffled.permutation(len(rows)):
            columns, entry = rows[at]
            if not len(columns):
                continue
            held = weights[columns]
            score = bias + held.sum(axis=0)
            slope = np.exp(score - score.max())
            slope /= slope.sum()
            slope[entry] -= 1.0
            slope *= share[entry]
            update = slope / np.float32(np.sqrt(len(columns))) + DECAY * held
            grown = squares[columns] + update**2
            squares[columns] = grown
            weights[columns] = held - RATE * update / np.sqrt(grown)
            bias_squares += slope**2
            bias -= 0.05 * slope / np.sqrt(bias_squares)
    return learned_from(names, kept, weights, bias)
