"""Train the numbers that answers rest on, and write them as data.

    python -m bench.answers_train [--nlu ../shared/nlu]

The ranking's signals start from weights chosen by hand, because a training set of some hundred questions overfits its
wording (docs/adr/0015); PolicyQA teaches only which concepts of clauses answer which concepts of questions. The doubts
are a logistic regression, and their threshold is the one at which questions of a hand that was left out are met with
the silence aimed at. Plain gradient descent, no randomness: twice gives the same files.
"""

from __future__ import annotations

import argparse
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bench.answers_data import (
    EIGHTH,
    FIFTH,
    FOURTH,
    FRESH,
    OWN,
    SECOND,
    SEVENTH,
    SIXTH,
    THIRD,
    Item,
    own_items,
    own_questions,
    policyqa_items,
    shipped_answers,
    silenced_items,
)
from bench.answers_spoken import spoken_signs
from services.router.answers import Answers, read_method
from services.router.core.policy.answers.answer import Method
from services.router.core.policy.answers.confidence import SIGNS, signs_of
from services.router.core.policy.answers.rank import SIGNALS, Weights, rank

DATA = Path(__file__).parents[1] / "knowledge" / "answers"
BY_HAND = {
    "words": 3.0, "rare_words": 3.0, "heading_words": 1.5, "pairs": 0.9, "topic": 1.5, "heading_topic": 0.75,
    "aspect": 0.6, "concepts": 3.0, "heading_concepts": 1.5, "duration": 2.0, "contact": 0.9, "place": 0.9,
    "format": 1.5, "length": 0.3, "promised": 2.5, "told": 1.5, "meant": 6.0, "said": 7.0, "affinity": 1.0,
}  # fmt: skip
AFFINITY_RIDGE = 0.05
AFFINITY_STEPS = 60
AFFINITY_FLOOR = 0.02
DOUBT_RIDGE = 0.005
SILENCE_AIM = 0.925
"""Above what a new hand shall find: phrases were added after the mistakes on these sets were read."""
SILENCED_SHARE = 0.3
SPOKEN_SHARE = 0.3
"""How much of the training is wordings of many hands, put to every policy; the rest is our questions."""
BELIEVED = {"absent_asked": -2.0, "topic_unknown": -1.5}
"""What the doubts are drawn to before any data: what only the question names is not answered."""


@dataclass(frozen=True)
class Hand:
    """The questions of one author: their signs as confirmed, as read automatically, and with their passage taken."""

    confirmed: np.ndarray
    read: np.ndarray
    answerable: np.ndarray
    silenced: np.ndarray


def train_affinity(items: list[Item], concepts: int, signals: np.ndarray) -> np.ndarray:
    """Learn by a softmax over each policy's passages; Adam, full batches."""
    affinity, mean, square = (np.zeros((concepts, concepts)) for _ in range(3))
    prepared = []
    for item in items:
        wanted = np.zeros(item.signals.shape[1])
        wanted[list(item.relevant)] = 1 / len(item.relevant)
        body = item.index.concepts + 0.5 * item.index.heading_concepts
        prepared.append((signals @ item.signals, wanted, sorted(item.question.direct), body))
    for step in range(1, AFFINITY_STEPS + 1):
        slope = AFFINITY_RIDGE * affinity
        for base, wanted, direct, body in prepared:
            if not direct:
                continue
            scores = base + affinity[direct].sum(0) @ body
            chances = np.exp(scores - scores.max())
            slope[direct] += body @ (chances / chances.sum() - wanted) / len(prepared)
        mean, square = 0.9 * mean + 0.1 * slope, 0.99 * square + 0.01 * slope**2
        affinity -= 0.02 * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.99**step)) + 1e-4)
    affinity[np.abs(affinity) < AFFINITY_FLOOR] = 0
    return affinity


def signs_matrix(items: list[Item], method: Method) -> np.ndarray:
    """Return the signs of doubt of every item."""
    return np.stack([
        signs_of(i.index, i.question, rank(i.index, i.question, method.lexicon, method.weights), method.lexicon)
        for i in items
    ])  # fmt: skip


Spoken = tuple[np.ndarray, np.ndarray]
"""Signs of wordings put to policies, and whether the policy says what each asks."""


def train_doubts(
    signs: np.ndarray, answerable: np.ndarray, silenced: np.ndarray, spoken: Spoken | None = None
) -> np.ndarray:
    """Fit a ridge logistic by Newton's steps on scaled signs, both classes weighing the same.

    `silenced` are signs of questions whose passage was taken away; they make up a part of the unanswerable.
    """
    weight = np.where(answerable, 0.5 / answerable.sum(), 0.5 * (1 - SILENCED_SHARE) / (~answerable).sum())
    weight = np.concatenate([weight, np.full(len(silenced), 0.5 * SILENCED_SHARE / len(silenced))])
    signs = np.concatenate([signs, silenced])
    answerable = np.concatenate([answerable, np.zeros(len(silenced), bool)])
    if spoken is not None:
        rows, said = spoken
        beside = np.where(said, 0.5 / said.sum(), 0.5 / (~said).sum())
        weight = np.concatenate([weight * (1 - SPOKEN_SHARE), beside * SPOKEN_SHARE])
        signs, answerable = np.concatenate([signs, rows]), np.concatenate([answerable, said])
    scale = np.maximum(signs.std(axis=0), 0.05)
    scale[0] = 1.0
    rows = signs / scale
    believed = np.array([BELIEVED.get(name, 0.0) for name in SIGNS]) * scale
    found = believed.copy()
    ridge = np.full(rows.shape[1], DOUBT_RIDGE)
    ridge[0] = 1e-6
    for _ in range(30):
        chance = 1 / (1 + np.exp(-rows @ found))
        slope = rows.T @ (weight * (chance - answerable)) + ridge * (found - believed)
        bend = (rows * (weight * chance * (1 - chance))[:, None]).T @ rows + np.diag(ridge)
        found -= np.linalg.solve(bend, slope)
    return np.asarray(found / scale)


