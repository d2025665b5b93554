"""A phrase bank: what people write in one language, compiled from a file that a native speaker can read and extend."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from services.router.core.reading.concepts import BIT, mask
from services.router.core.reading.lexicon import Lexicon
from services.router.core.reading.marks import LAW, MARK_BIT, MARKS, PLACE, Vocabulary
from services.router.core.reading.patterns import PatternError, compile_entry
from services.router.core.reading.rights import Right

ENTRIES_MAX: Final = 6_000
REPAIRED_LETTERS_MIN: Final = 4
REPAIRED_CONCEPTS: Final = (
    "erase", "erased", "close", "correct", "wrong", "restrict", "object", "withdraw", "unsubscribe", "complain", "data",
    "personal", "account", "marketing", "consent", "request", "processing", "hold", "move", "stop", "copy", "privacy",
    "please", "everything",
)  # fmt: skip
"""Concepts whose words are worth repairing a typo for; repairing small words would invent meanings."""

DENIED_CONCEPTS: Final = ("erase", "erased", "close", "correct", "restrict")
"""Concepts whose words a `negating_prefix` denies: "nemažte". A denied wish ("nechci") is a negator of its own."""
PREFIX_LETTERS_MAX: Final = 4


class Strength(StrEnum):
    """What an idiom is worth: enough to act, enough to ask, or proof that a right is *not* meant."""

    ACT = "act"
    ASK = "ask"
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Idiom:
    """A whole phrase that people use for a right (or that only looks like it)."""

    right: Right
    strength: Strength
    entry: str
    origin: str


@dataclass(frozen=True, slots=True)
class Bank:
    """One language, compiled. `negation` says on which side of a verb its negator stands."""

    code: str
    name: str
    negation: str
    words: Lexicon
    idiom_lexicon: Lexicon
    idioms: tuple[Idiom, ...]
    fields: Lexicon
    field_names: tuple[str, ...]
    relations: Lexicon
    relation_names: tuple[str, ...]
    questions: Mapping[str, str]
    repairable: tuple[str, ...]
    never_repaired: frozenset[str]
    vocabulary: Vocabulary


class BankError(ValueError):
    """A phrase bank that cannot be read; the message names the language, the place and the remedy."""


@dataclass
class _Draft:
    code: str
    words: Lexicon = field(default_factory=Lexicon)
    idiom_lexicon: Lexicon = field(default_factory=Lexicon)
    idioms: list[Idiom] = field(default_factory=list)
    repairable: set[str] = field(default_factory=set)
    entries: int = 0

    def count(self) -> None:
        self.entries += 1
        if self.entries > ENTRIES_MAX:
            raise BankError(f"{self.code}: more than {ENTRIES_MAX} entries; remove what is never written")

    def entry_lists(self, table: Mapping[str, Any], where: str) -> Iterable[tuple[str, list[str]]]:
        for name, entries in table.items():
            if not isinstance(entries, list) or not all(isinstance(entry, str) for entry in entries):
                raise BankError(f'{self.code}: {where}.{name} must be a list of phrases, such as ["delete", "remove"]')
            yield name, entries


def compile_bank(written: Mapping[str, Any], taught: Iterable[Idiom] = ()) -> Bank:
    """Return the bank that a file's tables describe, with the phrases that officers taught added to it."""
    code = str(written.get("language", ""))
    if not code:
        raise BankError('a phrase bank must say its language, such as language = "en"')
    draft = _Draft(code)
    _add_words(draft, _table(written, "words", code))
    _add_idioms(draft, _table(written, "idioms", code), taught)
    fields, field_names = _named_lists(draft, _table(written, "fields", code), "fields", "field")
    relations, relation_names = _named_lists(draft, _table(written, "relations", code), "relations", "relative")
    prefix = written.get("negating_prefix", "")
    if not isinstance(prefix, str) or len(prefix) > PREFIX_LETTERS_MAX:
        raise BankError(f'{code}: negating_prefix must be a few letters, such as "ne", or be left out')
    if prefix:
        draft.words.deny_by(prefix, mask(*DENIED_CONCEPTS), BIT["not"])
    negation = written.get("negation", "before")
    if negation not in ("before", "after", "both"):
        raise BankError(f'{code}: negation must be "before", "after" or "both" (the side of the verb it stands on)')
    return Bank(
        code=code,
        name=str(written.get("name", code)),
        negation=negation,
        words=draft.words,
        idiom_lexicon=draft.idiom_lexicon,
        idioms=tuple(draft.idioms),
        fields=fields,
        field_names=field_names,
        relations=relations,
        relation_names=relation_names,
        questions={str(name): str(text) for name, text in _table(written, "questions", code).items()},
        repairable=tuple(sorted(draft.repairable)),
        never_repaired=frozenset(str(word) for word in written.get("never_repaired", ())),
        vocabulary=_vocabulary(draft, written),
    )


