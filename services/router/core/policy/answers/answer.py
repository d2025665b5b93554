"""The answer to a question: quoted clauses, or a plain "our policy does not say".

One pure function, `answer`, decides everything; what it needs of the world (policies in force, the officer's curated
answers, the law that applies) comes in as one frozen value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from services.router.core.law.model import Law
from services.router.core.policy.answers import compose
from services.router.core.policy.answers.confidence import Doubts, signs_of, sureness
from services.router.core.policy.answers.curated import Curated, CuratedMatch, recall
from services.router.core.policy.answers.frames import Frames
from services.router.core.policy.answers.index import PolicyIndex, index_of
from services.router.core.policy.answers.law import LawNote, law_note
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.passages import passages_of
from services.router.core.policy.answers.promises import Promised, is_beside_the_question, promised_in_short
from services.router.core.policy.answers.question import QUESTION_CHARACTERS_MAX, Question, ask
from services.router.core.policy.answers.rank import Ranking, Weights, rank
from services.router.core.policy.answers.words import stems, words
from services.router.core.policy.model import DocumentKind, InForce, Policy, Promise, PromiseKind

PARTS_MAX: Final = 3
NAME_LETTERS_MIN: Final = 4
SECOND_CLAUSE_SHARE_MIN: Final = 0.93
"""A second clause is quoted too when it fits nearly as well as the first."""
PROMISING_CLAUSE_SHARE_MIN: Final = 0.75
"""One that makes the promise asked for in data (an address, a time) is quoted too when it fits about as well."""

_ASKING: Final = (
    "how who whom where what which when why can do does is are wie wer wo was wann welche\\w* kann comment qui où "
    "quel\\w* combien cómo quién dónde qué cuánto come chi dove cosa quanto hoe waar wat jak kto gdzie czy como quem "
    "onde cum cine unde cât kā kas kur cik hur vem var vad hogyan ki hol meddig mennyi"
)
_PARTS: Final = re.compile(
    r"(?i)(?<=[?;])\s+|(?<=\?)(?=\S)|,?\s+(?:and(?: also)?|und|et|y|e|en|i|oraz|și|si|un|och|és)\s+"
    rf"(?=(?:{'|'.join(_ASKING.split())})\b)"
)
"""Where one question ends and the next begins: at its mark, or at "and how", "und wer"."""


class Reason(StrEnum):
    """Why an answer came out as it did."""

    CLAUSE = "clause"
    CURATED = "curated"
    UNSURE = "not sure enough that the policy says it"
    SILENT = "the policy says nothing on this"
    EMPTY = "the question holds no words"
    NOT_ABOUT_DATA = "not a question about personal data"


@dataclass(frozen=True, slots=True)
class Method:
    """What is the same for every controller: words, weights, doubts and sentences."""

    lexicon: Lexicon
    weights: Weights
    doubts: Doubts
    frames: Frames


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What one controller can be asked on one day: its documents in force, indexed, and what its officer taught."""

    controller: str
    documents: tuple[InForce, ...]
    index: PolicyIndex
    curated: tuple[Curated, ...] = ()
    laws: tuple[Law, ...] = ()


@dataclass(frozen=True, slots=True)
class Citation:
    """A quotation, and where anybody can find it: `policy.text[start:end] == quote`."""

    policy: str
    version: str
    clause: str
    start: int
    end: int
    quote: str


@dataclass(frozen=True, slots=True)
class Ranked:
    """A clause in the ranking."""

    policy: str
    version: str
    clause: str
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Answer:
    """What the person is told, what proves it, and why."""

    text: str
    citations: tuple[Citation, ...]
    abstained: bool
    reason: str
    score: float
    language: str
    parts: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    law: LawNote | None = None
    promises: tuple[Promise, ...] = ()
    """The promises that the short answer rests on."""
    curated: str = ""
    ranking: tuple[Ranked, ...] = field(default=(), repr=False)


def knowledge_of(
    controller: str,
    documents: Sequence[InForce],
    method: Method,
    curated: Sequence[Curated] = (),
    laws: Sequence[Law] = (),
) -> Knowledge:
    """Index the documents of a controller; this is the slow part, done once a version."""
    passages = [
        replace(passage, document=number)
        for number, held in enumerate(documents)
        for passage in passages_of(held.policy.clauses)
    ]
    language = documents[0].policy.language if documents else "en"
    promises = {number: held.policy.promises for number, held in enumerate(documents)}
    return Knowledge(
        controller,
        tuple(documents),
        index_of(passages, language, method.lexicon, promises, _names(controller, documents)),
        tuple(curated),
        tuple(laws),
    )


def _names(controller: str, documents: Sequence[InForce]) -> frozenset[str]:
    """Return the stems of what people call the controller: its id's words, and the first of its entity's name."""
    called = [*controller.split("-"), *(held.policy.seat.entity.split(" ")[0] for held in documents)]
    return frozenset(stems([word for name in called for word in words(name) if len(word) >= NAME_LETTERS_MIN]))


