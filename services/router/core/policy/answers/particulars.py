"""What exactly a question asks for, and which passages say just that.

A policy may speak of cookies and not of how long they live, of backups and not of how often they are made. So every
particular that people ask for (`particulars.toml`) has its wordings, likened to the question as a whole, and the words
that a clause which answers it cannot do without: "cookies & expire|days|months". A particular that no clause of a
policy has the words for is a question that this policy is silent on, however much it speaks of the matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from services.router.core.policy.answers.counts import Counts
from services.router.core.policy.answers.spoken import Spoken
from services.router.core.policy.answers.wordings import (
    NONE,
    Meaning,
    Read,
    Row,
    Wordings,
    questions_in,
    wordings_from,
)
from services.router.core.policy.answers.words import stems, words

MACROS: Final = "macros"
EVENNESS: Final = 2.5
"""Particulars are many and much alike: a doubt between two of them must show."""
ABSENCE: Final = 1.0
"""How much it counts that a question lacks what nearly all wordings of a particular show, such as the cookie."""
PROMISED_MIN: Final = 0.65
"""From how sure a reading on a clause counts as making the promise that answers: above any mere concepts."""
BESIDE_SHARE: Final = 0.8
"""How well a passage says it that has some of the words only in the heading or the line above it."""

_FILLERS: Final = {
    "NAMED": re.compile(
        r"\b[A-Z]\w+ (?:AG|Inc|Ltd|LLC|GmbH|S\.?A|SRL|Corp(?:oration)?|B\.?V|plc|Limited)\b"
        r"|\b(?:Google|Facebook|Amazon|Microsoft|Stripe|PayPal|Zendesk|Cloud[Ff]lare|Mailchimp|Salesforce|HubSpot)\b"
    ),
    "AGE": re.compile(r"\b\d\d years\b|\bunder (?:the age of )?\d\d\b|\b\d\d or over\b|\bage of \d\d\b"),
    "WAY": re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+\.\w+|\+\d[\d .()/-]{6,}|https?://"),
    "NUMBER": re.compile(r"\d"),
}
"""What cannot be told by words: a firm's name, an age, an address to write to."""

Group = int
"""A bit for every phrase that will do."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """The wordings of every particular, and what a clause that answers each holds."""

    wordings: Wordings
    says: tuple[tuple[tuple[Group, ...], ...], ...]
    """For every particular, rows of groups; a clause holds a phrase of every group of some row."""
    phrases: Mapping[str, tuple[tuple[tuple[str, ...], int], ...]]
    """First stem of a phrase -> (its stems, its number)."""
    fillers: Mapping[str, int]
    meanings: Mapping[int, int]
    """Particulars that entries of `wordings.toml` are like: what answers those answers them."""
    promised: frozenset[int] = frozenset()
    """Those of them that promises answer."""


NOTHING: Final = Particulars(NONE, (), {}, {}, {})


def particular_questions(
    table: Mapping[str, Any], wordings: Mapping[str, Any], spoken: Mapping[str, Sequence[Spoken]]
) -> list[list[Spoken]]:
    """Return the wordings of every particular, some of which take theirs from `wordings.toml`.

    `spoken` are those by many hands, by the name of the entry of either table.
    """
    questions = []
    for name, fields in entries_in(table).items():
        others = [fields[key] for key in ("like", "wordings_of") if key in fields]
        lines = questions_in(fields) + [line for other in others for line in questions_in(wordings[other])]
        questions.append(lines + [line for each in dict.fromkeys([name, *others]) for line in spoken.get(each, ())])
    return questions


def entries_in(table: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return the particulars of the table, its macros aside."""
    return {name: fields for name, fields in table.items() if name != MACROS}


def particulars_from(
    table: Mapping[str, Any], counts: Counts, meanings: Sequence[Meaning], stop: frozenset[str]
) -> Particulars:
    """Read the table of `particulars.toml`, whose wordings were counted already.

    `meanings` are those of the entries of `wordings.toml`.
    """
    places = {meaning.name: number for number, meaning in enumerate(meanings)}
    numbers: dict[tuple[str, ...], int] = {}
    macros, entries = table.get(MACROS, {}), entries_in(table)
    says = tuple(
        tuple(tuple(_group(group, macros, numbers) for group in row.split("&")) for row in fields.get("says", ()))
        for fields in entries.values()
    )
    phrases: dict[str, tuple[tuple[tuple[str, ...], int], ...]] = {}
    for phrase, number in numbers.items():
        phrases[phrase[0]] = (*phrases.get(phrase[0], ()), (phrase, number))
    like = {at: places[fields["like"]] for at, fields in enumerate(entries.values()) if "like" in fields}
    return Particulars(
        wordings=wordings_from(tuple(Meaning(name, (), ()) for name in entries), counts, stop, EVENNESS, ABSENCE),
        says=says,
        phrases=phrases,
        fillers={name: numbers[(name,)] for name in _FILLERS if (name,) in numbers},
        meanings=like,
        promised=frozenset(at for at, number in like.items() if meanings[number].answers),
    )


def _group(written: str, macros: Mapping[str, str], numbers: dict[tuple[str, ...], int]) -> Group:
    found = 0
    for part in map(str.strip, written.split("|")):
        if part in macros:
            found |= _group(macros[part], {}, numbers)
        else:
            phrase = (part,) if part in _FILLERS else tuple(stems(words(part)))
            found |= 1 << numbers.setdefault(phrase, len(numbers))
    return found


def said(
    particulars: Particulars, bodies: Sequence[Read], above: Sequence[Read], texts: Sequence[str], answered: Row
) -> Row:
    """Return a row a particular, a column a passage: how well the passage says it.

    `answered` is the same of the meanings of `wordings.toml`.
    """
    rows = np.zeros((len(particulars.says), len(bodies)), dtype=np.float32)
    for number, meaning in particulars.meanings.items():
        # A promise read surely enough says it; mere concepts show that the matter is spoken of, and how much.
        sure = number in particulars.promised
        rows[number] = np.where(sure & (answered[meaning] >= PROMISED_MIN), 1.0, answered[meaning])
    for at, (body, over, text) in enumerate(zip(bodies, above, texts, strict=True)):
        own = _held(particulars, body.pivot)
        for name, number in particulars.fillers.items():
            if _FILLERS[name].search(text):
                own |= 1 << number
        if not own:
            continue
        both = own | _held(particulars, over.pivot)
        for number, choices in enumerate(particulars.says):
            for groups in choices:
                if all(map(both.__and__, groups)) and any(map(own.__and__, groups)):
                    whole = all(map(own.__and__, groups))
                    rows[number, at] = max(rows[number, at], 1.0 if whole else BESIDE_SHARE)
    return rows


def _held(particulars: Particulars, row: Sequence[str]) -> int:
    found = 0
    for at, first in enumerate(row):
        for phrase, number in particulars.phrases.get(first, ()):
            if len(phrase) == 1 or tuple(row[at : at + len(phrase)]) == phrase:
                found |= 1 << number
    return found
