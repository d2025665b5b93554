"""Train the small classifier that gives the reader a second opinion, reproducibly, with numpy alone.

    python scripts/train_reading.py ../shared/nlu/messages.jsonl [more.jsonl …] [--folds 5]

It learns from labelled messages given by path (none is kept) and from sentences composed here. What is written to
`knowledge/classifiers/en.npz` are coefficients. With --folds it reports held-out figures instead: rows by row, and the
sentences composed here by whole frame, so that no frame is learnt and tested.
"""

from __future__ import annotations

import argparse
import itertools
import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from services.router.core.reading.opinion import features

DIMENSION = 1 << 14
EPOCHS = 60
SEED = 20260101
LANGUAGE = "en"
TARGET = Path(__file__).resolve().parents[1] / "knowledge" / "classifiers" / f"{LANGUAGE}.npz"

FRAMES = {
    "erasure": (
        ["please {v} {o}", "i want you to {v} {o}", "can you {v} {o}", "how do i {v} {o}", "{v} {o} now",
         "i would like to {v} {o}", "i need help, want to {v} {o}", "could somebody {v} {o} for me"],
        ["delete", "remove", "erase", "wipe", "get rid of", "close", "terminate", "deactivate"],
        ["my account", "my data", "my profile", "everything about me", "all my personal information", "my membership"],
    ),
    "access": (
        ["please {v} {o}", "i want to {v} {o}", "can you {v} {o}", "how can i {v} {o}", "i would like you to {v} {o}"],
        ["send me", "give me", "show me", "provide me with", "let me see"],
        ["a copy of my data", "everything you have on me", "the information you hold about me",
         "what you know about me", "my personal file"],
    ),
    "rectification": (
        ["please {v} {o}", "i need to {v} {o}", "can you {v} {o}", "how do i {v} {o}", "where can i {v} {o}"],
        ["change", "update", "correct", "fix", "edit", "amend"],
        ["my name", "my address", "my email address", "my phone number", "my personal details", "my date of birth"],
    ),
    "unsubscribe": (
        ["please {v} {o}", "{v} {o}", "can you {v} {o}", "i want you to {v} {o}", "how do i make you {v} {o}"],
        ["stop sending", "stop", "no longer send me", "quit sending me", "cancel"],
        ["your newsletter", "these emails", "marketing mails", "promotional texts", "the mailing list mails"],
    ),
    "policy_question": (
        ["do you {v} {o}", "does the app {v} {o}", "will this app {v} {o}", "does it {v} {o}", "can they {v} {o}",
         "how long do you {v} {o}", "who can {v} {o}", "why do you {v} {o}", "are you going to {v} {o}"],
        ["share", "sell", "store", "keep", "collect", "track", "record", "see", "read", "encrypt", "use"],
        ["my data", "my location", "my contacts", "my photos", "my messages", "personal information",
         "my browsing history", "my payment details", "what i type"],
    ),
    "objection": (
        ["please {v} {o}", "i do not want you to {v} {o}", "do not {v} {o}", "stop {v} {o}"],
        ["use", "analyse", "profile", "process"],
        ["my data for advertising", "my behaviour for ads", "my information for marketing", "me with algorithms"],
    ),
    "status_query": (
        ["did you {v} {o}", "have you {v} {o} yet", "when will you {v} {o}", "any news, did you {v} {o}"],
        ["get", "received", "handle", "answer", "process"],
        ["my request", "my deletion request", "my email about my data", "my access request",
         "my letter from last week"],
    ),
    "breach_report": (
        ["i think {v} {o}", "help, {v} {o}", "{v} {o}", "it looks like {v} {o}"],
        ["somebody hacked", "someone leaked", "a stranger got into", "somebody stole"],
        ["my account with you", "my personal data", "my profile", "the details i gave you"],
    ),
    "none": (
        ["please {v} {o}", "can you {v} {o}", "how do i {v} {o}", "i want to {v} {o}", "when will you {v} {o}",
         "does anyone know whether a company must {v} {o}", "my friend says they should {v} {o}"],
        ["cancel", "change", "delete", "send", "track", "update", "stop", "share", "check", "show me"],
        ["my order", "the alarm", "my flight", "the playlist", "my reservation", "my transfer", "the delivery",
         "my shopping list", "the reminder for tomorrow", "my card", "the song", "my parcel", "the appointment"],
    ),
}  # fmt: skip