def answer(knowledge: Knowledge, question: str, language: str, method: Method, top: int = 0) -> Answer:
    """Answer a question from a controller's documents, in the person's language, or say that they do not say."""
    text = question[:QUESTION_CHARACTERS_MAX]
    taught = recall(text, language, knowledge.curated, _texts(knowledge), method.lexicon)
    asked = ask(text, language, knowledge.index, method.lexicon)
    ranking = rank(knowledge.index, asked, method.lexicon, method.weights)
    ranked = tuple(_ranked(knowledge, ranking, place) for place in range(min(top, len(ranking.order))))
    if taught is not None and not taught.stale:
        return replace(_from_curated(knowledge, taught, language, method), ranking=ranked)
    found = _from_clauses(knowledge, asked, ranking, method, text)
    if taught is not None:
        note = f"the curated answer {taught.curated.id!r} waits for an officer: its clause has changed"
        found = replace(found, warnings=(*found.warnings, note))
    return replace(found, ranking=ranked)


def _from_clauses(knowledge: Knowledge, asked: Question, ranking: Ranking, method: Method, text: str) -> Answer:
    """Answer each part of the question that the documents answer."""
    whole = _sure(knowledge, asked, ranking, method)
    chosen: list[int] = []
    score = whole
    if whole >= method.doubts.threshold:
        chosen.append(ranking.order[0])
        chosen.extend(_nearly_as_good(ranking))
        chosen = _without_what_is_beside(knowledge, asked, chosen, method)
        chosen = _with_the_promise(knowledge, asked, ranking, chosen, method)
    parts = [part for part in _PARTS.split(text) if len(part.split()) > 2][:PARTS_MAX]
    if len(parts) > 1:
        for part in parts:
            one = ask(part, asked.language, knowledge.index, method.lexicon)
            order = rank(knowledge.index, one, method.lexicon, method.weights)
            sure = _sure(knowledge, one, order, method)
            if sure >= method.doubts.threshold and order.order[0] not in chosen:
                chosen.append(order.order[0])
                score = max(score, sure)
    if not chosen:
        return _abstain(knowledge, asked, score, method)
    chosen = chosen[:PARTS_MAX]
    located = _where_the_authority_is(knowledge.index, asked, chosen, method.lexicon)
    # The authority's street and telephone often fill clauses of their own, which its name must not push out.
    chosen = [*(chosen[:2] if located else chosen), *(at for at in located if at not in chosen[:2])]
    return _quote(knowledge, asked, tuple(chosen), score, method)


def _sure(knowledge: Knowledge, asked: Question, ranking: Ranking, method: Method) -> float:
    if not ranking.order or not asked.reading.pivot:
        return 0.0
    return sureness(signs_of(knowledge.index, asked, ranking, method.lexicon), method.doubts)


def _nearly_as_good(ranking: Ranking) -> list[int]:
    best = float(ranking.scores[ranking.order[0]])
    return [at for at in ranking.order[1:2] if best > 0 and ranking.scores[at] >= SECOND_CLAUSE_SHARE_MIN * best]


def _without_what_is_beside(knowledge: Knowledge, asked: Question, chosen: list[int], method: Method) -> list[int]:
    """Drop clauses on how long something else is kept, where another that was chosen has none such."""
    frame = method.frames.of(asked.language)

    def is_beside(at: int) -> bool:
        short = promised_in_short(asked, [at], knowledge.index, method.lexicon, frame)
        return bool(short.line) and is_beside_the_question(short, asked)

    return [at for at in chosen if not is_beside(at)] or chosen if len(chosen) > 1 else chosen


def _with_the_promise(
    knowledge: Knowledge, asked: Question, ranking: Ranking, chosen: list[int], method: Method
) -> list[int]:
    """Add the neighbour that says in data what was asked, where no chosen clause does: the authority's own address."""
    frame = method.frames.of(asked.language)

    def in_short(places: Sequence[int]) -> Promised:
        return promised_in_short(asked, places, knowledge.index, method.lexicon, frame)

    if in_short(chosen).line:
        return chosen
    best = chosen[0]
    enough = PROMISING_CLAUSE_SHARE_MIN * float(ranking.scores[best])
    for at in ranking.order[1:PARTS_MAX]:
        if at in chosen or not 0 < enough <= ranking.scores[at]:
            continue
        short = in_short([at])
        if short.line and not is_beside_the_question(short, asked):
            proves_none = not any(knowledge.index.promised[number, best] > 0 for number in asked.asked)
            return [at, *chosen] if proves_none else [best, at, *chosen[1:]]
    return chosen


def _where_the_authority_is(
    index: PolicyIndex, asked: Question, chosen: Sequence[int], lexicon: Lexicon
) -> tuple[int, ...]:
    """Return the clause with the authority's street and telephone, where the chosen ones tell of complaints without."""
    if not any(lexicon.askings[number].name == "complaint" for number in asked.asked):
        return ()
    told = [promise for at in chosen for promise in index.held[at]]
    located = [promise for promise in told if promise.value.get("address") or promise.value.get("phone")]
    if any(promise.kind is PromiseKind.AUTHORITY for promise in located) or not any(
        "complaint" in promise.rights for promise in told
    ):
        return ()
    document = index.passages[chosen[0]].document
    for at, promises in enumerate(index.held):
        authorities = [promise for promise in promises if promise.kind is PromiseKind.AUTHORITY]
        located = [promise for promise in authorities if promise.value.get("address")]
        if located and index.passages[at].document == document:
            end = located[0].end
            return tuple(
                number
                for number in range(at, len(index.passages))
                if index.passages[number].document == document and index.passages[number].start < end
            )
    return ()


