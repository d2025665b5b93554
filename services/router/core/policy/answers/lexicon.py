"""The concepts of data protection, and how a text in any language shows them.

A concept is shown by English words and phrases, compared by stem. A text in another language is first read through its
glossary, which gives the English words for each of its own; so a Latvian question and an English clause meet in the
same concepts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any, Final

from services.router.core.policy.answers.askings import Asking, askings_from, rights_from
from services.router.core.policy.answers.counts import Counts, count
from services.router.core.policy.answers.learned import Learned
from services.router.core.policy.answers.particulars import (
    NOTHING,
    Particulars,
    particular_questions,
    particulars_from,
)
from services.router.core.policy.answers.spellings import Spellings, spellings_of
from services.router.core.policy.answers.spoken import Spoken, spoken_by
from services.router.core.policy.answers.wordings import (
    NONE,
    Wordings,
    features_of,
    meanings_from,
    questions_in,
    wordings_from,
)
from services.router.core.policy.answers.words import ALGORITHMS, stems, words

BEGINNING_LETTERS_MIN: Final = 4
"""A shorter glossary entry is a whole word: "ip" must not begin "ipso"."""

COMPOUND_LETTERS: Final = 5
COMPOUND_LETTERS_MIN: Final = 9
"""Long words that begin alike have a part in common: "Videoaufnahmen" and "Videoüberwachung"."""

KINDS: Final = ("action", "topic", "aspect", "absent")

Phrases = Mapping[str, Mapping[str, tuple[tuple[tuple[str, ...], int], ...]]]
"""First stem of a phrase -> its second, "" where there is none -> (the rest of the phrase, concept).

By two stems, because hundreds of phrases begin with "my" or "do you".
"""


@dataclass(frozen=True, slots=True)
class Glossary:
    """One language's words for the matter: by beginning, so that endings and compounds do not hide them."""

    language: str
    english: Mapping[str, tuple[str, ...]]
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], tuple[str, ...]], ...]]
    stop: frozenset[str]
    compounding: bool = False

    def translate(self, word: str) -> tuple[str, ...] | None:
        """Return the English words for one folded word, by its longest known beginning; None when there is none."""
        for length in range(len(word), 0, -1):
            if length < BEGINNING_LETTERS_MIN and length != len(word):
                continue
            english = self.english.get(word[:length])
            if english is not None:
                if self.compounding and len(word) - length > 4:
                    return english + self._rest(word[length:])
                return english
        return None

    def _rest(self, tail: str) -> tuple[str, ...]:
        """Return the English of a compound's later part: "Daten" in "Kreditkartendaten", past the joining letters."""
        for skip in range(4):
            part = tail[skip:]
            for length in range(len(part), 3, -1):
                english = self.english.get(part[:length])
                if english is not None:
                    return english
        return ()


