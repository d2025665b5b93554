"""Ask the questions end to end, as a person's arrive, and say what came of it in each language.

    python -m bench.answers_asked second_open [second_closed fresh …] [--mistakes]

The language is detected, not given. `first` and `three` are the places of a right clause in the ranking, `silent` the
share of unanswerable questions it abstains on and `mute` the share of answerable ones; each with its n and Wilson's
interval at 95 %. A quotation that is not the text at its place ends the run. `--mistakes` prints what went wrong: never
use it on a set that is kept closed.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.answers_data import OwnQuestion, gold_passages, own_questions, shipped_answers
from services.router.answers import Answers

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Asked:
    """One question, where its first right clause stood, and whether it was answered."""

    question: OwnQuestion
    heard: str
    place: int
    abstained: bool
    score: float
    quoted_right: bool
    told: str


def asked(answers: Answers, row: OwnQuestion) -> Asked:
    """Ask one question and compare what comes with its gold."""
    found = answers.ask(row.controller, row.text, row.on, top=1_000)
    knowledge = answers.knowledge(row.controller, row.on)
    gold = {knowledge.index.passages[at].start for at in gold_passages(knowledge, row)}
    for cited in found.citations:
        text = next(held.policy.text for held in knowledge.documents if held.policy.version == cited.version)
        if text[cited.start : cited.end] != cited.quote:
            raise SystemExit(f"not verbatim: {cited}")
    place = next((at for at, ranked in enumerate(found.ranking) if ranked.start in gold), 999)
    right = any(cited.start in gold for cited in found.citations)
    return Asked(row, found.language, place, found.abstained, found.score, right, found.text)


def interval(hits: int, n: int) -> str:
    """Return a share with its n and Wilson's interval."""
    if not n:
        return "    –               "
    share, z = hits / n, 1.96
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return f"{share:.2f} [{middle - half:.2f}–{middle + half:.2f}] n={n:<3}"


def table(name: str, rows: Sequence[Asked]) -> None:
    """Print one line of figures."""
    has = [row for row in rows if row.question.gold]
    lacks = [row for row in rows if not row.question.gold]
    print(
        f"{name:16} first {interval(sum(row.place < 1 for row in has), len(has))}"
        f" three {interval(sum(row.place < 3 for row in has), len(has))}"
        f" silent {interval(sum(row.abstained for row in lacks), len(lacks))}"
        f" mute {interval(sum(row.abstained for row in has), len(has))}"
    )


def mistakes(rows: Sequence[Asked]) -> None:
    """Print the questions that went wrong."""
    for row in rows:
        gold = bool(row.question.gold)
        wrong = ("mute " if gold and row.abstained else "") + ("spoke " if not gold and not row.abstained else "")
        wrong += f"place {row.place} " if gold and row.place else ""
        wrong += f"heard {row.heard} " if row.heard != row.question.language else ""
        if wrong:
            print(
                f"  {row.question.controller:9} {row.question.language} {row.score:.2f} {wrong:18} {row.question.text}"
            )


def main() -> None:
    """Print a table for each set."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("sets", nargs="+")
    parser.add_argument("--mistakes", action="store_true")
    given = parser.parse_args()
    answers = shipped_answers()
    for name in given.sets:
        path = FOLDER / f"policy_questions{'' if name == 'own' else '_' + name}.tsv"
        rows = [asked(answers, row) for row in own_questions(path)]
        english = [row for row in rows if row.question.language == "en"]
        print(f"{name}: {len(rows)} questions, every quotation verbatim")
        table("all", rows)
        table("en", english)
        table("others", [row for row in rows if row.question.language != "en"])
        for code in sorted({row.question.language for row in rows} - {"en"}):
            table(f"  {code}", [row for row in rows if row.question.language == code])
        if given.mistakes:
            mistakes(rows)


if __name__ == "__main__":
    main()