def _quote(knowledge: Knowledge, asked: Question, chosen: tuple[int, ...], score: float, method: Method) -> Answer:
    passages = [knowledge.index.passages[at] for at in chosen]
    citations = tuple(_citation(knowledge, passage.document, passage.clause) for passage in passages)
    frame = method.frames.of(asked.language)
    short = promised_in_short(asked, chosen, knowledge.index, method.lexicon, frame)
    warnings = _warnings(knowledge, passages[0].document)
    quotes = [compose.Quote(knowledge.documents[each.document].policy.kind, each.text) for each in passages]
    sentences = compose.quoted(frame, quotes, short.line, _warned(knowledge, passages[0].document))
    return Answer(
        text=compose.joined(sentences),
        citations=citations,
        abstained=False,
        reason=Reason.CLAUSE.value,
        score=round(score, 4),
        language=frame.language,
        parts=sentences,
        warnings=warnings,
        promises=short.promises,
    )


def _abstain(knowledge: Knowledge, asked: Question, score: float, method: Method) -> Answer:
    frame = method.frames.of(asked.language)
    note = law_note(asked, knowledge.laws, method.lexicon, frame)
    if not asked.reading.pivot:
        reason = Reason.EMPTY
    elif note is None and not asked.direct:
        reason = Reason.NOT_ABOUT_DATA
    else:
        reason = Reason.SILENT if score < method.doubts.threshold / 2 else Reason.UNSURE
    sentences = compose.silent(frame, note)
    return Answer(
        text=compose.joined(sentences),
        citations=(),
        abstained=True,
        reason=reason.value,
        score=round(score, 4),
        language=frame.language,
        parts=sentences,
        law=note,
    )


def _from_curated(knowledge: Knowledge, taught: CuratedMatch, language: str, method: Method) -> Answer:
    frame = method.frames.of(language)
    citations = tuple(
        _citation(knowledge, number, clause.id)
        for number, held in enumerate(knowledge.documents)
        for clause in held.policy.clauses
        if clause.id == taught.curated.clause and policy_name(held.policy) == taught.curated.policy
    )
    quotes = [_said(knowledge, citation) for citation in citations]
    sentences = compose.curated(frame, taught.curated.answer, quotes)
    return Answer(
        text=compose.joined(sentences),
        citations=citations,
        abstained=False,
        reason=f"{Reason.CURATED.value}: {taught.curated.id}",
        score=round(taught.likeness, 4),
        language=frame.language,
        parts=sentences,
        curated=taught.curated.id,
    )


def policy_name(policy: Policy) -> str:
    """Return how a document is named in a citation: the controller, and which document unless its privacy policy."""
    if policy.kind is DocumentKind.PRIVACY_POLICY:
        return policy.controller
    return f"{policy.controller}/{policy.kind.value}"


def _citation(knowledge: Knowledge, document: int, clause_id: str) -> Citation:
    policy = knowledge.documents[document].policy
    clause = policy.clause(clause_id)
    assert clause is not None
    return Citation(
        policy_name(policy), policy.version, clause.id, clause.start, clause.end, policy.text[clause.start : clause.end]
    )


def _said(knowledge: Knowledge, citation: Citation) -> compose.Quote:
    for held in knowledge.documents:
        clause = held.policy.clause(citation.clause)
        if clause is not None and policy_name(held.policy) == citation.policy:
            return compose.Quote(held.policy.kind, clause.plain)
    raise LookupError(citation.clause)


def _ranked(knowledge: Knowledge, ranking: Ranking, place: int) -> Ranked:
    at = ranking.order[place]
    passage = knowledge.index.passages[at]
    policy = knowledge.documents[passage.document].policy
    return Ranked(
        policy_name(policy),
        policy.version,
        passage.clause,
        passage.start,
        passage.end,
        round(float(ranking.scores[at]), 4),
    )


def _warnings(knowledge: Knowledge, document: int) -> tuple[str, ...]:
    warning = knowledge.documents[document].warning
    return () if warning is None else (warning,)


def _warned(knowledge: Knowledge, document: int) -> str:
    """Return the version cited although it was not yet in force, or nothing."""
    held = knowledge.documents[document]
    return held.policy.version if held.warning is not None and held.policy.effective is not None else ""


def _texts(knowledge: Knowledge) -> Mapping[tuple[str, str], str]:
    return (
        {
            (policy_name(held.policy), clause.id): clause.text
            for held in knowledge.documents
            for clause in held.policy.clauses
        }
        if knowledge.curated
        else {}
    )