def composed() -> Iterable[tuple[str, str, str]]:
    """Yield (text, label, frame) of the sentences that the grammar above stands for."""
    for label, (frames, verbs, objects) in FRAMES.items():
        for frame, verb, thing in itertools.product(frames, verbs, objects):
            yield frame.format(v=verb, o=thing), label, f"{label}/{frame}"


def given(paths: Sequence[Path]) -> Iterable[tuple[str, str, str]]:
    """Yield (text, label, row id) of the labelled messages in this language that hold one label."""
    for path in paths:
        for line in path.read_text("utf-8").splitlines():
            row = json.loads(line)
            if row.get("lang", LANGUAGE) == LANGUAGE and len(row["labels"]) == 1 and len(row["text"]) < 1_200:
                yield row["text"], row["labels"][0], f"row/{row['id']}"


def train(rows: Sequence[tuple[str, str, str]], labels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return weights and bias of a softmax regression, by Adagrad over shuffled rows, the same every time."""
    shuffled = np.random.default_rng(SEED)
    weights = np.zeros((DIMENSION, len(labels)), dtype=np.float32)
    bias = np.zeros(len(labels), dtype=np.float32)
    squares, bias_squares = np.full_like(weights, 1e-3), np.full_like(bias, 1e-3)
    filled = [features(text, DIMENSION) for text, _, _ in rows]
    targets = np.array([labels.index(label) for _, label, _ in rows])
    counts = np.bincount(targets, minlength=len(labels))
    share = np.sqrt(len(rows) / (len(labels) * np.maximum(counts, 1)))
    for epoch in range(EPOCHS):
        for place in shuffled.permutation(len(rows)):
            columns = filled[place]
            if not len(columns):
                continue
            scale = 1.0 / np.sqrt(len(columns))
            scores = weights[columns].sum(axis=0) * scale + bias
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            likely[targets[place]] -= 1.0
            slope = (likely * min(3.0, share[targets[place]])).astype(np.float32)
            update = slope * scale + 2e-5 * weights[columns]
            squares[columns] += update**2
            weights[columns] -= 0.15 * update / np.sqrt(squares[columns])
            bias_squares += slope**2
            bias -= 0.05 * slope / np.sqrt(bias_squares)
        if epoch > 8 and epoch % 10 == 9:
            squares *= 1.5
    return weights, bias


def held_out(rows: Sequence[tuple[str, str, str]], labels: Sequence[str], folds: int) -> None:
    """Print recall and false alarms per label at the reader's threshold, each row judged unseen."""
    groups = sorted({group for _, _, group in rows})
    fold_of = {group: place % folds for place, group in enumerate(np.random.default_rng(SEED).permutation(groups))}
    hits: dict[str, list[int]] = {label: [0, 0, 0] for label in labels}
    for fold in range(folds):
        weights, bias = train([row for row in rows if fold_of[row[2]] != fold], labels)
        for text, label, group in rows:
            if fold_of[group] != fold or not group.startswith("row/"):
                continue
            columns = features(text, DIMENSION)
            scores = weights[columns].sum(axis=0) / np.sqrt(max(1, len(columns))) + bias
            likely = np.exp(scores - scores.max())
            likely /= likely.sum()
            best = labels[int(likely.argmax())]
            hits[label][0] += 1
            if likely.max() >= 0.6:
                hits[label][1] += best == label
                if best != label:
                    hits[best][2] += 1
    for label, (total, found, alarms) in hits.items():
        print(f"{label:16} rows {total:5} found at .6 {found / max(1, total):.3f} read by mistake {alarms}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="+", type=Path)
    parser.add_argument("--folds", type=int, default=0)
    asked = parser.parse_args()
    rows = [*composed(), *given(asked.paths)]
    labels = tuple(sorted({label for _, label, _ in rows}))
    if asked.folds:
        held_out(rows, labels, asked.folds)
        return
    weights, bias = train(rows, labels)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(TARGET, weights=weights.astype(np.float16), bias=bias, labels=np.array(labels))
    print(f"{TARGET.name}: {len(rows)} rows, {len(labels)} labels, {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
