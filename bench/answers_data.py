"""The questions the answers are measured with: our own about the five shipped policies, and PolicyQA's by path."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from services.router.answers import Answers
from services.router.core.policy.answers.answer import Knowledge
from services.router.core.policy.answers.index import Passage, PolicyIndex, index_of
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.question import Question, ask
from services.router.core.policy.answers.rank import signals_of
from services.router.core.policy.model import Clause, ClauseKind, Policy, Promise
from services.router.core.policy.promises.extract import promises_of
from services.router.core.policy.text.parse import markup_of
from services.router.core.policy.text.plain import Markup
from services.router.laws import shipped_laws
from services.router.policies import load, shipped_root

OWN = Path(__file__).parent / "data" / "policy_questions.tsv"
FRESH = Path(__file__).parent / "data" / "policy_questions_fresh.tsv"
SECOND = Path(__file__).parent / "data" / "policy_questions_second_open.tsv"
THIRD = Path(__file__).parent / "data" / "policy_questions_third_open.tsv"
FOURTH = Path(__file__).parent / "data" / "policy_questions_fourth_open.tsv"
FIFTH = Path(__file__).parent / "data" / "policy_questions_fifth_open.tsv"
SIXTH = Path(__file__).parent / "data" / "policy_questions_sixth_open.tsv"
SEVENTH = Path(__file__).parent / "data" / "policy_questions_seventh_open.tsv"
EIGHTH = Path(__file__).parent / "data" / "policy_questions_eighth_open.tsv"
TODAY = date(2026, 1, 1)
TUNED_STYLES = ("plain", "typo")


@dataclass(frozen=True)
class OwnQuestion:
    """A question about one of the shipped policies and the snippets of text that answer it; none: unanswerable."""

    controller: str
    on: date
    language: str
    style: str
    text: str
    gold: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """A question against an index, with its relevant passages and its signals."""

    group: str
    style: str
    language: str
    question: Question
    index: PolicyIndex
    relevant: frozenset[int]
    signals: npt.NDArray[np.float32]


def own_questions(path: Path = OWN) -> list[OwnQuestion]:
    """Read the tab-separated questions: controller[@day], language, style, question, snippets or "-"."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        who, language, style, text, gold = line.split("\t")
        controller, _, day = who.partition("@")
        snippets = () if gold == "-" else tuple(gold.split(" || "))
        rows.append(OwnQuestion(controller, date.fromisoformat(day) if day else TODAY, language, style, text, snippets))
    return rows


def shipped_answers(method: Any = None) -> Answers:
    """Return the answers over the shipped policies, without anybody's home folder."""
    return Answers(load([shipped_root()]), shipped_laws(), None, method)


def gold_passages(knowledge: Knowledge, asked: OwnQuestion) -> frozenset[int]:
    """Return the passages that overlap a gold snippet; a snippet that is not in the text is a fault of the data."""
    policy = knowledge.documents[0].policy
    spans = []
    for snippet in asked.gold:
        at = policy.text.find(snippet)
        if at < 0:
            raise ValueError(f"{asked.controller}: the snippet {snippet!r} is not in the text")
        spans.append((at, at + len(snippet)))
    return frozenset(
        number
        for number, passage in enumerate(knowledge.index.passages)
        if passage.document == 0 and any(start < passage.end and passage.start < end for start, end in spans)
    )


_read: dict[tuple[str, str], tuple[Promise, ...]] = {}


def read_promises(policy: Policy) -> tuple[Promise, ...]:
    """Return what a reader finds in a policy that nobody confirmed: what an unseen policy is answered from."""
    key = (policy.controller, policy.version)
    if key not in _read:
        _read[key] = promises_of(policy.text, policy.clauses, markup_of(policy.text))
    return _read[key]


def index_read(answers: Answers, row: OwnQuestion, kept: dict[tuple[str, date], PolicyIndex]) -> PolicyIndex:
    """Return the index of a question's policy with its promises as read automatically, not as confirmed."""
    key = (row.controller, row.on)
    if key not in kept:
        knowledge = answers.knowledge(*key)
        promises = {0: read_promises(knowledge.documents[0].policy)}
        kept[key] = index_of(knowledge.index.passages, knowledge.index.language, answers.method.lexicon, promises)
    return kept[key]


def own_items(answers: Answers, rows: list[OwnQuestion], *, confirmed: bool = True) -> list[Item]:
    """Read every own question against its policy."""
    kept: dict[tuple[str, date], PolicyIndex] = {}
    lexicon = answers.method.lexicon
    items = []
    for row in rows:
        knowledge = answers.knowledge(row.controller, row.on)
        index = knowledge.index if confirmed else index_read(answers, row, kept)
        question = ask(row.text, row.language, index, lexicon)
        items.append(
            Item(
                f"{row.controller}@{row.on}", row.style, row.language, question, index,
                gold_passages(knowledge, row), signals_of(index, question, lexicon),
            )
        )  # fmt: skip
    return items


def silenced_items(answers: Answers, rows: list[OwnQuestion], *, confirmed: bool = True) -> list[Item]:
    """Return the answerable questions put to their policy without the passages that answer them.

    They are the hardest unanswerable ones: about what a policy could well say, and this one does not.
    """
    lexicon = answers.method.lexicon
    items = []
    for row in rows:
        if not row.gold:
            continue
        knowledge = answers.knowledge(row.controller, row.on)
        gold = gold_passages(knowledge, row)
        left = [passage for number, passage in enumerate(knowledge.index.passages) if number not in gold]
        policy = knowledge.documents[0].policy
        promises = policy.promises if confirmed else read_promises(policy)
        index = index_of(left, "en", lexicon, {0: promises})
        question = ask(row.text, row.language, index, lexicon)
        signals = signals_of(index, question, lexicon)
        items.append(Item(row.controller, row.style, row.language, question, index, frozenset(), signals))
    return items


def policyqa_items(folder: Path, lexicon: Lexicon) -> list[Item]:
    """Read PolicyQA's questions, each policy's passages being its clauses."""
    passages = _jsonl(folder / "policy-passages.jsonl")
    indexes = {
        doc["doc"]: index_of(*_passages_with_promises(doc["passages"], lexicon))
        for doc in passages
        if len(doc["passages"]) > 2
    }
    items = []
    for row in _jsonl(folder / "policy-questions.jsonl"):
        index = indexes.get(row["doc"])
        if index is not None:
            question = ask(row["question"], "en", index, lexicon)
            signals = signals_of(index, question, lexicon)
            items.append(Item(row["doc"], "policyqa", "en", question, index, frozenset(row["relevant"]), signals))
    return items


def _passages_with_promises(
    texts: list[str], lexicon: Lexicon
) -> tuple[list[Passage], str, Lexicon, dict[int, tuple[Promise, ...]]]:
    """Return passages as an imported policy would hold them: one text, a clause a passage, its promises read."""
    passages, clauses, at = [], [], 0
    for number, text in enumerate(texts):
        passages.append(Passage(str(number), at, at + len(text), text))
        clauses.append(Clause(str(number), (), ClauseKind.PARAGRAPH, at, at + len(text), text, text))
        at += len(text) + 2
    whole = "\n\n".join(texts)
    return passages, "en", lexicon, {0: promises_of(whole, clauses, Markup.MARKDOWN)}


def _jsonl(path: Path) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines() if line.strip()]
