"""A compiled set of patterns: what each word of a text can mean, and which phrases stand in it.

Words are looked up once per distinct word (a cache bounded in size), phrases are tried only where their first word
stands: the cost grows with the text, not with the bank.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from services.router.core.reading.patterns import GAP_WORDS_MAX, Element

_CACHED_WORDS_MAX: Final = 6_000
DENIED_LETTERS_MIN: Final = 4


_Forms = dict[str, tuple[tuple[int, int], ...]]
"""Word forms, and what each is worth: payloads of one-word entries, and atoms (-1 for none)."""


class Hit(NamedTuple):
    """A pattern found: the words from `first` up to, not including, `after`."""

    first: int
    after: int
    payload: int


class Phrase(NamedTuple):
    """A pattern of several words: its elements, the atom of each (-1 for a concept), and what it is worth."""

    elements: tuple[Element, ...]
    wanted: tuple[int, ...]
    payload: int


class Meaning(NamedTuple):
    """What one word can be: payloads of one-word entries, the atoms it stands for in phrases, the phrases it begins.

    `pairs` holds the phrases whose second word follows at once, by that word's atom; `openings` all others.
    """

    payload: int
    atoms: frozenset[int]
    begins: bool
    pairs: Mapping[int, tuple[Phrase, ...]]
    openings: tuple[Phrase, ...]


NOTHING: Final = Meaning(0, frozenset(), False, {}, ())


class _Meanings(dict[str, Meaning]):
    """Words that were looked up before; forgotten all at once when they become too many."""

    def __init__(self, lexicon: Lexicon) -> None:
        super().__init__()
        self._lexicon = lexicon

    def __missing__(self, folded: str) -> Meaning:
        if len(self) >= _CACHED_WORDS_MAX:
            self.clear()
        found = self[folded] = self._lexicon.analysed(folded)
        return found


@dataclass
class Lexicon:
    """Patterns with an integer payload each. One-word payloads are or-ed together; phrases report theirs singly."""

    _exact: _Forms = field(default_factory=dict)
    _prefixes: dict[int, _Forms] = field(default_factory=dict)
    _suffixes: dict[int, _Forms] = field(default_factory=dict)
    _shared: dict[tuple[int, int], tuple[tuple[int, int], ...]] = field(default_factory=dict)
    _inside: list[tuple[str, int, int]] = field(default_factory=list)
    _atoms: dict[tuple[str, ...], int] = field(default_factory=dict)
    _openings: dict[int, list[Phrase]] = field(default_factory=dict)
    _pairs: dict[int, list[Phrase]] = field(default_factory=dict)
    _by_concept: list[tuple[int, Phrase]] = field(default_factory=list)
    _concept_openings: dict[int, tuple[tuple[int, Phrase], ...]] = field(default_factory=dict)

    _denied: tuple[str, int, int] = ("", 0, 0)

    def __post_init__(self) -> None:
        self.meanings = _Meanings(self)

    def deny_by(self, prefix: str, kept: int, denial: int) -> None:
        """Read `prefix` before a known word as a denial of it: "nemažte" is "ne" and "mažte".

        What remains of the word's own payload are the bits `kept`; `denial` is added.
        """
        self._denied = (prefix, kept, denial)
        self.meanings.clear()

    def add(self, phrase: Sequence[Element], payload: int) -> None:
        """Add a pattern. A single word form is a word; anything else is a phrase."""
        elements = tuple(phrase)
        if len(elements) == 1 and elements[0].forms:
            for form in elements[0].forms:
                self._add_form(form, payload, -1)
            return
        atoms = tuple(self._atom(element) for element in elements)
        added = Phrase(elements, atoms, payload)
        if elements[0].concept:
            self._by_concept.append((elements[0].concept, added))
            self._concept_openings.clear()
        elif elements[1].forms and not elements[1].after_gap:
            # Most first words stand in a text without the phrase: asking for the first two at once spares the trying.
            self._pairs.setdefault(atoms[0], []).append(added)
        else:
            self._openings.setdefault(atoms[0], []).append(added)

    def add_single(self, element: Element, payload: int) -> None:
        """Add a phrase of one word, reported like any other phrase."""
        atom = self._atom(element)
        self._openings.setdefault(atom, []).append(Phrase((element,), (atom,), payload))

    def words(self) -> Iterable[str]:
        """Return the whole words this lexicon knows, without wildcards."""
        return self._exact.keys()

    def phrases(
        self,
        meanings: Sequence[Meaning],
        concepts: Sequence[int] = (),
        ends: Mapping[int, Sequence[tuple[int, int]]] | None = None,
    ) -> list[Hit]:
        """Return every phrase found, given each word's meaning.

        `concepts` holds each word's concept bits; `ends` the concepts of several words that begin at a place, as
        (bits, place after them). Both are needed only for phrases that name concepts.
        """
        hits: list[Hit] = []
        last = len(meanings) - 1
        text = _Text(meanings, concepts, ends or {}, last)
        for place in [place for place, meaning in enumerate(meanings) if meaning[2]]:
            _, _, _, pairs, openings = meanings[place]
            if pairs and place < last and not pairs.keys().isdisjoint(next_atoms := meanings[place + 1][1]):
                for atom in pairs.keys() & next_atoms:
                    for phrase in pairs[atom]:
                        after = place + 2 if len(phrase.wanted) == 2 else _match(phrase, 2, place + 2, text)
                        if after:
                            hits.append(Hit(place, after, phrase.payload))
            for phrase in openings:
                after = _match(phrase, 1, place + 1, text)
                if after:
                    hits.append(Hit(place, after, phrase.payload))
        if self._by_concept and concepts:
            self._add_concept_phrases(hits, text)
        return hits

    def _add_concept_phrases(self, hits: list[Hit], text: _Text) -> None:
        meanings, _, ends, last = text
        for place in [place for place, bits in enumerate(text.concepts) if bits or place in ends]:
            bits, longer = text.concepts[place], ends.get(place, ())
            for held, following in ((bits, place + 1), *longer) if bits else longer:
                atoms = meanings[following][1] if following <= last else frozenset()
                for atom, phrase in self._opened_by(held):
                    if atom >= 0 and atom not in atoms:
                        continue
                    after = _match(phrase, 1, following, text)
                    if after:
                        hits.append(Hit(place, after, phrase.payload))

    def _opened_by(self, held: int) -> tuple[tuple[int, Phrase], ...]:
        """Return the phrases that begin with any of the concepts `held`, each with the atom that must follow at once.

        It is -1 where anything else may follow: a gap, a concept, or nothing.
        """
        found = self._concept_openings.get(held)
        if found is None:
            if len(self._concept_openings) >= _CACHED_WORDS_MAX:
                self._concept_openings.clear()
            found = tuple((_next_atom(phrase), phrase) for concept, phrase in self._by_concept if held & concept)
            self._concept_openings[held] = found
        return found

    def _atom(self, element: Element) -> int:
        if element.concept:
            return -1
        known = self._atoms.get(element.forms)
        if known is None:
            known = self._atoms[element.forms] = len(self._atoms)
            for form in element.forms:
                self._add_form(form, 0, known)
        return known

    def _add_form(self, form: str, payload: int, atom: int) -> None:
        self.meanings.clear()
        part = form.strip("*")
        if form.startswith("*") and form.endswith("*"):
            self._inside.append((part, payload, atom))
            return
        forms = self._exact
        if form.startswith("*"):
            forms = self._suffixes.setdefault(len(part), {})
        elif form.endswith("*"):
            forms = self._prefixes.setdefault(len(part), {})
        # Most words stand for one thing, and hundreds of words for the same: one value serves them all.
        value = self._shared.setdefault((payload, atom), ((payload, atom),))
        known = forms.get(part)
        forms[part] = value if known is None else known + value

    def analysed(self, folded: str) -> Meaning:
        """Return what a folded word can mean, worked out anew; `meanings` remembers."""
        if not folded:
            return NOTHING
        found = self._listed(folded)
        prefix, kept, denial = self._denied
        if prefix and folded.startswith(prefix) and len(folded) >= len(prefix) + DENIED_LETTERS_MIN:
            held = 0
            for payload, _ in self._listed(folded[len(prefix) :]):
                held |= payload
            if held & kept:
                found = [*found, (held & kept | denial, -1)]
        return self._meaning(found) if found else NOTHING

    def _listed(self, folded: str) -> list[tuple[int, int]]:
        """Return what the entries for a word are worth, as (payload, atom)."""
        found = list(self._exact.get(folded, ()))
        length = len(folded)
        for size, stems in self._prefixes.items():
            if size <= length and (stem := folded[:size]) in stems:
                found += stems[stem]
        for size, tails in self._suffixes.items():
            if size <= length and (tail := folded[length - size :]) in tails:
                found += tails[tail]
        found += [(payload, atom) for part, payload, atom in self._inside if part in folded]
        return found

    def _meaning(self, found: Iterable[tuple[int, int]]) -> Meaning:
        bits = 0
        atoms: set[int] = set()
        pairs: dict[int, tuple[Phrase, ...]] = {}
        openings: tuple[Phrase, ...] = ()
        for payload, atom in found:
            bits |= payload
            if atom < 0 or atom in atoms:
                continue
            atoms.add(atom)
            openings += tuple(self._openings.get(atom, ()))
            for phrase in self._pairs.get(atom, ()):
                pairs[phrase.wanted[1]] = (*pairs.get(phrase.wanted[1], ()), phrase)
        return Meaning(bits, frozenset(atoms), bool(pairs or openings), pairs, openings)


def _next_atom(phrase: Phrase) -> int:
    return phrase.wanted[1] if len(phrase.wanted) > 1 and not phrase.elements[1].after_gap else -1


class _Text(NamedTuple):
    """What a phrase is matched against."""

    meanings: Sequence[Meaning]
    concepts: Sequence[int]
    ends: Mapping[int, Sequence[tuple[int, int]]]
    last: int


def _match(phrase: Phrase, index: int, place: int, text: _Text) -> int:
    """Return the place after the phrase if its elements from `index` on stand from `place` on, else 0."""
    if index == len(phrase[1]):
        return place
    elements, wanted_atoms, _ = phrase
    element, wanted = elements[index], wanted_atoms[index]
    meanings, _, _, last = text
    if not element.after_gap and place < last:
        last = place
    elif place + GAP_WORDS_MAX < last:
        last = place + GAP_WORDS_MAX
    for here in range(place, last + 1):
        followers: tuple[int, ...]
        if wanted >= 0:
            if wanted not in meanings[here][1]:
                continue
            followers = (here + 1,)
        else:
            followers = _after_concept(element.concept, here, text)
        for following in followers:
            after = _match(phrase, index + 1, following, text)
            if after:
                return after
    return 0


def _after_concept(concept: int, here: int, text: _Text) -> tuple[int, ...]:
    """Return the places after a concept that stands at `here`, as one word or several."""
    single = (here + 1,) if text.concepts and text.concepts[here] & concept else ()
    if here not in text.ends:
        return single
    return (*single, *(after for bits, after in text.ends[here] if bits & concept))
