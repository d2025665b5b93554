"""Measure the answers: the right clause, silence, other people's policies, and time.

    python -m bench.answers [--nlu ../shared/nlu] [--failures] [--fresh]

The doubts are trained on half of the writing styles here and measured on the other half, so that these numbers are
those of questions whose style was not seen; the shipped ones are trained on all of our own questions.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import time
from pathlib import Path

import numpy as np

from bench.answers_data import (
    FRESH,
    TUNED_STYLES,
    Item,
    own_items,
    own_questions,
    policyqa_items,
    shipped_answers,
    silenced_items,
)
from bench.answers_train import signs_matrix, train_affinity, train_doubts
from services.router.core.policy.answers.confidence import Doubts, sureness
from services.router.core.policy.answers.rank import Weights


def places(items: list[Item], weights: Weights) -> np.ndarray:
    """Return at which place the first right passage stands for each answerable question."""
    found = []
    for item in items:
        scores = weights.signals @ item.signals
        if weights.affinity is not None and item.question.direct:
            body = item.index.concepts + 0.5 * item.index.heading_concepts
            scores = scores + weights.affinity[sorted(item.question.direct)].sum(0) @ body
        order = np.argsort(-scores, kind="stable")
        found.append(next(place for place, at in enumerate(order) if at in item.relevant))
    return np.array(found)


def told(name: str, items: list[Item], weights: Weights) -> None:
    """Print hit@1, hit@3 and MRR."""
    answerable = [item for item in items if item.relevant]
    if answerable:
        at = places(answerable, weights)
        print(
            f"{name:28} n={len(at):4}  first {np.mean(at < 1):.3f}  in three {np.mean(at < 3):.3f}"
            f"  MRR {np.mean(1 / (at + 1)):.3f}"
        )


def silence(name: str, items: list[Item], signs: np.ndarray, doubts: Doubts) -> None:
    """Print how often it abstains on what is answerable and on what is not."""
    sure = np.array([sureness(row, doubts) for row in signs])
    has = np.array([bool(item.relevant) for item in items])
    if has.any() and (~has).any():
        wrong, right = np.mean(sure[has] < doubts.threshold), np.mean(sure[~has] < doubts.threshold)
        print(
            f"{name:28} abstains on unanswerable {right:.3f} (n={(~has).sum()}),"
            f" on answerable {wrong:.3f} (n={has.sum()})"
        )


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nlu", type=Path)
    parser.add_argument("--failures", choices=("tune", "fresh", "silence"))
    parser.add_argument("--fresh", action="store_true")
    given = parser.parse_args()
    answers = shipped_answers()
    method = answers.method
    items = own_items(answers, own_questions())
    tuned = [item for item in items if item.style in TUNED_STYLES]
    held = [item for item in items if item.style not in TUNED_STYLES]
    for name, some in (("own, tuned styles", tuned), ("own, held-out styles", held)):
        told(name + ", English", [i for i in some if i.language == "en"], method.weights)
        told(name + ", others", [i for i in some if i.language != "en"], method.weights)
    half = signs_matrix(tuned, method)
    rows = [row for row in own_questions() if row.style in TUNED_STYLES]
    taken = signs_matrix(silenced_items(answers, rows), method)
    doubts = Doubts(train_doubts(half, np.array([bool(i.relevant) for i in tuned]), taken), method.doubts.threshold)
    silence("tuned styles", tuned, half, doubts)
    silence("held-out styles", held, signs_matrix(held, method), doubts)
    if given.fresh and FRESH.exists():
        fresh = own_items(answers, own_questions(FRESH))
        told("fresh, English", [i for i in fresh if i.language == "en"], method.weights)
        told("fresh, others", [i for i in fresh if i.language != "en"], method.weights)
        silence("fresh, shipped doubts", fresh, signs_matrix(fresh, method), method.doubts)
        if given.failures == "fresh":
            failures(fresh, method.weights)
    if given.failures == "tune":
        failures([i for i in items if i.relevant], method.weights)
    if given.failures == "silence":
        doubtful(items, signs_matrix(items, method), method.doubts)
    if given.nlu:
        policyqa(given.nlu, method)
    speed(answers)


def failures(items: list[Item], weights: Weights) -> None:
    """Print the questions whose right passage is not first."""
    for item in items:
        if item.relevant and (place := int(places([item], weights)[0])) > 0:
            best = int(np.argmax(weights.signals @ item.signals))
            print(
                f"  {place} {item.group} {item.style}: {item.question.text}"
                f"\n      got  {item.index.passages[best].text[:110]}"
            )
            print(f"      want {item.index.passages[min(item.relevant)].text[:110]}")


def doubtful(items: list[Item], signs: np.ndarray, doubts: Doubts) -> None:
    """Print the questions on which silence is wrong, or missing."""
    for item, row in zip(items, signs, strict=True):
        sure = sureness(row, doubts)
        if (sure >= doubts.threshold) != bool(item.relevant):
            verdict = "SILENT" if item.relevant else "SPOKE "
            print(f"  {verdict} {sure:.2f} {item.group} {item.language} {item.style}: {item.question.text}")


def policyqa(folder: Path, method: object) -> None:
    """Leave a quarter of the policies out, four times."""
    items = policyqa_items(folder, method.lexicon)
    docs = sorted({item.group for item in items})
    scores = []
    for fold in range(4):
        left = [item for item in items if docs.index(item.group) % 4 == fold]
        rest = [item for item in items if docs.index(item.group) % 4 != fold]
        affinity = train_affinity(rest, len(method.lexicon.names), method.weights.signals)
        at = places(left, Weights(method.weights.signals, affinity))
        scores.append((np.mean(1 / (at + 1)), len(at)))
    print(f"PolicyQA, policies left out: MRR {sum(s * n for s, n in scores) / sum(n for _, n in scores):.3f}")


def speed(answers: object) -> None:
    """Time whole answers, language detection included."""
    rows = own_questions()
    for row in rows:
        answers.ask(row.controller, row.text, row.on)
    taken = []
    for row in rows:
        start = time.perf_counter()
        answers.ask(row.controller, row.text, row.on)
        taken.append((time.perf_counter() - start) * 1000)
    taken.sort()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"time a question: p50 {statistics.median(taken):.2f} ms, p99 {taken[int(len(taken) * 0.99)]:.2f} ms;"
        f" {peak:.0f} MB"
    )


if __name__ == "__main__":
    main()
