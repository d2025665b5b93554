"""Whether a policy says what a wording asks, put to every shipped policy: what the doubts learn beside our questions.

The wordings in `knowledge/answers/wordings` are by many hands, and each is sorted under what it asks. So it is known,
as far as the particulars' `says` can be trusted, which policies are silent on it. Each hand's wordings are likened by
those of the others alone, as a stranger's question is.
"""

from __future__ import annotations

import random
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import numpy as np

from bench.answers_data import TODAY, OwnQuestion, index_read
from bench.answers_liken import learn
from services.router.answers import SPOKEN, Answers
from services.router.core.policy.answers.answer import Method
from services.router.core.policy.answers.confidence import signs_of
from services.router.core.policy.answers.counts import count
from services.router.core.policy.answers.index import PolicyIndex
from services.router.core.policy.answers.lexicon import Lexicon, featured, with_counts, with_learned
from services.router.core.policy.answers.particulars import PROMISED_MIN, entries_in
from services.router.core.policy.answers.question import ask
from services.router.core.policy.answers.rank import rank
from services.router.core.policy.answers.spoken import Spoken, spoken_by

ANSWERS = Path(__file__).parents[1] / "knowledge" / "answers"
POLICIES = (
    ("axigen", TODAY),
    ("mailigen", TODAY),
    ("mailigen", date(2012, 1, 1)),
    ("mailpro", TODAY),
    ("hexamail", TODAY),
)
LINES_MAX = 3
"""How many wordings of an entry one hand puts to the policies."""
SEED = 20261121

File = tuple[str, str]


def hands() -> dict[str, list[File]]:
    """Return the files of each hand: a file of English by itself, those in other languages together."""
    found: dict[str, list[File]] = {}
    for path in sorted((ANSWERS / SPOKEN).glob("*.txt")):
        language, _, whose = path.stem.partition("-")
        found.setdefault(whose or "others", []).append((language, path.read_text("utf-8")))
    return found


def likened_by(lexicon: Lexicon, files: list[File]) -> Lexicon:
    """Return the lexicon as it were if these files and the tables held all wordings."""
    wordings, particulars = (_table(name) for name in ("wordings.toml", "particulars.toml"))
    meanings, exact = featured(lexicon, wordings, particulars, files)
    names = [[meaning.name for meaning in each.meanings] for each in (lexicon.wordings, lexicon.particulars.wordings)]
    counted = with_counts(lexicon, wordings, particulars, (count(meanings), count(exact)))
    return with_learned(counted, (learn(names[0], meanings), learn(names[1], exact)))


def spoken_signs(answers: Answers) -> tuple[np.ndarray, np.ndarray]:
    """Return the signs of every hand's wordings put to every policy, and whether the policy says what they ask."""
    by_hand, kept = hands(), {}  # type: dict[str, list[File]], dict[tuple[str, date], PolicyIndex]
    indexes = []
    for controller, on in POLICIES:
        row = OwnQuestion(controller, on, "en", "", "", ())
        indexes.append((answers.knowledge(controller, on).index, index_read(answers, row, kept)))
    signs, said = [], []
    for hand, files in by_hand.items():
        rest = [file for other, those in by_hand.items() if other != hand for file in those]
        method = replace(answers.method, lexicon=likened_by(answers.method.lexicon, rest))
        for row, answered in _put(spoken_by(files), indexes, method):
            signs.append(row)
            said.append(answered)
    return np.stack(signs), np.array(said)


def _put(
    spoken: Mapping[str, list[Spoken]], indexes: list[tuple[PolicyIndex, PolicyIndex]], method: Method
) -> Iterator[tuple[np.ndarray, bool]]:
    chosen = random.Random(SEED)
    numbers = _numbers()
    for name, lines in spoken.items():
        if name not in numbers:
            continue
        for language, text in chosen.sample(lines, min(LINES_MAX, len(lines))):
            for pair in indexes:
                index = pair[chosen.randrange(2)]
                most = float(index.said_most[numbers[name]])
                if 0 < most < PROMISED_MIN:
                    continue  # half said: nobody can tell by this whether it is answered
                question = ask(text, language, index, method.lexicon)
                yield (
                    signs_of(index, question, rank(index, question, method.lexicon, method.weights), method.lexicon),
                    most >= PROMISED_MIN,
                )


def _numbers() -> dict[str, int]:
    """Return the particular that each name stands for: its own, or the one that is like it."""
    entries = list(entries_in(_table("particulars.toml")).items())
    like = {fields["like"]: number for number, (_, fields) in enumerate(entries) if "like" in fields}
    return like | {name: number for number, (name, _) in enumerate(entries)}


def _table(name: str) -> dict[str, Mapping[str, object]]:
    return tomllib.loads((ANSWERS / name).read_text("utf-8"))