class _Glossaries(Mapping[str, Glossary]):
    """The glossaries by language, each read when it is first asked for: a start for one question needs one or none."""

    def __init__(self, written: Mapping[str, str]) -> None:
        self._written = dict(written)
        self._read: dict[str, Glossary] = {}

    def __getitem__(self, language: str) -> Glossary:
        found = self._read.get(language)
        if found is None:
            found = self._read[language] = _glossary(language, tomllib.loads(self._written[language]))
        return found

    def __contains__(self, language: object) -> bool:
        return language in self._written

    def __iter__(self) -> Iterator[str]:
        return iter(self._written)

    def __len__(self) -> int:
        return len(self._written)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything that is known about words: concepts, their phrases, stop words, glossaries."""

    names: tuple[str, ...]
    kinds: tuple[str, ...]
    phrases: Phrases
    implied: Mapping[int, tuple[tuple[int, float], ...]]
    stop: frozenset[str]
    generic: frozenset[str]
    everyday: frozenset[str]
    """Words of talk, which say little when a policy lacks them."""
    mendable: Spellings
    """Stems that a mistyped word may have meant."""
    vocabulary: frozenset[str]
    """Every stem of every phrase."""
    glossaries: Mapping[str, Glossary] = field(default_factory=dict)
    askings: tuple[Asking, ...] = ()
    """Which promises answer which concepts."""
    rights: tuple[tuple[str, str], ...] = ()
    """Which right a concept of a question is about; the first that is shown decides."""
    objects: Mapping[int, frozenset[int]] = field(default_factory=dict)
    """Kinds of personal data, and the concepts of a question beside which they are no more than "my data"."""
    wordings: Wordings = NONE
    """What whole questions mean."""
    particulars: Particulars = NOTHING
    """What exactly is asked."""

    def index(self, name: str) -> int:
        """Return the number of the concept called `name`."""
        return self.names.index(name)

    def knows(self, stemmed: str) -> bool:
        """Return whether an English stem is a word of talk or of the matter."""
        return (
            stemmed in self.stop
            or stemmed in self.generic
            or stemmed in self.everyday
            or stemmed in self.vocabulary
            or stemmed in self.wordings.places
        )

    def concepts_in(self, stemmed: Sequence[str]) -> list[tuple[int, int, int]]:
        """Return (concept, from, to) for each phrase found in a row of English stems; overlapping finds all count."""
        found: list[tuple[int, int, int]] = []
        for at, first in enumerate(stemmed):
            begun = self.phrases.get(first)
            if begun is None:
                continue
            follows = stemmed[at + 1] if at + 1 < len(stemmed) else ""
            for rest, concept in (*begun.get("", ()), *(begun.get(follows, ()) if follows else ())):
                end = at + 1 + len(rest)
                if len(rest) < 2 or tuple(stemmed[at + 1 : end]) == rest:
                    found.append((concept, at, end))
        return found


def lexicon_from(
    concepts: Mapping[str, Any],
    glossaries: Mapping[str, str],
    asked: Mapping[str, Any],
    wordings: Mapping[str, Any],
    particulars: Mapping[str, Any],
    counts: tuple[Counts, Counts] | None = None,
    further: Iterable[tuple[str, str]] = (),
    learned: tuple[Learned, Learned] | None = None,
) -> Lexicon:
    """Build the lexicon from the tables of `knowledge/answers`.

    `glossaries` are texts, each read when somebody asks in its language. `counts` are those of the wordings of the last
    two tables and of `further` (files of more of them, each a language and its text), where they were kept; without
    them they are counted here. `learned` is what was learned of them, as far as it was.
    """
    names: list[str] = []
    kinds: list[str] = []
    phrases: dict[str, list[tuple[tuple[str, ...], int]]] = {}
    single: set[str] = set()
    everything: set[str] = set()
    for kind in KINDS:
        for name, listed in concepts.get(kind, {}).items():
            number = len(names)
            names.append(name)
            kinds.append(kind)
            for phrase in listed.split(","):
                spoken = words(phrase)
                if not spoken:
                    continue
                row = stems(spoken)
                entry = (tuple(row[1:]), number)
                if entry not in phrases.setdefault(row[0], []):
                    phrases[row[0]].append(entry)
                everything.update(row)
                single.update(part for part in row if len(part) > 3)
    general = concepts.get("words", {})
    stop = frozenset(stems(words(general.get("stop", ""))))
    generic = frozenset(stems(words(general.get("generic", ""))))
    numbers = {name: number for number, name in enumerate(names)}
    lexicon = Lexicon(
        names=tuple(names),
        kinds=tuple(kinds),
        phrases={first: _by_second(rows) for first, rows in phrases.items()},
        implied=_implied(concepts.get("implies", {}), numbers),
        stop=stop,
        generic=generic,
        everyday=frozenset(stems(words(general.get("everyday", "")))),
        mendable=spellings_of(sorted(single | {word for word in generic if len(word) > 3})),
        vocabulary=frozenset(everything),
        glossaries=_Glossaries(glossaries),
        askings=askings_from(asked, numbers),
        rights=rights_from(asked),
        objects={
            numbers[name]: frozenset(numbers[other] for other in beside.split())
            for name, beside in concepts.get("objects", {}).items()
        },
    )
    if counts is None:
        counts = counted_in(lexicon, wordings, particulars, further)
    known = with_counts(lexicon, wordings, particulars, counts)
    return known if learned is None else with_learned(known, learned)


def with_counts(
    lexicon: Lexicon, wordings: Mapping[str, Any], particulars: Mapping[str, Any], counts: tuple[Counts, Counts]
) -> Lexicon:
    """Return the lexicon with the meanings and particulars of both tables, by these counts of their wordings."""
    numbers = {name: number for number, name in enumerate(lexicon.names)}
    answering = {asking.name: asking.answers for asking in lexicon.askings}
    meanings = meanings_from(wordings, answering, numbers)
    return replace(
        lexicon,
        wordings=wordings_from(meanings, counts[0], lexicon.stop),
        particulars=particulars_from(particulars, counts[1], meanings, lexicon.stop),
    )


def with_learned(lexicon: Lexicon, learned: tuple[Learned, Learned]) -> Lexicon:
    """Return the lexicon with what was learned of the wordings of meanings and of particulars."""
    wordings, exact = lexicon.wordings, lexicon.particulars.wordings
    one, other = (
        replace(each, learned=knows.of([meaning.name for meaning in each.meanings]))
        for each, knows in zip((wordings, exact), learned, strict=True)
    )
    return replace(lexicon, wordings=one, particulars=replace(lexicon.particulars, wordings=other))


Featured = list[list[tuple[str, ...]]]
"""For each entry, what likening goes by of each of its wordings."""


def featured(
    lexicon: Lexicon, wordings: Mapping[str, Any], particulars: Mapping[str, Any], further: Iterable[tuple[str, str]]
) -> tuple[Featured, Featured]:
    """Read the wordings of both tables, and those in the files of further ones."""
    by_name = spoken_by(further)

    @cache  # most stand under a meaning and a particular
    def features(line: Spoken) -> tuple[str, ...]:
        return tuple(features_of(read(line[1], line[0], lexicon)))

    meanings = [questions_in(fields) + by_name.get(name, []) for name, fields in wordings.items()]
    exact = particular_questions(particulars, wordings, by_name)
    return [[features(line) for line in lines] for lines in meanings], [
        [features(line) for line in lines] for lines in exact
    ]


def counted_in(
    lexicon: Lexicon, wordings: Mapping[str, Any], particulars: Mapping[str, Any], further: Iterable[tuple[str, str]]
) -> tuple[Counts, Counts]:
    """Count what stands in the wordings of both tables, and in the files of further ones."""
    meanings, exact = featured(lexicon, wordings, particulars, further)
    return count(meanings), count(exact)


def _by_second(
    rows: Sequence[tuple[tuple[str, ...], int]],
) -> dict[str, tuple[tuple[tuple[str, ...], int], ...]]:
    """Group phrases that begin alike by their second stem."""
    grouped: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = {}
    for rest, concept in rows:
        second = rest[0] if rest else ""
        grouped[second] = (*grouped.get(second, ()), (rest, concept))
    return grouped


def _implied(table: Mapping[str, str], numbers: Mapping[str, int]) -> dict[int, tuple[tuple[int, float], ...]]:
    implied: dict[int, tuple[tuple[int, float], ...]] = {}
    for name, listed in table.items():
        pairs = (part.split() for part in listed.split(","))
        implied[numbers[name]] = tuple((numbers[other], float(weight)) for other, weight in pairs)
    return implied


def _glossary(language: str, table: Mapping[str, Any]) -> Glossary:
    english: dict[str, tuple[str, ...]] = {}
    phrases: dict[str, list[tuple[tuple[str, ...], tuple[str, ...]]]] = {}
    for meaning, listed in table.get("words", {}).items():
        spoken = tuple(words(meaning))
        for entry in listed.split(","):
            row = words(entry, language)
            if len(row) == 1:
                english[row[0]] = english.get(row[0], ()) + tuple(w for w in spoken if w not in english.get(row[0], ()))
            elif row:
                phrases.setdefault(row[0], []).append((tuple(row[1:]), spoken))
    return Glossary(
        language=language,
        english=english,
        phrases={first: tuple(sorted(rows, key=lambda r: -len(r[0]))) for first, rows in phrases.items()},
        stop=frozenset(words(table.get("stop", ""), language)),
        compounding=bool(table.get("compounding", False)),
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """A text as the ranking sees it: English stems in their order, own stems, and what nobody could translate."""

    pivot: tuple[str, ...]
    own: tuple[str, ...]
    unknown: tuple[str, ...]
    concepts: tuple[tuple[int, int, int], ...]


def read(text: str, language: str, lexicon: Lexicon) -> Reading:
    """Read a text in `language` into stems and concepts."""
    spoken = words(text, language)
    if language == "en" or language not in lexicon.glossaries:
        row = stems(spoken)
        unknown = () if language == "en" else tuple(spoken)
        return Reading(tuple(row), (), unknown, tuple(lexicon.concepts_in(row)))
    pivot, unknown_words = translate(spoken, lexicon.glossaries[language])
    row = stems(pivot)
    own = tuple(stems(spoken, language)) if language in ALGORITHMS else tuple(spoken)
    if lexicon.glossaries[language].compounding:
        own += tuple(f"{word[:COMPOUND_LETTERS]}~" for word in own if len(word) >= COMPOUND_LETTERS_MIN)
    return Reading(tuple(row), own, tuple(unknown_words), tuple(lexicon.concepts_in(row)))


def translate(spoken: Sequence[str], glossary: Glossary) -> tuple[list[str], list[str]]:
    """Return the English words for a row of words, and the words that have none (kept as they are: names, numbers)."""
    pivot: list[str] = []
    unknown: list[str] = []
    at = 0
    while at < len(spoken):
        phrase = _phrase_at(spoken, at, glossary)
        if phrase is not None:
            length, english = phrase
            pivot.extend(english)
            at += length
            continue
        word = spoken[at]
        at += 1
        if word in glossary.stop:
            continue
        translated = glossary.translate(word)
        if translated is not None:
            pivot.extend(translated)
        else:
            pivot.append(word)
            unknown.append(word)
    return pivot, unknown


def _phrase_at(spoken: Sequence[str], at: int, glossary: Glossary) -> tuple[int, tuple[str, ...]] | None:
    for rest, english in glossary.phrases.get(spoken[at], ()):
        end = at + 1 + len(rest)
        if end <= len(spoken) and all(
            word.startswith(start) for word, start in zip(spoken[at + 1 : end], rest, strict=True)
        ):
            return end - at, english
    return None