def hand_of(answers: Answers, path: Path) -> Hand:
    """Read one set. An unseen policy has nobody's word for its promises yet, so each is read both ways."""
    rows, method = own_questions(path), answers.method
    items = own_items(answers, rows)
    answered = [row for row in rows if row.gold]  # every other one each way: an index for each takes a while
    taken = silenced_items(answers, answered[::2]) + silenced_items(answers, answered[1::2], confirmed=False)
    return Hand(
        signs_matrix(items, method),
        signs_matrix(own_items(answers, rows, confirmed=False), method),
        np.array([bool(item.relevant) for item in items]),
        signs_matrix(taken, method),
    )


def doubts_of(hands: Sequence[Hand], spoken: Spoken | None) -> np.ndarray:
    """Train the doubts on these hands."""
    return train_doubts(
        np.concatenate([part for hand in hands for part in (hand.confirmed, hand.read)]),
        np.concatenate([part for hand in hands for part in (hand.answerable, hand.answerable)]),
        np.concatenate([hand.silenced for hand in hands]),
        spoken,
    )


def threshold_for_new_hands(hands: Sequence[Hand], spoken: Spoken | None) -> float:
    """Return the threshold that is silent on the aimed share of the unanswerable, each hand judged by the others."""
    chances = []
    for left in hands[1:]:  # the first is by far the largest, and the rest alone would be too few to train on
        weights = doubts_of([hand for hand in hands if hand is not left], spoken)
        signs = left.confirmed[~left.answerable]
        chances.append(1 / (1 + np.exp(-signs @ weights)))
    return round(float(np.quantile(np.concatenate(chances), SILENCE_AIM)), 2)


def write_ranking(weights: np.ndarray, affinity: np.ndarray, names: tuple[str, ...]) -> None:
    """Write ranking.toml."""
    lines = [
        "# Written by bench/answers_train.py: what each signal weighs, and which concepts of a clause answer which"
    ]
    lines += ["# concepts of a question.", "", "[signals]"]
    lines += [f"{name} = {float(w):.3f}" for name, w in zip(SIGNALS, weights, strict=True) if w]
    for asked, row in zip(names, affinity, strict=True):
        if row.any():
            lines += ["", f"[affinity.{asked}]"]
            lines += [f"{name} = {float(w):.2f}" for name, w in zip(names, row, strict=True) if w]
    (DATA / "ranking.toml").write_text("\n".join(lines) + "\n", "utf-8")


def write_doubts(weights: np.ndarray, threshold: float) -> None:
    """Write abstaining.toml."""
    lines = [
        "# Written by bench/answers_train.py: whether the best clause answers, by a logistic over these signs; below"
    ]
    lines += ["# the threshold habeas says that the policy does not say.", f"threshold = {threshold}", "", "[signs]"]
    lines += [f"{name} = {float(w):.4f}" for name, w in zip(SIGNS, weights, strict=True)]
    (DATA / "abstaining.toml").write_text("\n".join(lines) + "\n", "utf-8")


def main() -> None:
    """Train both and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nlu", type=Path, help="the folder of PolicyQA; without it the shipped affinity is kept")
    given = parser.parse_args()
    method = read_method(DATA)
    names = method.lexicon.names
    by_hand = np.array([BY_HAND.get(name, 0.0) for name in SIGNALS])
    affinity = method.weights.affinity if method.weights.affinity is not None else np.zeros((len(names), len(names)))
    if given.nlu is not None:
        affinity = train_affinity(policyqa_items(given.nlu, method.lexicon), len(names), by_hand)
    write_ranking(by_hand, affinity, names)
    weights = Weights(by_hand.astype(np.float32), affinity.astype(np.float32))
    method = Method(method.lexicon, weights, method.doubts, method.frames)
    answers = shipped_answers(method)
    hands = [hand_of(answers, path) for path in (OWN, FRESH, SECOND, THIRD, FOURTH, FIFTH, SIXTH, SEVENTH, EIGHTH)]
    spoken = spoken_signs(answers)
    write_doubts(doubts_of(hands, spoken), threshold_for_new_hands(hands, spoken))
    answerable = np.concatenate([hand.answerable for hand in hands])
    print(f"{answerable.sum()} answerable, {(~answerable).sum()} unanswerable; written to {DATA.name}/")
    print(tomllib.loads((DATA / "abstaining.toml").read_text())["signs"])


if __name__ == "__main__":
    main()
