"""Train the small classifier that gives the reader a second opinion, reproducibly, with numpy alone.

    python scripts/train_reading.py [../shared/nlu/messages.jsonl …] [--folds 5]

It learns from the sentences in `bench/data/reading_training`, from the rows of `bench/data/reading_messages.tsv` that
were looked at (`tune`; the others are kept for measuring), and from labelled messages given by path, of which none
is kept. What is written to `knowledge/classifiers/signs.npz` are coefficients. With --folds it reports held-out figures
instead, whole languages and whole sources mixed, each row judged unseen.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

from services.router.api.reading import Banks, banks_for, heard_in
from services.router.core.reading.opinion import features, likelihoods

DIMENSION = 1 << 17
EPOCHS = 20
SEED = 20260101
DECAY = 2e-5
THRESHOLDS = (0.6, 0.72, 0.85)
ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "knowledge" / "classifiers" / "signs.npz"
TRAINING = ROOT / "bench" / "data" / "reading_training"
MESSAGES = ROOT / "bench" / "data" / "reading_messages.tsv"


@dataclass(frozen=True)
class Row:
    """A labelled message, as the columns that it fills."""

    name: str
    language: str
    labels: tuple[str, ...]
    columns: npt.NDArray[np.int64]


Judged = tuple[Row, npt.NDArray[np.float32]]


def sentences() -> Iterator[tuple[str, str, tuple[str, ...], str, str]]:
    """Yield (name, language, labels, subject, text) of the sentences written for training."""
    for path in sorted(TRAINING.glob("*.txt")):
        labels: tuple[str, ...] = ()
        for number, line in enumerate(path.read_text("utf-8").splitlines()):
            if line.startswith("@"):
                labels = tuple(line[1:].split(","))
            elif line.strip():
                yield f"{path.stem}/{number}", path.stem, labels, "", line


def looked_at() -> Iterator[tuple[str, str, tuple[str, ...], str, str]]:
    """Yield the same of the bench's own messages that were looked at."""
    columns, *lines = MESSAGES.read_text("utf-8").splitlines()
    for line in lines:
        row = dict(zip(columns.split("\t"), line.split("\t"), strict=True))
        if row["half"] == "tune":
            text = row["text"].replace("\\n", "\n")
            yield row["id"], row["lang"], tuple(row["labels"].split(",")), row["subject"], text


def given(paths: Sequence[Path]) -> Iterator[tuple[str, str, tuple[str, ...], str, str]]:
    """Yield the same of labelled messages given by path; letters with many labels teach little."""
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if len(row["labels"]) <= 2:
                yield row["id"], row.get("lang", "en"), tuple(row["labels"]), row.get("subject", ""), row["text"]


def filled(written: Iterable[tuple[str, str, tuple[str, ...], str, str]], banks: Banks) -> Iterator[Row]:
    """Yield each message as the reader would put it before the classifier."""
    for name, language, labels, subject, text in written:
        heard = heard_in(text, subject=subject, banks=banks)
        yield Row(name, language, labels, features(heard.text, heard.signs, DIMENSION))


def train(rows: Sequence[Row], labels: Sequence[str]) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float32]]:
    """Return weights and bias of a softmax regression, by Adagrad over shuffled rows, the same every time."""
    shuffled = np.random.default_rng(SEED)
    weights = np.zeros((DIMENSION, len(labels)), dtype=np.float32)
    bias = np.zeros(len(labels), dtype=np.float32)
    squares, bias_squares = np.full_like(weights, 1e-3), np.full_like(bias, 1e-3)
    targets = np.zeros((len(rows), len(labels)), dtype=np.float32)
    for place, row in enumerate(rows):
        for label in row.labels:
            targets[place, labels.index(label)] = 1.0 / len(row.labels)
    # Rare labels count for more, so that they are not drowned; what each row counts is that of its rarest label.
    share = np.minimum(3.0, np.sqrt(len(rows) / (len(labels) * np.maximum(targets.sum(axis=0), 1.0))))
    for _ in range(EPOCHS):
        for place in shuffled.permutation(len(rows)):
            columns = rows[place].columns
            if not len(columns):
                continue
            slope = likelihoods(weights, bias, columns) - targets[place]
            slope *= share[targets[place] > 0].max()
            update = slope / np.sqrt(np.float32(len(columns))) + DECAY * weights[columns]
            squares[columns] += update**2
            weights[columns] -= 0.15 * update / np.sqrt(squares[columns])
            bias_squares += slope**2
            bias -= 0.05 * slope / np.sqrt(bias_squares)
    return weights, bias


def held_out(rows: Sequence[Row], labels: Sequence[str], folds: int) -> None:
    """Print how often the right label is found, and something is found where there is nothing, each row unseen."""
    judged: list[Judged] = []
    for fold in range(folds):
        unseen = [row for row in rows if crc32(row.name.encode()) % folds == fold]
        weights, bias = train([row for row in rows if crc32(row.name.encode()) % folds != fold], labels)
        judged += [(row, likelihoods(weights, bias, row.columns)) for row in unseen]
    _print_held_out(judged, labels, lambda row: ",".join(row.labels) if len(row.labels) == 1 else "several")
    _print_held_out(judged, labels, lambda row: row.language)


def _print_held_out(judged: Sequence[Judged], labels: Sequence[str], kind_of: Callable[[Row], str]) -> None:
    none = labels.index("none")
    groups: dict[str, list[Judged]] = {}
    for row, likely in judged:
        groups.setdefault(kind_of(row), []).append((row, likely))
    for kind, group in sorted(groups.items(), key=lambda item: -len(item[1])):
        using = [(row, likely) for row, likely in group if row.labels != ("none",)]
        idle = [(row, likely) for row, likely in group if row.labels == ("none",)]
        for threshold in THRESHOLDS:
            right = sum(
                labels[int(likely.argmax())] in row.labels and likely.max() >= threshold for row, likely in using
            )
            some = sum(1 - likely[none] >= threshold for _, likely in using)
            alarms = sum(likely.argmax() != none and likely.max() >= threshold for _, likely in idle)
            print(
                f"{kind:24} at {threshold}: right {right}/{len(using)}, some right {some}/{len(using)},"
                f" alarms {alarms}/{len(idle)}"
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    asked = parser.parse_args()
    banks = banks_for()
    rows = [row for source in (sentences(), looked_at(), given(asked.paths)) for row in filled(source, banks)]
    labels = sorted({label for row in rows for label in row.labels})
    if asked.folds:
        held_out(rows, labels, asked.folds)
        return
    weights, bias = train(rows, labels)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    languages = sorted({row.language for row in rows if row.language in banks})
    np.savez_compressed(
        TARGET, weights=weights.astype(np.float16), bias=bias, labels=np.array(labels), languages=np.array(languages)
    )
    print(f"{TARGET.name}: {len(rows)} rows, {len(labels)} labels, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
