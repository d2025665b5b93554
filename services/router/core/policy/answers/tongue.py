"""Which language a question is in, when it may be three words long.

A model of letters cannot tell "cookie acceptance" from Dutch. So the glossaries are asked too: the language in which
most of the words make sense wins, weighed against the model's guess.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from services.router.core.language import base_code, rank
from services.router.core.policy.answers.lexicon import Lexicon
from services.router.core.policy.answers.words import stems, words

CANDIDATES_MAX: Final = 5
SENSE_WEIGHT: Final = 6.0
ENGLISH_SENSE_MIN: Final = 0.8
WORDS_MAX: Final = 40
TEXT_CHARACTERS_MAX: Final = 400


def question_language(text: str, lexicon: Lexicon) -> str:
    """Return the ISO 639-1 code of a question's language; English when there is nothing to go by."""
    text = text[:TEXT_CHARACTERS_MAX]
    # Most questions are English, and no other language's sentence makes this much sense in English by chance.
    english = _english_sense(text, lexicon)
    if english >= ENGLISH_SENSE_MIN:
        return "en"
    spoken = words(text, "und")[:WORDS_MAX]  # every other language's words are told apart alike
    guesses = {base_code(guess.code): guess.confidence for guess in rank(text, CANDIDATES_MAX)}
    guesses.setdefault("en", 0.001)
    makes = {code: english if code == "en" else _sense(spoken, code, lexicon) for code in guesses}
    return max(guesses, key=lambda code: (math.log(guesses[code] + 1e-4) + SENSE_WEIGHT * makes[code], code))


def _english_sense(text: str, lexicon: Lexicon) -> float:
    row = stems(words(text)[:WORDS_MAX])
    return sum(lexicon.knows(word) for word in row) / len(row) if row else 0.0


def _sense(spoken: Sequence[str], language: str, lexicon: Lexicon) -> float:
    """Return the share of words that make sense in a language; unknown languages are given the benefit of half."""
    if not spoken:
        return 0.0
    glossary = lexicon.glossaries.get(language)
    if glossary is None:
        return 0.4
    return sum(word in glossary.stop or glossary.translate(word) is not None for word in spoken) / len(spoken)
