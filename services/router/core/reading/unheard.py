"""What no rule read and must not be dropped: personal data named, a language nobody here knows, letters set apart."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from services.router.core.language import Guess, base_code
from services.router.core.reading.bank import Bank
from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import State
from services.router.core.reading.seen import Seen
from services.router.core.reading.tiers import ACT_MIN, Found, Tone

UNKNOWN_WORDS_MIN: Final = 4
KNOWN_CONFIDENCE_MIN: Final = 0.3
"""Of 5,400 messages two that ask nothing are told less surely; a language that none of ours is, hardly ever more."""
UNKNOWN_LANGUAGE: Final = "the language could not be told; a human should look"
_APART: Final = re.compile(r"(?:(?<!\w)[^\W\d_][ .*_-]{1,2}){6}(?=\w\b)")
_NAMED: Final = mask("personal", "privacy", "law", "authority", "consent")
_ASKED: Final = mask("want", "please", "can", "how", "question", "hereby", "exercise")


def unheard(
    text: str, seens: Sequence[tuple[Bank, Seen]], guesses: Sequence[Guess], tone: Tone, *, hinted: bool
) -> Iterator[str]:
    """Yield why a human should look at a message in which nothing was read."""
    words = seens[0][1].words if seens else ()
    told = guesses[0].confidence if guesses else 0.0
    if _names_personal_data(seens, tone):
        yield "personal data is named and something is asked, and no rule knows what; a human should look"
    elif not hinted and len(words) >= UNKNOWN_WORDS_MIN and told < KNOWN_CONFIDENCE_MIN:
        yield UNKNOWN_LANGUAGE
    if _APART.search(text):
        yield "letters are set apart, as if to hide words; a human should look"


def language_read(
    code: str, guesses: Sequence[Guess], seens: Sequence[tuple[Bank, Seen]], found: Sequence[Found]
) -> str:
    """Return the language that a message was read in, where the guess was no better than others: "delete me"."""
    if not seens or not guesses or guesses[0].confidence >= KNOWN_CONFIDENCE_MIN:
        return code
    last = seens[-1][0].code
    sure = any(one.candidate.state is State.ASSERTED and one.candidate.score >= ACT_MIN for one in found)
    # The banks are looked into until one reads a right: the last one did.
    return last if sure and last in [base_code(guess.code) for guess in guesses] else code


def _names_personal_data(seens: Sequence[tuple[Bank, Seen]], tone: Tone) -> bool:
    if tone.is_talk:
        return False
    bits = 0
    for _, seen in seens:
        for clause in seen.clauses:
            bits |= clause.bits
    return bool(bits & _NAMED) and bool(bits & _ASKED)
