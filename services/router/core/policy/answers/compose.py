"""How an answer is put into words: the clause's own, with a sentence around them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.router.core.policy.answers.frames import Frame
from services.router.core.policy.answers.law import LawNote
from services.router.core.policy.model import DocumentKind


@dataclass(frozen=True, slots=True)
class Quote:
    """A clause's words, and which of the controller's documents says them."""

    document: DocumentKind
    words: str


def quoted(frame: Frame, quotes: Sequence[Quote], short: str, not_yet_in_force: str) -> tuple[str, ...]:
    """Return the sentences of an answer from clauses: the short answer if there is one, then the quotations."""
    sentences = [short] if short else []
    for document in dict.fromkeys(quote.document for quote in quotes):
        sentences += _said_by(frame, document, [quote.words for quote in quotes if quote.document is document])
    if not_yet_in_force:
        sentences.append(frame.say("earliest", version=not_yet_in_force))
    return tuple(sentences)


def curated(frame: Frame, answer: str, quotes: Sequence[Quote]) -> tuple[str, ...]:
    """Return the sentences of an officer's answer, with the clause it rests on."""
    sentences = [f"{frame.say('curated')} {answer}"]
    if quotes:
        sentences += _said_by(frame, quotes[0].document, [quotes[0].words])
    return tuple(sentences)


def _said_by(frame: Frame, document: DocumentKind, said: Sequence[str]) -> Iterator[str]:
    """Yield the sentences that quote one document; one that is not the privacy policy is called what it is."""
    if document is not DocumentKind.PRIVACY_POLICY:
        yield f"{frame.say(f'says-{document.value}')} " + " ".join(map(_in_quotes, said))
        return
    yield f"{frame.say('says')} {_in_quotes(said[0])}"
    if len(said) > 1:
        yield f"{frame.say('also')} " + " ".join(map(_in_quotes, said[1:]))


def silent(frame: Frame, note: LawNote | None) -> tuple[str, ...]:
    """Return the sentences of an answer that the policy does not give: plainly, with the law's and a human's help."""
    sentences = [frame.say("silent")]
    if note is not None:
        sentences.append(note.text)
    sentences.append(frame.say("human"))
    return tuple(sentences)


def joined(sentences: Sequence[str]) -> str:
    """Return the sentences as one text, a paragraph each."""
    return "\n\n".join(sentences)


def _in_quotes(words: str) -> str:
    return f"“{words}”"
