"""Reading the promises out of a policy: each reader takes a sentence and says what it binds to, how surely.

The readers are strict about what they claim and modest about how sure they are: an officer confirms in the record, and
until then a promise is used with its confidence beside it. A quotation is whole sentences of one clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.router.core.policy.model import Clause, ClauseKind, Promise, PromiseKind
from services.router.core.policy.promises import controller, reachable, rights, sharing, times, uses
from services.router.core.policy.promises.readable import readable
from services.router.core.policy.promises.sentence import Found, Reader, Sentence
from services.router.core.policy.text.plain import Markup, Plain, render
from services.router.core.policy.text.sentences import sentence_spans

SENTENCE_CHARACTERS_MAX: Final = 2_000
SENTENCE_WORDS_MIN: Final = 5
_WHOLE: Final = (ClauseKind.LIST, ClauseKind.ROW, ClauseKind.ADDRESS, ClauseKind.ITEM)
_SAID_ONCE: Final = (PromiseKind.LAW, PromiseKind.ROLE)
"""Kinds that a policy repeats without saying more; the first place proves them."""

_READERS: Final[tuple[Reader, ...]] = (
    times.answer_deadline,
    times.breach_notice,
    times.retention,
    reachable.contact,
    reachable.authority,
    reachable.identity_proof,
    rights.portability,
    rights.rights,
    rights.supplement,
    rights.self_service,
    rights.refusal,
    sharing.role,
    sharing.sharing,
    sharing.whereabouts,
    uses.purposes,
    uses.categories,
    uses.cookies,
    uses.children,
    uses.policy_change,
    uses.duties,
    uses.others,
    controller.identity,
)


_ASKS_ITSELF: Final = re.compile(r"\W{0,4}(?P<question>[^\s.?!:;][^.?!:;]{2,60}\?)\W{0,4}\s(?=\S)")
"""A paragraph that begins with its own title: "**Hoe lang?** …"."""


def promises_of(text: str, clauses: Sequence[Clause], markup: Markup) -> tuple[Promise, ...]:
    """Return what the clauses promise, in the order of the text."""
    found: list[Promise] = []
    once: set[str] = set()
    for clause in clauses:
        if not clause.citable:
            continue
        for promise in _clause_promises(text, clause, markup):
            if promise.kind in _SAID_ONCE:
                if (said := f"{promise.kind} {sorted(promise.value.items())}") in once:
                    continue
                once.add(said)
            found.append(promise)
    return tuple(found)


def _clause_promises(text: str, clause: Clause, markup: Markup) -> Iterator[Promise]:
    plain = render(text, clause.start, clause.end, markup)
    asked = _ASKS_ITSELF.match(plain.text)
    heading = asked["question"] if asked else clause.heading[-1] if clause.heading else ""
    seen: set[tuple[str, str]] = set()
    for begin, stop in _spans(text, clause, plain):
        words_of = plain.text[begin : min(stop, begin + SENTENCE_CHARACTERS_MAX)]
        sentence = Sentence(
            readable(words_of), readable(heading), readable(clause.lead), readable(plain.text), clause.kind
        )
        for kind, value, confidence in _read(sentence):
            mark = (kind.value, repr(sorted(value.items())))
            if mark in seen:
                continue
            seen.add(mark)
            start, end = plain.published(begin, begin + len(words_of.rstrip()))
            yield Promise(kind, value, clause.id, start, end, text[start:end], confidence, confirmed=False)


def _spans(text: str, clause: Clause, plain: Plain) -> list[tuple[int, int]]:
    """Return the sentences of a clause; short lines that were joined to a paragraph are sentences of their own."""
    if clause.kind in _WHOLE:
        whole = (0, len(plain.text))
        # A numbered clause of a contract is an item of several sentences, each of which binds by itself.
        spans = sentence_spans(plain.text, *whole) if clause.kind is ClauseKind.ITEM else [whole]
        told = all(len(plain.text[begin:stop].split()) >= SENTENCE_WORDS_MIN for begin, stop in spans)
        return spans if len(spans) > 1 and told else [whole]
    breaks = [
        at
        for at, (begin, stop, _) in zip(plain.starts, plain.pieces, strict=True)
        if "\n\n" in (gap := text[begin:stop].replace(" ", "")) and not gap.strip()
    ]
    spans = []
    for begin, stop in zip([0, *breaks], [*breaks, len(plain.text)], strict=True):
        spans += [span for span in sentence_spans(plain.text, begin, stop) if plain.text[slice(*span)].strip()]
    return spans


def _read(sentence: Sentence) -> Iterator[Found]:
    for reader in _READERS:
        yield from reader(sentence)
