"""How an answer is put into words: the clause's own, with a sentence around them."""

from __future__ import annotations

from collections.abc import Sequence

from services.router.core.policy.answers.frames import Frame
from services.router.core.policy.answers.law import LawNote


def quoted(frame: Frame, quotes: Sequence[str], short: str, not_yet_in_force: str) -> tuple[str, ...]:
    """Return the sentences of an answer from clauses: the short answer if there is one, then the quotations."""
    sentences = [short] if short else []
    sentences.append(f"{frame.say('says')} {_in_quotes(quotes[0])}")
    if len(quotes) > 1:
        sentences.append(f"{frame.say('also')} " + " ".join(_in_quotes(quote) for quote in quotes[1:]))
    if not_yet_in_force:
        sentences.append(frame.say("earliest", version=not_yet_in_force))
    return tuple(sentences)


def curated(frame: Frame, answer: str, quotes: Sequence[str]) -> tuple[str, ...]:
    """Return the sentences of an officer's answer, with the clause it rests on."""
    sentences = [f"{frame.say('curated')} {answer}"]
    if quotes:
        sentences.append(f"{frame.say('says')} {_in_quotes(quotes[0])}")
    return tuple(sentences)


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
