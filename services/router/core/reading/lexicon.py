"""A compiled set of patterns: what each word of a text can mean, and which phrases stand in it.

Words are looked up once per distinct word (a cache bounded in size), phrases are tried only where their first word
stands: the cost grows with the text, not with the bank.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product

from services.router.core.reading.patterns import GAP_WORDS_MAX, Element

_CACHED_WORDS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Hit:
    """A pattern found: the words from `first` up to, not including, `after`."""

    first: int
    after: int
    payload: int


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What one word can be: payloads of one-word entries, and the atoms it stands for in phrases."""

    payload: int
    atoms: frozenset[int]


_NOTHING = _Meaning(0, frozenset())


@dataclass
class Lexicon:
    """Patterns with an integer payload each. One-word payloads are or-ed together; phrases report theirs singly."""

    _exact: dict[str, list[tuple[int, int]]] = field(default_factory=dict)
    _prefixes: dict[int, dict[str, list[tuple[int, int]]]] = field(default_factory=dict)
    _loose: list[tuple[str, bool, int, int]] = field(default_factory=list)
    _atoms: dict[tuple[str, ...], int] = field(default_factory=dict)
    _by_atom: dict[int, list[tuple[tuple[Element, ...], tuple[int, ...], int]]] = field(default_factory=dict)
    _by_pair: dict[tuple[int, int], list[tuple[tuple[Element, ...], tuple[int, ...], int]]] = field(
        default_factory=dict
    )
    _by_concept: list[tuple[int, tuple[Element, ...], tuple[int, ...], int]] = field(default_factory=list)
    _meanings: dict[str, _Meaning] = field(default_factory=dict)

    def add(self, phrase: Sequence[Element], payload: int) -> None:
        """Add a pattern. A single word form is a word; anything else is a phrase."""
        elements = tuple(phrase)
        if len(elements) == 1 and elements[0].forms:
            for form in elements[0].forms:
                self._add_form(form, payload, -1)
            return
        atoms = tuple(self._atom(element) for element in elements)
        if elements[0].concept:
            self._by_concept.append((elements[0].concept, elements, atoms, payload))
        elif elements[1].forms and not elements[1].after_gap:
            # Most first words stand in a text without the phrase: asking for the first two at once spares the trying.
            self._by_pair.setdefault((atoms[0], atoms[1]), []).append((elements, atoms, payload))
        else:
            self._by_atom.setdefault(atoms[0], []).append((elements, atoms, payload))

    def add_single(self, element: Element, payload: int) -> None:
        """Add a phrase of one word, reported like any other phrase."""
        atom = self._atom(element)
        self._by_atom.setdefault(atom, []).append(((element,), (atom,), payload))

    def words(self) -> Iterable[str]:
        """Return the whole words this lexicon knows, without wildcards."""
        return self._exact.keys()

    def meaning(self, folded: str) -> tuple[int, frozenset[int]]:
        """Return the one-word payload of a folded word and its atoms."""
        found = self._meanings.get(folded)
        if found is None:
            found = self._analyse(folded)
            if len(self._meanings) >= _CACHED_WORDS_MAX:
                self._meanings.clear()
            self._meanings[folded] = found
        return found.payload, found.atoms

    def knows(self, folded: str) -> bool:
        """Tell whether the word means anything here, alone or in a phrase."""
        payload, atoms = self.meaning(folded)
        return bool(payload or atoms)

    def phrases(
        self,
        atoms: Sequence[frozenset[int]],
        concepts: Sequence[int] = (),
        ends: Sequence[Sequence[tuple[int, int]]] = (),
    ) -> list[Hit]:
        """Return every phrase found, given each word's atoms.

        `concepts` holds each word's concept bits; `ends` the concepts of several words that begin at each place, as
        (bits, place after them). Both are needed only for phrases that name concepts.
        """
        hits: list[Hit] = []
        by_pair, last = self._by_pair, len(atoms) - 1
        for place, here in enumerate(atoms):
            if not here:
                continue
            if place < last and (following := atoms[place + 1]):
                for pair in product(here, following):
                    for elements, wanted, payload in by_pair.get(pair, ()):
                        after = _match(elements, wanted, 2, place + 2, atoms, concepts, ends)
                        if after:
                            hits.append(Hit(place, after, payload))
            for atom in here:
                for elements, wanted, payload in self._by_atom.get(atom, ()):
                    after = _match(elements, wanted, 1, place + 1, atoms, concepts, ends)
                    if after:
                        hits.append(Hit(place, after, payload))
        if self._by_concept and concepts:
            hits.extend(self._concept_phrases(atoms, concepts, ends))
        return hits

    def _concept_phrases(
        self, atoms: Sequence[frozenset[int]], concepts: Sequence[int], ends: Sequence[Sequence[tuple[int, int]]]
    ) -> list[Hit]:
        hits: list[Hit] = []
        for place, bits in enumerate(concepts):
            starts = [(bits, place + 1), *(ends[place] if ends else ())] if bits else list(ends[place] if ends else ())
            for held, following in starts:
                for concept, elements, wanted, payload in self._by_concept:
                    if held & concept:
                        after = _match(elements, wanted, 1, following, atoms, concepts, ends)
                        if after:
                            hits.append(Hit(place, after, payload))
        return hits

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
        self._meanings.clear()
        if form.startswith("*"):
            self._loose.append((form.strip("*"), form.endswith("*"), payload, atom))
        elif form.endswith("*"):
            stem = form[:-1]
            self._prefixes.setdefault(len(stem), {}).setdefault(stem, []).append((payload, atom))
        else:
            self._exact.setdefault(form, []).append((payload, atom))

    def _analyse(self, folded: str) -> _Meaning:
        if not folded:
            return _NOTHING
        found = list(self._exact.get(folded, ()))
        for length, stems in self._prefixes.items():
            if length <= len(folded):
                found.extend(stems.get(folded[:length], ()))
        for part, anywhere, payload, atom in self._loose:
            if (part in folded) if anywhere else folded.endswith(part):
                found.append((payload, atom))
        if not found:
            return _NOTHING
        bits = 0
        for payload, _ in found:
            bits |= payload
        return _Meaning(bits, frozenset(atom for _, atom in found if atom >= 0))


def _match(
    elements: tuple[Element, ...],
    wanted: tuple[int, ...],
    index: int,
    place: int,
    atoms: Sequence[frozenset[int]],
    concepts: Sequence[int],
    ends: Sequence[Sequence[tuple[int, int]]],
) -> int:
    """Return the place after the phrase if its elements from `index` on stand from `place` on, else 0."""
    if index == len(elements):
        return place
    element = elements[index]
    last = min(len(atoms) - 1, place + (GAP_WORDS_MAX if element.after_gap else 0))
    for here in range(place, last + 1):
        if element.concept:
            followers = [here + 1] if concepts and concepts[here] & element.concept else []
            if ends:
                followers.extend(after for bits, after in ends[here] if bits & element.concept)
        else:
            followers = [here + 1] if wanted[index] in atoms[here] else []
        for following in followers:
            after = _match(elements, wanted, index + 1, following, atoms, concepts, ends)
            if after:
                return after
    return 0
