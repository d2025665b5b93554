"""The public door of answers: a question in, a quoted answer out, as values or as JSON lines."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from services.router.answers import Answers
from services.router.core.law.model import LawFault
from services.router.core.policy.answers.answer import Answer, Citation, Knowledge, answer, policy_name
from services.router.core.policy.answers.curated import Curated, fingerprint, stale
from services.router.core.policy.answers.explain import Explained, explain
from services.router.core.policy.model import Controller, DocumentKind, KnowledgeBase, Policy, Seat
from services.router.core.policy.record import PolicyError, digest_of
from services.router.core.policy.text.files import text_of
from services.router.laws import shipped_laws
from services.router.policies import knowledge_roots, load

__all__ = [
    "FILE_CONTROLLER",
    "TOP_MAX",
    "Answer",
    "Answers",
    "AskFault",
    "Citation",
    "Curated",
    "CuratedState",
    "Explained",
    "Knowledge",
    "PolicyError",
    "answer",
    "answer_lines",
    "answers_for",
    "answers_from_file",
    "as_json",
    "ask",
    "curated_states",
    "explain_question",
    "remove_curated",
    "teach",
]  # fmt: skip

LINE_BYTES_MAX: Final = 8_000_000
POLICY_BYTES_MAX: Final = 10_000_000
TOP_MAX: Final = 1_000
FILE_CONTROLLER: Final = "file"
FILE_WORDS_MIN: Final = 5


class AskFault(ValueError):
    """A question that cannot be asked as it stands; the message says what to do."""


@dataclass(frozen=True, slots=True)
class CuratedState:
    """A curated answer, and whether its clause has changed since it was written."""

    curated: Curated
    stale: bool


def answers_for(home: Path, knowledge: Path | None = None) -> Answers:
    """Return the answers from an installation's knowledge: the operator's own folder, then the shipped one."""
    roots = knowledge_roots(home, knowledge)
    return Answers(load(roots), shipped_laws(), roots[0])


def answers_from_file(path: Path, laws: Sequence[str] = ()) -> Answers:
    """Return the answers from one policy's text, without configuring a controller; its id is "file".

    Its promises are read automatically, so nobody has confirmed them; the law is the GDPR unless another is named.
    """
    # What reads a policy is loaded here only: most questions are put to one that was read at its import.
    from services.router.core.policy.promises.extract import promises_of
    from services.router.core.policy.text.parse import clauses_of, markup_of
    from services.router.policy_import import language_of

    if path.stat().st_size > POLICY_BYTES_MAX:
        raise AskFault(f"{path} is larger than {POLICY_BYTES_MAX} bytes; a policy's text is wanted")
    book = shipped_laws()
    try:
        bound = tuple(book.law(name).id for name in laws) or ("eu-gdpr",)
    except LawFault as fault:
        raise AskFault(str(fault)) from None
    text = text_of(path.read_bytes(), path.name)
    clauses = clauses_of(text)
    words = sum(len(clause.plain.split()) for clause in clauses if clause.citable)
    if words < FILE_WORDS_MIN:
        raise AskFault(f"{path} holds no clauses to quote; a policy in Markdown, plain text or HTML is wanted")
    seat = Seat("", "", "", "UTC", "", bound)
    language = language_of(" ".join(clause.plain for clause in clauses if clause.citable))
    policy = Policy(
        FILE_CONTROLLER, DocumentKind.PRIVACY_POLICY, "unknown", None, language, seat, text,
        digest_of(text), str(path), clauses, promises_of(text, clauses, markup_of(text)),
    )  # fmt: skip
    base = KnowledgeBase({FILE_CONTROLLER: Controller(FILE_CONTROLLER, "", "", seat)}, {FILE_CONTROLLER: (policy,)})
    return Answers(base, book)


def ask(answers: Answers, controller: str, question: str, on: str | None = None, top: int = 0) -> Answer:
    """Answer a question as of a day written YYYY-MM-DD, today when none is given."""
    if not question.strip():
        raise AskFault("the question is empty")
    return answers.ask(controller, question, _day(on), top=top)


def answer_lines(
    answers: Answers, lines: Iterable[bytes], controller: str | None, on: str | None, top: int
) -> Iterator[str]:
    """Answer JSON lines in their order, one line each; a bad line is answered by its fault."""
    for line in lines:
        if line.strip():
            yield _answer_line(answers, line, controller, on, top)


def _answer_line(answers: Answers, line: bytes, controller: str | None, on: str | None, top: int) -> str:
    identity: object = None
    try:
        asked = _read_line(line)
        identity = asked.get("id")
        chosen = _text(asked, "controller", needed=controller is None) or str(controller)
        found = ask(answers, chosen, _text(asked, "question", needed=True), _text(asked, "on") or on, top)
    except (AskFault, PolicyError) as fault:
        return json.dumps({"id": identity, "error": str(fault)}, ensure_ascii=False)
    return json.dumps({"id": identity, **as_json(found, ranked=top > 0)}, ensure_ascii=False)


def _read_line(line: bytes) -> Mapping[str, Any]:
    if len(line) > LINE_BYTES_MAX:
        raise AskFault(f"the line is longer than {LINE_BYTES_MAX} bytes")
    try:
        asked = json.loads(line)
    except (ValueError, RecursionError) as fault:
        raise AskFault(f"not a JSON object: {fault}"[:200]) from None
    if not isinstance(asked, dict):
        raise AskFault('not a JSON object: {"id","question"} is wanted')
    return asked


def _text(asked: Mapping[str, Any], name: str, *, needed: bool = False) -> str:
    value = asked.get(name)
    if value is None and not needed:
        return ""
    if not isinstance(value, str) or (needed and not value.strip()):
        missing = f'"{name}" is missing' if value is None else f'"{name}" must be text'
        raise AskFault(missing + ("; give --controller ID or name one in the line" if name == "controller" else ""))
    # A lone surrogate is legal in JSON and in no text: it could not be printed again.
    return value.encode("utf-8", "replace").decode()


def _day(on: str | None) -> date:
    if on is None or not on:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(on)
    except ValueError:
        raise AskFault(f"{on[:40]!r} is not a day; write it as YYYY-MM-DD") from None


def as_json(found: Answer, *, ranked: bool = False) -> dict[str, Any]:
    """Return an answer in the shape of `habeas ask --jsonl`, without the id."""
    shaped: dict[str, Any] = {
        "answer": found.text,
        "citations": [
            {
                "policy": cited.policy,
                "version": cited.version,
                "clause": cited.clause,
                "start": cited.start,
                "end": cited.end,
                "quote": cited.quote,
            }
            for cited in found.citations
        ],
        "abstained": found.abstained,
        "reason": found.reason,
        "score": found.score,
    }
    if found.warnings:
        shaped["warnings"] = list(found.warnings)
    if found.promises:
        shaped["promises"] = [
            {
                "kind": promise.kind.value,
                "value": dict(promise.value),
                "start": promise.start,
                "end": promise.end,
                "confirmed": promise.confirmed,
                "confidence": promise.confidence,
            }
            for promise in found.promises
        ]
    if found.law is not None:
        shaped["law"] = {"law": found.law.law, "right": found.law.right, "citation": found.law.citation}
    if ranked:
        shaped["ranking"] = [
            {"clause": each.clause, "start": each.start, "end": each.end, "score": each.score}
            | ({"policy": each.policy} if "/" in each.policy else {})
            for each in found.ranking
        ]
    return shaped


def explain_question(
    answers: Answers, controller: str, question: str, on: str | None = None, top: int = 3
) -> Explained:
    """Show why the best clauses won: words, concepts, signals, signs of doubt."""
    knowledge = answers.knowledge(controller, _day(on))
    return explain(knowledge, question, answers.language(question), answers.method, top)


def curated_states(answers: Answers, controller: str, on: str | None = None) -> tuple[CuratedState, ...]:
    """Return a controller's curated answers, each with whether an officer must check it again."""
    knowledge = answers.knowledge(controller, _day(on))
    texts = {
        (policy_name(held.policy), clause.id): clause.text
        for held in knowledge.documents
        for clause in held.policy.clauses
    }
    return tuple(CuratedState(each, stale(each, texts)) for each in knowledge.curated)


