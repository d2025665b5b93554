"""Old and new values by what stands beside each: "Old address: A. New address: B", "A yerine B", two phone numbers.

`changes` reads a change as one expression; here each value is looked for by itself, so that they may stand in two
sentences, in either order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from services.router.core.reading.details.changes import Change, Ways
from services.router.core.reading.marks import Mark, Page
from services.router.core.reading.verdict import Detail

KIND_OF_FIELD: Final = {"email": "email", "phone": "phone", "birth_date": "date"}
"""Fields whose values are found by their shape."""
CUE_WORDS: Final = 4
SKIPPED_WORDS: Final = 4
BACKWARD_WORDS: Final = 10
APART_WORDS: Final = 25

Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Roles:
    """Looks for old and new values in a text, each by the words beside it."""

    page: Page
    ways: Ways
    found: Sequence[Detail] = ()
    """Addresses, numbers and dates of the text: a word within one ("old@example.org") says nothing."""
    any_word: bool = False
    """Whether a value may be any word, as a gender or a profession is."""

    def shaped(self, field: str, *, alone: bool) -> Change | None:
        """Return the change of an address, a number or a date that is known by its shape.

        A value that nothing calls old or new is the new one only where no other field is named (`alone`).
        """
        values = [self._words_of(one) for one in self.found if one.kind == KIND_OF_FIELD.get(field)]
        roles = [(self._role(first, after), (first, after)) for first, after in values]
        olds = [words for role, words in roles if role == "old"]
        news = [words for role, words in roles if role == "new"]
        bare = [words for role, words in roles if role is None]
        if len(values) == 2 and len(bare) == 1:
            # One of two is called old or new: the other is the other.
            olds, news = (olds or bare, news or bare)
        elif not olds and not news and alone and len(bare) == 1:
            news = bare
        return Change(olds[0] if olds else None, news[0]) if news and len(news) == 1 else None

    def told_apart(self) -> Change | None:
        """Return a change whose old and new value each have their own word before them, or one behind the old one."""
        joined = next(self._beside(), None) or next(self._swapped(), None)
        if joined is not None:
            return joined
        old = next(self._behind("old", "instead"), None)
        if old is None:
            return None
        joint = self.page.begins(old[1], "is", "new")
        place = self._value_behind(joint) if joint is not None else None
        if place is not None:
            return Change(old, (place, self.ways.stop(place, len(self.page.words))))
        new = next((words for words in self._behind("new") if not _overlap(words, old)), None) or self._told_after(
            old[1]
        )
        return Change(old, new) if new is not None else None

    def new_alone(self) -> Change | None:
        """Return the new value that a word calls so, where no old one is told."""
        new = next(self._behind("new"), None)
        return Change(None, new) if new is not None else None

    def _words_of(self, detail: Detail) -> Stretch:
        words = self.page.words
        first = next((place for place, word in enumerate(words) if word.end > detail.span.start), len(words) - 1)
        after = next((place for place in range(first, len(words)) if words[place].start >= detail.span.end), len(words))
        return first, max(after, first + 1)

    def _role(self, first: int, after: int) -> str | None:
        if self.page.begins(after, "old_after") is not None:
            return "old"
        if self.page.ends(first, "old_after") is not None and not _ends_sentence(self.page, first):
            return "new"
        for at in range(first, max(0, first - CUE_WORDS), -1):
            if at < first and (_ends_sentence(self.page, at) or any(letter.isdigit() for letter in self._word(at))):
                return None
            if self.page.ends(at, "instead", "old", "not", "from") is not None:
                return "old"
            if self.page.ends(at, "new", "to") is not None:
                return "new"
        return None

    def _behind(self, *cues: str) -> Iterator[Stretch]:
        """Return what each word of these cues stands before: "old address: A", "the correct one is B"."""
        for mark in self._marks(*cues):
            place = self._value_behind(mark)
            if place is None:
                continue
            after = self.ways.stop(place, min(len(self.page.words), place + BACKWARD_WORDS + 2))
            after = next((at for at in range(place + 1, after) if self._goes_on(at)), after)
            colon = ":" in self._gap(place)
            if after > place and (
                self.any_word or colon or any(map(self._is_told, range(place, min(after, place + 3))))
            ):
                yield place, after

    def _goes_on(self, place: int) -> bool:
        """Tell whether a word begins the other half: "místo A má být B", "antes A, ahora B"."""
        joint = self.page.begins(place, "is", "new")
        return joint is not None and (joint.after - joint.first > 1 or self.page.begins(place, "new") is not None)

    def _value_behind(self, mark: Mark) -> int | None:
        """Return where the value behind a cue begins, over words such as "address:" and "one is"."""
        page = self.page
        for place in range(mark.after, min(mark.after + SKIPPED_WORDS + 1, len(page.words))):
            between = page.text[page.words[place - 1].end : page.words[place].start]
            if "." in between or "\n" in between.strip(" "):
                return None
            known_noun = page.known[place] and (page.nouns_are_capitals or not self._is_capital(place))
            sure = ":" in between or self._is_told(place) or mark.after - mark.first > 1 or page.ends(place, "is")
            if ":" in between or (sure and self.ways.looks_like_a_value(place) and not known_noun):
                return place
            if self.any_word and mark.after - mark.first > 1 and place == mark.after:
                return place
            if page.text[page.words[place].start].isdigit():
                return place
            if not page.known[place] and page.begins(place, "is", "determiner", "number") is None:
                return None
        return None

    def _beside(self) -> Iterator[Change]:
        """Read "B, not A" and "B instead of A" where B stands right before."""
        for mark in self._marks("not", "instead"):
            if self.page.begins(mark.first, "old_after") is not None:
                continue  # "A değil B" and "A vietā B" begin with the old one
            first = self._backward(mark.first)
            if first == mark.first or self._gap(mark.after).strip(" ,:\"'“„«‘"):
                continue
            if mark.after < len(self.page.words) and self._is_told(mark.after):
                yield Change((mark.after, self.ways.stop(mark.after, len(self.page.words))), (first, mark.first))

    def _swapped(self) -> Iterator[Change]:
        """Read what stands after the old value: "A yerine B", "B, A değil", "A is wrong: it should be B"."""
        for mark in self._marks("old_after"):
            after = mark.first
            while after and mark.first - after < SKIPPED_WORDS and self._is_small(after - 1):
                after -= 1
            first = self._backward(after)
            if first == after:
                continue
            gap = self._gap(mark.after)
            if self.ways.looks_like_a_value(mark.after) and not gap.strip(" ,:\"'“„«"):
                yield Change((first, after), (mark.after, self.ways.stop(mark.after, len(self.page.words))))
            elif first and "," in self._gap(first) and (before := self._backward(first)) < first:
                yield Change((first, after), (before, first))
            else:
                new = self._told_after(mark.after)
                if new is not None:
                    yield Change((first, after), new)

    def _told_after(self, place: int) -> Stretch | None:
        """Return the value behind the next "should be" or "the right one is"."""
        for mark in self._marks("is", "new"):
            if mark.first < place or (mark.after - mark.first < 2 and self.page.begins(mark.first, "new") is None):
                continue
            first = self._value_behind(mark)
            if first is not None:
                return first, self.ways.stop(first, len(self.page.words))
        return None

    def _marks(self, *names: str) -> list[Mark]:
        spans = [one.span for one in self.found if one.kind == "email"]
        words = self.page.words
        return [
            mark
            for mark in self.page.of(*names)
            if not any(span.start <= words[mark.first].start < span.end for span in spans)
        ]

    def _word(self, place: int) -> str:
        return self.page.words[place].folded

    def _gap(self, place: int) -> str:
        words = self.page.words
        return self.page.text[words[place - 1].end : words[place].start] if 0 < place < len(words) else ""

    def _is_capital(self, place: int) -> bool:
        return self.page.text[self.page.words[place].start].isupper()

    def _is_small(self, place: int) -> bool:
        word = self.page.text[self.page.words[place].start : self.page.words[place].end]
        return self.page.known[place] and word.islower() and not self._gap(place + 1).strip()

    def _backward(self, after: int) -> int:
        """Return where the value that ends before a word begins."""
        first = after
        for place in range(after - 1, max(-1, after - BACKWARD_WORDS), -1):
            gap = self.page.text[self.page.words[place].end : self.page.words[place + 1].start] if place + 1 else ""
            if (place + 1 < after and (gap.strip() or "\n" in gap)) or not self.ways.looks_like_a_value(place):
                break
            first_of_sentence = not place or _ends_sentence(self.page, place)
            if self.page.known[place] and (first_of_sentence or not self._is_capital(place)):
                break  # "Soyadım Yıldırım değil …" begins with the field's name
            if self.page.begins(place, "is") is not None:
                break
            first = place
        return first if any(self._is_told(place) for place in range(first, after)) else after

    def _is_told(self, place: int) -> bool:
        """Tell whether a word is surely one of a value: a name, a number, or in quotes."""
        written = self.page.text[self.page.words[place].start : self.page.words[place].end]
        if self.page.known[place] and written.isupper():
            return False  # "I", and whoever writes in capitals throughout
        inside = not self.page.nouns_are_capitals and bool(place) and not _ends_sentence(self.page, place)
        capital = self._is_capital(place) and (inside or not self.page.known[place])
        return capital or self._is_quoted(place) or any(letter.isdigit() for letter in self._word(place))

    def _is_quoted(self, place: int) -> bool:
        start = self.page.words[place].start
        return bool(start) and self.page.text[start - 1] in "\"'“„«‘"


def _ends_sentence(page: Page, place: int) -> bool:
    between = page.text[page.words[place - 1].end : page.words[place].start] if place else ""
    return any(sign in between for sign in ".!?;\n")


def _overlap(one: Stretch, other: Stretch) -> bool:
    return any(first <= start < after for (first, after), (start, _) in pairwise((one, other, one)))
