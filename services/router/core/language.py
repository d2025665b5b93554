"""Which language a text is written in, with short texts in mind.

py3langid knows 140 languages in a few megabytes and works offline, but it is a model of letters: under some fifty of
them it guesses. So small words vote (`language_words`), and a script that only one language here uses decides at once.
The guess never decides alone what is read: an unsure guess makes the reader look into several languages' phrases.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final

from services.router.core.language_words import VOTING_WORDS

if TYPE_CHECKING:
    from services.router.core.language_model import LetterModel

TEXT_CHARACTERS_MAX: Final = 2_000
"""More text than this makes no guess better, and a guess must stay cheap."""

_KEPT = (
    "ar be bg bn ca cs da de el en es et fa fi fr he hi hr hu hy id is it ja ka kk ko lt lv mk nl no pl pt ro ru sk sl "
    "sq sr sv th tr uk ur vi zh"
)
MODEL_LANGUAGES: Final = frozenset(_KEPT.split())
"""The model's other languages are left out of memory: they would win only by accident on a line of chat."""

TAG_CHARACTERS_MAX: Final = 40
LETTERS_KEPT_MAX: Final = 2_000
WORDS_KEPT_MAX: Final = 4_000
"""What was looked up before and is kept; a longer word than any that votes is kept as well, and is rare."""

VOTE_WEIGHT: Final = 1.1
"""What one small word of one's own is worth, in log-odds; chosen on short texts of our own."""

BARE_LETTERS_MIN: Final = 4
"""A shorter word without its accents is too often another language's word."""

_LETTER_RUN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")

_SCRIPT_LANGUAGES: Final[tuple[tuple[str, str], ...]] = (
    ("GREEK", "el"),
    ("HANGUL", "ko"),
    ("HIRAGANA", "ja"),
    ("KATAKANA", "ja"),
    ("THAI", "th"),
    ("HEBREW", "he"),
    ("GEORGIAN", "ka"),
    ("ARMENIAN", "hy"),
    ("TAMIL", "ta"),
)


FIRST_LETTER_NOT_LATIN: Final = "\u0370"


@dataclass(frozen=True, slots=True)
class Guess:
    """A language as an ISO 639-1 code ("und" when there is nothing to go by) and how sure that is, from 0 to 1."""

    code: str
    confidence: float


UNDETERMINED: Final = Guess("und", 0.0)


def detect(text: str) -> Guess:
    """Return the language `text` is most likely written in."""
    ranked = rank(text, 1)
    return ranked[0] if ranked else UNDETERMINED


def rank(text: str, limit: int = 3) -> tuple[Guess, ...]:
    """Return the likeliest languages, best first; empty for a text without letters."""
    head = text[:TEXT_CHARACTERS_MAX]
    words = _LETTER_RUN.findall(head)
    if not words:
        return ()
    if (script := _script_language(words)) is not None:
        return (Guess(script, 0.99),)
    scores = _model_scores(head)
    for code, vote in votes(words).items():
        scores[code] = scores.get(code, -12.0) + VOTE_WEIGHT * vote
    return _likeliest(scores, limit)


def base_code(code: str) -> str:
    """Return the plain language of a tag: "de" for "de-AT", "no" for the two written Norwegians."""
    return _base_code(code[:TAG_CHARACTERS_MAX])


@lru_cache(maxsize=200)
def _base_code(code: str) -> str:
    base = re.split(r"[-_]", code.strip().casefold(), maxsplit=1)[0]
    return {"nb": "no", "nn": "no", "gsw": "de", "bs": "hr", "sh": "hr"}.get(base, base)


def votes(words: list[str]) -> dict[str, float]:
    """Count the small words of each language; a word that several share is shared among them.

    Many people type without their accents, in capitals most of all: a word typed so votes as well.
    """
    counted: dict[str, float] = {}
    for word in words[:80]:
        for owner, share in _vote_of(word):
            counted[owner] = counted.get(owner, 0.0) + share
    return counted


@lru_cache(maxsize=WORDS_KEPT_MAX)
def _vote_of(word: str) -> tuple[tuple[str, float], ...]:
    owners = _voters().get(word.casefold().replace("’", "'"), ())
    return tuple((owner, 1.0 / len(owners)) for owner in owners)


def _likeliest(scores: dict[str, float], limit: int) -> tuple[Guess, ...]:
    top = max(scores.values())
    weights = {code: math.exp(score - top) for code, score in scores.items()}
    total = sum(weights.values())
    # Fifty languages are scored and few are wanted: only those become guesses.
    likeliest = sorted([(-weight, code) for code, weight in weights.items()])[:limit]
    return tuple([Guess(code, round(-weight / total, 4)) for weight, code in likeliest])


def _script_language(words: list[str]) -> str | None:
    """Return the language of a script that only one language here is written in, if most letters are in it."""
    sample = "".join(words)[:200]
    if sample.isascii():
        return None
    counted = Counter(code for letter in sample if letter >= FIRST_LETTER_NOT_LATIN for code in _scripts_of(letter))
    if not counted:
        return None
    code, count = counted.most_common(1)[0]
    # Japanese is written with two syllabaries among Chinese characters: a fifth of the letters is proof enough.
    return code if count >= len(sample) * (0.2 if code == "ja" else 0.5) else None


@lru_cache(maxsize=LETTERS_KEPT_MAX)
def _scripts_of(letter: str) -> tuple[str, ...]:
    """Return the languages whose script a letter is of."""
    name = unicodedata.name(letter, "")
    return tuple(code for script, code in _SCRIPT_LANGUAGES if name.startswith(script))


def _model_scores(text: str) -> dict[str, float]:
    lowered = text.casefold() if text.isupper() else text
    return {code: math.log(p) for code, p in letter_model().rank(lowered).items() if p > 1e-7}


def _without_accents(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.replace("ł", "l").replace("ø", "o").replace("ı", "i"))
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


@cache
def _voters() -> dict[str, tuple[str, ...]]:
    owners: dict[str, list[str]] = {}
    for code, words in VOTING_WORDS.items():
        for word in words.split():
            owners.setdefault(word, []).append(code)
    for code, words in VOTING_WORDS.items():
        for word in words.split():
            bare = _without_accents(word)
            if bare != word and len(bare) >= BARE_LETTERS_MIN:
                owners.setdefault(bare, []).append(code)
    return {word: tuple(dict.fromkeys(codes)) for word, codes in owners.items()}


def _from_the_library(languages: Collection[str]) -> LetterModel:
    from services.router.core.language_model import load_letter_model  # with the matrix library, a tenth of a second

    return load_letter_model(languages)


Loading = Callable[[Collection[str]], "LetterModel"]
_loading: list[Loading] = [_from_the_library]


def load_letters_by(loading: Loading) -> None:
    """Have the model loaded in this way from now on: a shell may keep its parts, which take a second to build."""
    _loading[:] = [loading]


@cache
def letter_model() -> LetterModel:
    """Load the model once."""
    return _loading[0](MODEL_LANGUAGES)
