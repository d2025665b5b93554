"""The ways of saying a change behind a field's name: "from A to B", "is B, not A", "not A but B", "B instead of A".

A value is a stretch of words; where it ends is the harder half of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.marks import Mark, Page
from services.router.core.reading.seen import Seen

VALUE_WORDS_MAX: Final = 12
REACH_WORDS: Final = 40
NEAR_WORDS: Final = 8
BARE_VALUE_WORDS_MAX: Final = 6
SHORT_NUMBER_DIGITS_MAX: Final = 3
PLAIN_WORDS_MAX: Final = 3

_ENDS_VALUE: Final = mask("please", "correct", "can", "want", "but", "tell", "waiting", "hereby", "wrong", "ago")
_YOU: Final = mask("you")
_BUT: Final = mask("but")
_HARD_END: Final = re.compile(r"[!?;]|\n|\.\s|\s[-–—]\s|[\"”»]\s")
_VALUE_LIKE: Final = re.compile(r"[\"'“„«]?(?:[A-Z0-9+]|\S+@|[^\W\da-z_])")


@dataclass(frozen=True, slots=True)
class Change:
    """An old and a new value, each as a stretch of words, where said."""

    old: tuple[int, int] | None
    new: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ways:
    """The ways of saying a change, tried in turn."""

    page: Page
    seen: Seen | None

    def change_behind(self, after: int) -> Change | None:
        """Return the change said behind a field's name."""
        end = self.reach(after)
        for way in (self._from_a_to_b, self._is_b_not_a, self._a_to_b, self._is_b):
            change = way(after, end)
            if change is not None:
                return change
        return None

    def anywhere(self) -> Change | None:
        """Return a change said with no field before it."""
        end = self.reach(0)
        return self._from_a_to_b(0, end) or self._is_b_not_a(0, end)

    def from_to(self, place: int, end_offset: int) -> Change | None:
        """Return "from A to B" within a sentence."""
        end = next(
            (spot for spot, word in enumerate(self.page.words) if word.start >= end_offset), len(self.page.words)
        )
        return self._from_a_to_b(place, end)

    def reach(self, place: int) -> int:
        """Return the word at which a look behind `place` ends: its paragraph's end, or some forty words."""
        words = self.page.words
        last = min(len(words), place + REACH_WORDS)
        for spot in range(max(place, 1), last):
            if "\n\n" in self.page.text[words[spot - 1].end : words[spot].start]:
                return spot
        return last

    def _from_a_to_b(self, after: int, end: int) -> Change | None:
        for start in self.page.of("from"):
            if not after <= start.first < min(end, after + NEAR_WORDS + 8):
                continue
            stop = self.stop(start.after, end)
            joints = [one for one in self.page.of("to") if start.after < one.first < stop and one.after < stop + 1]
            joint = next((one for one in joints if self._begins_a_value(one.after)), joints[0] if joints else None)
            if joint is not None and joint.after < len(self.page.words) and self._begins_a_value(start.after):
                new = (joint.after, self.stop(joint.after, end, moved=True))
                if new[0] < new[1]:
                    return Change((start.after, joint.first), new)
        return None

    def _is_b_not_a(self, after: int, end: int) -> Change | None:
        for denied in self.page.of("not"):
            if not after < denied.first < end or denied.after >= len(self.page.words):
                continue
            behind = self._over_an_article(denied.after)
            if not self.looks_like_a_value(behind) or self._is_apart(denied.after):
                continue
            if self.page.begins(denied.first, "old_after") is not None:
                continue  # "A değil B" begins with the old one
            joined = self.last("is", after, denied.first)
            start = joined.after if joined is not None else after
            if joined is None and not (after and denied.first - after <= BARE_VALUE_WORDS_MAX):
                continue
            if start >= denied.first or self.stop(start, denied.first) < denied.first:
                continue
            old = (behind, self.stop(behind, end))
            if old[0] < old[1] and self.looks_like_a_value(start):
                return Change(old, (start, denied.first))
        return self._not_a_but_b(after, end)

    def _over_an_article(self, place: int) -> int:
        """Return the number behind an article: "et non le 43400"."""
        article = self.page.begins(place, "determiner")
        if article is None or article.after >= len(self.page.words):
            return place
        return article.after if self.page.words[article.after].folded[:1].isdigit() else place

    def plain_words(self, after: int) -> Change | None:
        """Return "from married to divorced": values that are plain words, one each, or two that begin with capitals."""
        for start in self.page.of("from"):
            if not after <= start.first < after + NEAR_WORDS:
                continue
            for joint in self.page.of("to"):
                if start.after < joint.first <= start.after + PLAIN_WORDS_MAX and joint.after < len(self.page.words):
                    return Change((start.after, joint.first), (joint.after, self._plain_end(joint.after)))
        return None

    def _plain_end(self, place: int) -> int:
        words, text = self.page.words, self.page.text
        end = place + 1
        while end < len(words) and end < place + PLAIN_WORDS_MAX:
            gap = text[words[end - 1].end : words[end].start]
            if gap != "-" and not (gap == " " and text[words[end].start].isupper()):
                break
            end += 1
        return end

    def _not_a_but_b(self, after: int, end: int) -> Change | None:
        """Read "not Meier but Meyer"."""
        if self.seen is None:
            return None
        for denied in self.page.of("not"):
            if not after <= denied.first < end or not self.looks_like_a_value(denied.after):
                continue
            joint = next(
                (
                    spot
                    for spot in range(denied.after + 1, min(end, denied.after + 6))
                    if self.seen.concepts[spot] & _BUT
                ),
                None,
            )
            if joint is not None and self.looks_like_a_value(joint + 1):
                return Change((denied.after, joint), (joint + 1, self.stop(joint + 1, end)))
        return None

    def _a_to_b(self, after: int, end: int) -> Change | None:
        """Read "change phone 555-0101 to 555-0199" and "change my name to Jane Doe"."""
        if after >= end:
            return None
        stop = self.stop(after, end)
        for joint in self.page.of("to"):
            if not after <= joint.first < min(stop, after + NEAR_WORDS) or not self.looks_like_a_value(joint.after):
                continue
            new = (joint.after, self.stop(joint.after, end))
            if new[0] >= new[1]:
                continue
            if joint.first == after:
                return Change(self.instead(new[1], end), new)
            if self.looks_like_a_value(after) and not self.page.begins(after, "is"):
                return Change((after, joint.first), new)
        return None

    def _is_b(self, after: int, end: int) -> Change | None:
        """Read "is now B", "should be B instead of A", "Email: B"."""
        for joined in self._joints(after, min(end, after + NEAR_WORDS)):
            if not self.looks_like_a_value(joined):
                continue
            stop = self.stop(joined, end)
            inner = next((one for one in self.page.of("instead") if joined < one.first < stop), None)
            new = (joined, inner.first if inner is not None else stop)
            if new[0] < new[1]:
                return Change(self.instead(new[1], end) or self.instead(after, joined), new)
        return None

    def _joints(self, after: int, end: int) -> Iterator[int]:
        for mark in self.page.of("is"):
            if after <= mark.first < end and not self.page.begins(mark.after, "not", "instead"):
                longer = self.page.begins(mark.after, "is")
                yield longer.after if longer is not None else mark.after
        if after < end and ":" in self.page.between(after, after):
            yield after

    def instead(self, place: int, end: int) -> tuple[int, int] | None:
        """Return the old value where it is named by itself: "instead of A", "it says A", "the old one was A"."""
        for mark in self.page.of("instead"):
            if place <= mark.first < end and self.looks_like_a_value(mark.after):
                stop = self.stop(mark.after, end)
                # "Místo A má být B": the old value ends where the new one is said to be.
                stop = next((spot for spot in range(mark.after + 1, stop) if self._is_told(spot)), stop)
                if mark.after < stop:
                    return mark.after, stop
        return None

    def _is_told(self, spot: int) -> bool:
        joint = self.page.begins(spot, "is")
        return joint is not None and joint.after - joint.first > 1

    def _is_apart(self, spot: int) -> bool:
        words = self.page.words
        return _HARD_END.search(self.page.text, words[spot - 1].end, words[spot].start) is not None

    def last(self, name: str, after: int, end: int) -> Mark | None:
        inside = [one for one in self.page.of(name) if after <= one.first and one.after <= end]
        # The longest of those that end together: "is now", not "is" with "now" left to the value.
        return max(inside, key=lambda one: (one.first, one.after), default=None)

    def looks_like_a_value(self, place: int) -> bool:
        if place >= len(self.page.words):
            return False
        start = self.page.words[place].start
        if start and self.page.text[start - 1] in "\"'“„«‘+(":
            return True
        return _VALUE_LIKE.match(self.page.text, start) is not None or (
            not self.page.known[place] and self.page.words[place].folded.isalpha() and not self._is_mark(place)
        )

    def _begins_a_value(self, place: int) -> bool:
        """Tell whether a value begins here, with a small word or not: "via Roma 10"."""
        if self.looks_like_a_value(place):
            return True
        following = self.page.words[place + 1].start if place + 1 < len(self.page.words) else None
        return following is not None and not self._is_mark(place) and self.page.text[following].isupper()

    def _is_mark(self, place: int) -> bool:
        return self.page.begins(place, "is", "not", "to", "from", "determiner", "instead", "number", "and") is not None

    def stop(self, place: int, end: int, *, moved: bool = False) -> int:
        """Return the word at which a value that begins at `place` ends."""
        words, text = self.page.words, self.page.text
        last = min(end, place + VALUE_WORDS_MAX, len(words))
        for spot in range(place + 1, last):
            between = text[words[spot - 1].end : words[spot].start]
            if _HARD_END.search(between) and not self._is_short(between, spot):
                return spot
            if self._ends_at(spot, between, moved=moved):
                return spot
        return last

    def _ends_at(self, spot: int, between: str, *, moved: bool) -> bool:
        if between[-1:].strip():
            return False  # within an address such as eva.alt@example.org
        if self.page.begins(spot, "closing", "instead") is not None:
            return True
        if moved and self.page.begins(spot, "moved") is not None:
            return True
        if self.page.begins(spot, "until") is not None and self.page.begins(spot, "to") is None:
            return True  # Swedish says "till" for both
        concepts = self.seen.concepts[spot] if self.seen is not None else 0
        small = self.page.text[self.page.words[spot].start].islower()
        if small and self.page.begins(spot, "is") is not None:
            return True  # "moet Dorpsweg 13 zijn"
        if "," in between:
            told_on = self.page.begins(spot, "not", "within") is not None or (small and self.page.known[spot])
            told_on = told_on or self.page.words[spot].folded == "i"
            return told_on or bool(concepts & _ENDS_VALUE)
        if small and (self._is_yours(spot + 1) or (self.page.known[spot] and self.page.begins(spot + 1, "period"))):
            return True  # "in your records", "last month"
        return small and (bool(concepts & _ENDS_VALUE) or self.page.begins(spot, "not", "and") is not None)

    def _is_yours(self, spot: int) -> bool:
        return self.seen is not None and spot < len(self.seen.concepts) and bool(self.seen.concepts[spot] & _YOU)

    def _is_short(self, between: str, spot: int) -> bool:
        """Tell whether a full stop ends a short form, not a sentence: "4 St. James Rd.", "28. října"."""
        before, following = self.page.words[spot - 1].folded, self.page.words[spot]
        number = before.isdigit() and len(before) <= SHORT_NUMBER_DIGITS_MAX
        counted = number and (self.page.text[following.start].islower() or following.folded in _SHORT)
        return between == ". " and (len(before) == 1 or counted or before in _SHORT)


_SHORT_WRITTEN = "st dr nr no mr mrs ms ul al av str bl apt pl bd sc et rd ave c pza p cad sok sk mah"
_SHORT: Final = frozenset(_SHORT_WRITTEN.split())