def _vocabulary(draft: _Draft, written: Mapping[str, Any]) -> Vocabulary:
    """Compile the words that stand around details; laws and places are numbered, so that their order is kept."""
    lexicon = Lexicon()
    for name, entries in draft.entry_lists(_table(written, "details", draft.code), "details"):
        if name not in MARK_BIT:
            raise BankError(f"{draft.code}: [details] has no list {name!r}; docs/reading.md names them")
        for entry in entries:
            _add(draft, lexicon, entry, MARK_BIT[name], f"details.{name}")
    names = list(MARKS)
    for where, prefix in (("laws", LAW), ("places", PLACE)):
        for name, entries in draft.entry_lists(_table(written, where, draft.code), where):
            for entry in entries:
                _add(draft, lexicon, entry, 1 << len(names), f"{where}.{name}")
            names.append(f"{prefix}{len(names):04d} {name}")
    return Vocabulary(lexicon, tuple(names))


def _table(written: Mapping[str, Any], name: str, code: str) -> Mapping[str, Any]:
    table = written.get(name, {})
    if not isinstance(table, Mapping):
        raise BankError(f"{code}: [{name}] must be a table")
    return table


def _add_words(draft: _Draft, table: Mapping[str, Any]) -> None:
    for concept, entries in draft.entry_lists(table, "words"):
        if concept not in BIT:
            raise BankError(f"{draft.code}: [words] has no concept {concept!r}; docs/reading.md lists the concepts")
        for entry in entries:
            _add(draft, draft.words, entry, BIT[concept], f"words.{concept}")
            if concept in REPAIRED_CONCEPTS:
                draft.repairable.update(_repair_targets(entry))


def _add_idioms(draft: _Draft, table: Mapping[str, Any], taught: Iterable[Idiom]) -> None:
    for right_name, by_strength in table.items():
        try:
            right = Right(right_name)
        except ValueError:
            raise BankError(f"{draft.code}: [idioms.{right_name}] names no right; docs/reading.md lists them") from None
        for strength_name, entries in draft.entry_lists(by_strength, f"idioms.{right_name}"):
            if strength_name not in tuple(Strength):
                raise BankError(f"{draft.code}: idioms.{right_name} has act, ask and never, not {strength_name!r}")
            for entry in entries:
                _add_idiom(draft, Idiom(right, Strength(strength_name), entry, "bank"))
    for idiom in taught:
        _add_idiom(draft, idiom)


def _add_idiom(draft: _Draft, idiom: Idiom) -> None:
    where = f"idioms.{idiom.right.value}.{idiom.strength.value}"
    _add(draft, draft.idiom_lexicon, idiom.entry, len(draft.idioms), where, concepts_allowed=True)
    draft.idioms.append(idiom)


def _named_lists(draft: _Draft, table: Mapping[str, Any], where: str, concept: str) -> tuple[Lexicon, tuple[str, ...]]:
    """Compile lists whose names matter (which field, which relation); their words carry the concept as well."""
    lexicon = Lexicon()
    names = []
    for place, (name, entries) in enumerate(draft.entry_lists(table, where)):
        names.append(name)
        for entry in entries:
            _add(draft, lexicon, entry, 1 << place, f"{where}.{name}")
            _add(draft, draft.words, entry, BIT[concept], f"{where}.{name}")
    return lexicon, tuple(names)


def _add(
    draft: _Draft, lexicon: Lexicon, entry: str, payload: int, where: str, *, concepts_allowed: bool = False
) -> None:
    draft.count()
    try:
        phrases = compile_entry(entry, concepts_allowed=concepts_allowed)
    except PatternError as fault:
        raise BankError(f"{draft.code}: {where}: {fault}") from None
    for phrase in phrases:
        if lexicon is draft.idiom_lexicon and len(phrase) == 1 and not phrase[0].concept:
            # A one-word idiom is a phrase of one word: its payload is a number, not bits to be or-ed.
            lexicon.add_single(phrase[0], payload)
        else:
            lexicon.add(phrase, payload)


def _repair_targets(entry: str) -> set[str]:
    phrases = compile_entry(entry)
    return {
        form.rstrip("*")
        for phrase in phrases
        for element in phrase
        for form in element.forms
        if not form.startswith("*") and len(form.rstrip("*")) >= REPAIRED_LETTERS_MIN
    }
