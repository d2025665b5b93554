"""What is to be corrected: which field, from what, to what. Nothing is guessed: what is not said stays None."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.concepts import mask
from services.router.core.reading.details.changes import Change, Ways
from services.router.core.reading.details.listed import named_in
from services.router.core.reading.details.names import NAME_WORDS_MAX, PARTICLES
from services.router.core.reading.details.roles import KIND_OF_FIELD, Roles
from services.router.core.reading.marks import Page
from services.router.core.reading.seen import Seen
from services.router.core.reading.verdict import Detail, Span

FIELDS_MAX: Final = 6
CHANGE_WORDS: Final = 14
EMAIL_WORDS: Final = 4
LABEL_WORDS_MAX: Final = 2

_MY: Final = mask("my")
NOUN_WORDS_MAX: Final = 3
_FIELD: Final = mask("field")
_PLAIN_WORDS: Final = frozenset({"gender", "marital_status"})
_ANY_WORD: Final = frozenset({"gender", "marital_status", "occupation"})
_PHONE_LIKE: Final = re.compile(r"\+?(?:\d[ ()/.-]*){7,15}")
_YEARS: Final = re.compile(r"(?:\d{1,2}[/.-])?(?:19|20)\d\d")
_QUOTES: Final = " \t\r\n\"'“”„«»‘’()[],;:"


def rectify_of(
    page: Page, seens: Sequence[tuple[Bank, Seen]], found: Sequence[Detail], *, wanted: bool
) -> tuple[dict[str, Any] | None, list[Detail]]:
    """Return the field, its old and its new value, and where the values stand.

    `found` are the addresses, numbers and dates of the text. Unless a correction is `wanted` anyway, only a field with
    both its values is one.
    """
    told, values = _change(page, seens, found, wanted=wanted)
    if told is None or wanted or (told["field"] and told["old"] and told["new"]):
        return told, values
    return None, []


def _change(
    page: Page, seens: Sequence[tuple[Bank, Seen]], shaped: Sequence[Detail], *, wanted: bool
) -> tuple[dict[str, Any] | None, list[Detail]]:
    seen = next((one for _, one in seens if len(one.words) == len(page.words)), None)
    fields = _fields(page, seens) or list(_named_anew(page))
    if not wanted and not _may_tell_a_change(page, fields):
        return None, []
    ways = Ways(page, seen)
    moved = page.of("moved")
    if moved:
        begin, end = page.sentence(page.words[moved[0].first].start)
        place = next((spot for spot, word in enumerate(page.words) if word.start >= begin), 0)
        change = ways.from_to(place, end)
        if change is not None and not _are_years(page, change) and (wanted or _are_addresses(page, change)):
            return _told(page, "address", change)
    names = {name for name, _, _ in fields}
    roles = Roles(page, ways, shaped, any_word=bool(names) and names <= _ANY_WORD)
    for name in KIND_OF_FIELD if wanted and not fields else ():
        change = roles.shaped(name, alone=False)
        if change is not None:
            return _told(page, name, change)
    partial: tuple[str, Change] | None = None
    for name, _, after in fields:
        shaped_change = _shaped(roles, name, alone=wanted and len(names) == 1)
        plain = ways.plain_words(after) if name in _PLAIN_WORDS else None
        change = shaped_change or plain or ways.change_behind(after)
        if change is not None and (change.old is not None or shaped_change is not None):
            return _told(page, name, change)
        partial = partial or ((name, change) if change is not None else None)
    apart = roles.told_apart() if wanted and not names & KIND_OF_FIELD.keys() else None
    if apart is not None:
        called = fields[0][0] if fields else "address" if moved else _called(page, apart) or _noun(page, seen, apart)
        return _told(page, called, apart)
    if partial is not None:
        return _told(page, *partial)
    field = fields[0][0] if fields else None
    change = ways.anywhere() or (roles.new_alone() if wanted else None)
    if change is not None and not _are_years(page, change):
        values, found = _told(page, field, change)
        called = field or _field_of(values) or _called(page, change) or _noun(page, seen, change)
        return {**values, "field": called}, found
    return {"field": field or ("address" if moved else None), "old": None, "new": None}, []


def _shaped(roles: Roles, field: str, *, alone: bool) -> Change | None:
    # An "address" may be one of mail.
    kinds = ("email",) if field == "address" else (field,) if field in KIND_OF_FIELD else ()
    return next((change for kind in kinds if (change := roles.shaped(kind, alone=alone and kind == field))), None)


def _called(page: Page, change: Change) -> str | None:
    return "name" if page.ends(change.new[0], "name_is") is not None else None


def _named_anew(page: Page) -> Iterator[tuple[str, int, int]]:
    """Yield the place behind "my name is" where a name and a wrong one follow: "Je m'appelle Roux et non Rous"."""
    for lead in page.of("name_is"):
        if lead.after >= len(page.words) or not page.text[page.words[lead.after].start].isupper():
            continue
        for denied in page.of("not", "instead"):
            near = 0 < denied.first - lead.after <= NAME_WORDS_MAX and denied.after < len(page.words)
            if near and page.text[page.words[denied.after].start].isupper() and not page.known[denied.after]:
                yield "name", lead.first, lead.after
                break


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


def _are_years(page: Page, change: Change) -> bool:
    """Tell whether both values are a time: "I worked for you from 03/1999 to 11/2001" corrects nothing."""
    return change.old is not None and all(
        _YEARS.fullmatch(_value(page, words)[0] or "") is not None for words in (change.old, change.new)
    )


def _field_of(values: dict[str, Any]) -> str | None:
    """Return the field that both values are plainly of."""
    told = [str(values[name]) for name in ("old", "new") if values[name]]
    if len(told) == 2 and all("@" in value for value in told):
        return "email"
    return "phone" if len(told) == 2 and all(_PHONE_LIKE.fullmatch(value) for value in told) else None


def _noun(page: Page, seen: Seen | None, change: Change) -> str | None:
    """Return what a writer calls a detail that no list names: "my height is 182 cm, not 128 cm"."""
    first = min(words[0] for words in (change.old, change.new) if words is not None)
    joint = page.ends(first, "is")
    if seen is None or joint is None:
        return None
    for place in range(joint.first - 1, max(-1, joint.first - NOUN_WORDS_MAX - 2), -1):
        if seen.concepts[place] & _MY and 0 < joint.first - place - 1 <= NOUN_WORDS_MAX:
            return " ".join(word.folded for word in page.words[place + 1 : joint.first])
    return None


def _fields(page: Page, seens: Sequence[tuple[Bank, Seen]]) -> list[tuple[str, int, int]]:
    for bank, seen in seens:
        if len(seen.words) != len(page.words) or not any(clause.bits & _FIELD for clause in seen.clauses):
            continue
        named = named_in(page.words, bank.fields, bank.field_names)
        if named:
            kept: list[tuple[str, int, int]] = []
            for name, first, after in named:
                if kept and (kept[-1][0], name) == ("address", "email") and first - kept[-1][2] < EMAIL_WORDS:
                    kept.pop()  # "adresa mea de e-mail"
                if not kept or first >= kept[-1][2]:
                    kept.append((name, first, after))
            asked = [one for one in kept if not _identifies(page, one[2])]
            return (asked or kept)[:FIELDS_MAX]
    return []


def _identifies(page: Page, after: int) -> bool:
    """Tell whether a field is a line of who writes, as letters end: "Name: Eva Ash", "E-Mail: eva@example.org"."""
    if ":" not in page.between(after, after) or "\n\n" in page.text[page.words[after - 1].end :][:3]:
        return False
    line_start = page.text.rfind("\n", 0, page.words[after - 1].start) + 1
    label = page.text[line_start : page.words[after - 1].end]
    alone = len(label.split()) <= LABEL_WORDS_MAX and page.begins(after, "not", "instead") is None
    first = next((place for place, word in enumerate(page.words) if word.start >= line_start), after)
    return alone and line_start > 0 and page.begins(first, "old", "new", "is", "instead") is None


def _told(page: Page, field: str | None, change: Change) -> tuple[dict[str, Any], list[Detail]]:
    found = []
    values: dict[str, Any] = {"field": field}
    for name, words in (("old", change.old), ("new", change.new)):
        words = _of_a_name(page, words) if words is not None and field == "name" else words
        text, span = _value(page, words) if words is not None else (None, None)
        values[name] = text
        if text is not None and span is not None:
            found.append(Detail(f"{name}_value", text, span))
    return values, found


def _of_a_name(page: Page, words: tuple[int, int]) -> tuple[int, int]:
    """Return the name within a stretch of words: "nyní Dvořáková", "Hollingworth in your records"."""
    first, after = words
    capitals = [place for place in range(first, after) if page.text[page.words[place].start].isupper()]
    if not capitals:
        return words
    first = capitals[0]
    for place in range(first + 1, min(after, first + NAME_WORDS_MAX)):
        letters = page.text[page.words[place].start : page.words[place].end]
        if letters.islower() and letters not in PARTICLES:
            return first, place
    return first, after


def _value(page: Page, words: tuple[int, int]) -> tuple[str | None, Span | None]:
    start, end = page.words[words[0]].start, page.words[words[1] - 1].end
    while start and page.text[start - 1] in "+(#":
        start -= 1
    written = page.text[start:end]
    value = written.strip(_QUOTES)
    start += len(written) - len(written.lstrip(_QUOTES))
    return (value, Span(start, start + len(value))) if value else (None, None)