def teach(
    answers: Answers, controller: str, question: str, words: str, clause: str = "", language: str = "",
    by: str = "", on: str | None = None,
) -> Curated:  # fmt: skip
    """Keep an officer's answer to a question, tied to the text of the clause it rests on."""
    if not question.strip() or not words.strip():
        raise AskFault("a curated answer needs a question and an answer")
    knowledge = answers.knowledge(controller, _day(on))
    policy, text = _clause_named(knowledge, clause) if clause else ("", "")
    name = hashlib.sha256(f"{controller}\n{question}".encode()).hexdigest()[:10]
    taught = Curated(
        id=name, question=question.strip(), answer=words.strip(), language=language or answers.language(question),
        policy=policy, clause=clause, clause_sha256=fingerprint(text) if clause else "", by=by,
        on=datetime.now(UTC).date().isoformat(),
    )  # fmt: skip
    answers.teach(controller, [*(each for each in answers.taught(controller) if each.id != name), taught])
    return taught


def remove_curated(answers: Answers, controller: str, curated_id: str) -> Curated:
    """Remove a curated answer by its id."""
    kept = answers.taught(controller)
    gone = next((each for each in kept if each.id == curated_id), None)
    if gone is None:
        known = ", ".join(each.id for each in kept) or "none"
        raise AskFault(f"there is no curated answer {curated_id!r} for {controller}; there are: {known}")
    answers.teach(controller, [each for each in kept if each is not gone])
    return gone


def _clause_named(knowledge: Knowledge, clause_id: str) -> tuple[str, str]:
    for held in knowledge.documents:
        clause = held.policy.clause(clause_id)
        if clause is not None:
            return policy_name(held.policy), clause.text
    raise AskFault(f"no clause {clause_id!r} in the documents in force; `habeas policy explain` names clauses")
