"""What is to be corrected: which field, from what, to what. Nothing is guessed: what is not said stays None."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.concepts import mask
from services.router.core.reading.details.listed import named_in
from services.router.core.reading.marks import Mark, Page
from services.router.core.reading.seen import Seen
from services.router.core.reading.verdict import Detail, Span

VALUE_WORDS_MAX: Final = 12
VALUE_CHARACTERS_MAX: Final = 120
FIELDS_MAX: Final = 6
REACH_WORDS: Final = 40
NEAR_WORDS: Final = 8
CHANGE_WORDS: Final = 14
BARE_VALUE_WORDS_MAX: Final = 6

_ENDS_VALUE: Final = mask("please", "correct", "can", "want", "but", "tell", "waiting", "hereby", "wrong")
_BUT: Final = mask("but")
_FIELD: Final = mask("field")
_HARD_END: Final = re.compile(r"[!?;]|\n|\.\s|\s[-–—]\s|[\"”»]\s")
_PHONE_LIKE: Final = re.compile(r"\+?[\d ()/.-]{6,20}")
_QUOTES: Final = " \t\r\n\"'“”„«»‘’()[],;:"
_VALUE_LIKE: Final = re.compile(r"[\"'“„«]?(?:[A-Z0-9+]|\S+@|[^\W\da-z_])")


@dataclass(frozen=True, slots=True)
class Change:
    """An old and a new value, each as a stretch of words, where said."""

    old: tuple[int, int] | None
    new: tuple[int, int]


def rectify_of(
    page: Page, seens: Sequence[tuple[Bank, Seen]], *, wanted: bool
) -> tuple[dict[str, Any] | None, list[Detail]]:
    """Return the field, its old and its new value, and where the values stand.

    Unless a correction is `wanted` anyway, only a field with both its values is one.
    """
    told, found = _change(page, seens, wanted=wanted)
    if told is None or wanted or (told["field"] and told["old"] and told["new"]):
        return told, found
    return None, []


def _change(
    page: Page, seens: Sequence[tuple[Bank, Seen]], *, wanted: bool
) -> tuple[dict[str, Any] | None, list[Detail]]:
    seen = next((one for _, one in seens if len(one.words) == len(page.words)), None)
    fields = _fields(page, seens)
    if not wanted and not _may_tell_a_change(page, fields):
        return None, []
    reading = _Reading(page, seen)
    moved = page.of("moved")
    if moved:
        begin, end = page.sentence(page.words[moved[0].first].start)
        place = next((spot for spot, word in enumerate(page.words) if word.start >= begin), 0)
        change = reading.from_to(place, end)
        if change is not None and (wanted or _are_addresses(page, change)):
            return _told(page, "address", change)
    for name, _, after in fields:
        change = reading.change_behind(after)
        if change is not None:
            return _told(page, name, change)
    field = fields[0][0] if fields else None
    change = reading.anywhere()
    if change is not None:
        values, found = _told(page, field, change)
        return {**values, "field": field or _field_of(values)}, found
    return {"field": field or ("address" if moved else None), "old": None, "new": None}, []


def _may_tell_a_change(page: Page, fields: Sequence[tuple[str, int, int]]) -> bool:
    places = [mark.first for mark in page.of("not", "from")]
    if places and page.of("moved"):
        return True
    if places and page.text.count("@") > 1:
        return True
    return any(0 <= place - after <= CHANGE_WORDS for _, _, after in fields for place in places)


def _are_addresses(page: Page, change: Change) -> bool:
    """Tell whether both values hold a number: "from Berlin to Munich" asks for no correction by itself."""
    return all(
        words is not None and any(word.folded.isdigit() for word in page.words[slice(*words)])
        for words in (change.old, change.new)
    )


def _field_of(values: dict[str, Any]) -> str | None:
    """Return the field that both values are plainly of."""
    told = [str(values[name]) for name in ("old", "new") if values[name]]
    if len(told) == 2 and all("@" in value for value in told):
        return "email"
    return "phone" if len(told) == 2 and all(_PHONE_LIKE.fullmatch(value) for value in told) else None


def _fields(page: Page, seens: Sequence[tuple[Bank, Seen]]) -> list[tuple[str, int, int]]:
    for bank, seen in seens:
        if len(seen.words) != len(page.words) or not any(clause.bits & _FIELD for clause in seen.clauses):
            continue
        named = named_in(page.words, bank.fields, bank.field_names)
        if named:
            kept: list[tuple[str, int, int]] = []
            for name, first, after in named:
                if not kept or first >= kept[-1][2]:
                    kept.append((name, first, after))
            return kept[:FIELDS_MAX]
    return []


def _told(page: Page, field: str | None, change: Change) -> tuple[dict[str, Any], list[Detail]]:
    found = []
    values: dict[str, Any] = {"field": field}
    for name, words in (("old", change.old), ("new", change.new)):
        text, span = _value(page, words) if words is not None else (None, None)
        values[name] = text
        if text is not None and span is not None:
            found.append(Detail(f"{name}_value", text, span))
    return values, found


def _value(page: Page, words: tuple[int, int]) -> tuple[str | None, Span | None]:
    start, end = page.words[words[0]].start, page.words[words[1] - 1].end
    while start and page.text[start - 1] in "+(#":
        start -= 1
    value = page.text[start:end].strip(_QUOTES)
    return (value, Span(start, end)) if value else (None, None)


@dataclass(frozen=True, slots=True)
class _Reading:
    """The ways of saying a change, tried in turn."""

    page: Page
    seen: Seen | None

    def change_behind(self, after: int) -> Change | None:
        """Return the change said behind a field's name."""
        end = self._reach(after)
        for way in (self._from_a_to_b, self._is_b_not_a, self._a_to_b, self._is_b):
            change = way(after, end)
            if change is not None:
                return change
        return None

    def anywhere(self) -> Change | None:
        """Return a change said with no field before it."""
        end = self._reach(0)
        return self._from_a_to_b(0, end) or self._is_b_not_a(0, end)

    def from_to(self, place: int, end_offset: int) -> Change | None:
        """Return "from A to B" within a sentence."""
        end = next(
            (spot for spot, word in enumerate(self.page.words) if word.start >= end_offset), len(self.page.words)
        )
        return self._from_a_to_b(place, end)

    def _reach(self, place: int) -> int:
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
            stop = self._stop(start.after, end)
            joints = [one for one in self.page.of("to") if start.after < one.first < stop and one.after < stop + 1]
            joint = next((one for one in joints if self._looks_like_a_value(one.after)), joints[0] if joints else None)
            if joint is not None and joint.after < len(self.page.words) and self._looks_like_a_value(start.after):
                new = (joint.after, self._stop(joint.after, end, moved=True))
                if new[0] < new[1]:
                    return Change((start.after, joint.first), new)
        return None

    def _is_b_not_a(self, after: int, end: int) -> Change | None:
        for denied in self.page.of("not"):
            if not after < denied.first < end or denied.after >= len(self.page.words):
                continue
            if not self._looks_like_a_value(denied.after):
                continue
            joined = self._last("is", after, denied.first)
            start = joined.after if joined is not None else after
            if joined is None and not (after and denied.first - after <= BARE_VALUE_WORDS_MAX):
                continue
            if start >= denied.first or self._stop(start, denied.first) < denied.first:
                continue
            old = (denied.after, self._stop(denied.after, end))
            if old[0] < old[1] and self._looks_like_a_value(start):
                return Change(old, (start, denied.first))
        return self._not_a_but_b(after, end)

    def _not_a_but_b(self, after: int, end: int) -> Change | None:
        """Read "not Meier but Meyer"."""
        if self.seen is None:
            return None
        for denied in self.page.of("not"):
            if not after <= denied.first < end or not self._looks_like_a_value(denied.after):
                continue
            joint = next(
                (
                    spot
                    for spot in range(denied.after + 1, min(end, denied.after + 6))
                    if self.seen.concepts[spot] & _BUT
                ),
                None,
            )
            if joint is not None and self._looks_like_a_value(joint + 1):
                return Change((denied.after, joint), (joint + 1, self._stop(joint + 1, end)))
        return None

    def _a_to_b(self, after: int, end: int) -> Change | None:
        """Read "change phone 555-0101 to 555-0199" and "change my name to Jane Doe"."""
        if after >= end:
            return None
        stop = self._stop(after, end)
        for joint in self.page.of("to"):
            if not after <= joint.first < min(stop, after + NEAR_WORDS) or not self._looks_like_a_value(joint.after):
                continue
            new = (joint.after, self._stop(joint.after, end))
            if new[0] >= new[1]:
                continue
            if joint.first == after:
                return Change(self._instead(new[1], end), new)
            if self._looks_like_a_value(after) and not self.page.begins(after, "is"):
                return Change((after, joint.first), new)
        return None

    def _is_b(self, after: int, end: int) -> Change | None:
        """Read "is now B", "should be B instead of A", "Email: B"."""
        for joined in self._joints(after, min(end, after + NEAR_WORDS)):
            if not self._looks_like_a_value(joined):
                continue
            stop = self._stop(joined, end)
            inner = next((one for one in self.page.of("instead") if joined < one.first < stop), None)
            new = (joined, inner.first if inner is not None else stop)
            if new[0] < new[1]:
                return Change(self._instead(new[1], end) or self._instead(after, joined), new)
        return None

    def _joints(self, after: int, end: int) -> Iterator[int]:
        for mark in self.page.of("is"):
            if after <= mark.first < end and not self.page.begins(mark.after, "not", "instead"):
                longer = self.page.begins(mark.after, "is")
                yield longer.after if longer is not None else mark.after
        if after < end and ":" in self.page.between(after, after):
            yield after

    def _instead(self, place: int, end: int) -> tuple[int, int] | None:
        """Return the old value where it is named by itself: "instead of A", "it says A", "the old one was A"."""
        for mark in self.page.of("instead"):
            if place <= mark.first < end and self._looks_like_a_value(mark.after):
                stop = self._stop(mark.after, end)
                if mark.after < stop:
                    return mark.after, stop
        return None

    def _last(self, name: str, after: int, end: int) -> Mark | None:
        return next((one for one in reversed(self.page.of(name)) if after <= one.first and one.after <= end), None)

    def _looks_like_a_value(self, place: int) -> bool:
        if place >= len(self.page.words):
            return False
        start = self.page.words[place].start
        if start and self.page.text[start - 1] in "\"'“„«‘+(":
            return True
        return _VALUE_LIKE.match(self.page.text, start) is not None or (
            not self.page.known[place] and self.page.words[place].folded.isalpha() and not self._is_mark(place)
        )

    def _is_mark(self, place: int) -> bool:
        return self.page.begins(place, "is", "not", "to", "from", "determiner", "instead", "number", "and") is not None

    def _stop(self, place: int, end: int, *, moved: bool = False) -> int:
        """Return the word at which a value that begins at `place` ends."""
        words, text = self.page.words, self.page.text
        last = min(end, place + VALUE_WORDS_MAX, len(words))
        for spot in range(place + 1, last):
            between = text[words[spot - 1].end : words[spot].start]
            if _HARD_END.search(between) and not _is_short(between, words[spot - 1].folded):
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
        if "," in between:
            told_on = self.page.begins(spot, "not", "within") is not None or (small and self.page.known[spot])
            return told_on or bool(concepts & _ENDS_VALUE)
        return small and (bool(concepts & _ENDS_VALUE) or self.page.begins(spot, "not", "and") is not None)


def _is_short(between: str, word: str) -> bool:
    """Tell whether a full stop ends a short form, not a sentence: "4 St. James Rd."."""
    return between == ". " and (len(word) == 1 or word.isdigit() or word in _SHORT)


_SHORT: Final = frozenset(("st", "dr", "nr", "no", "mr", "mrs", "ms", "ul", "al", "av", "str", "bl", "apt", "pl"))
