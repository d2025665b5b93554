"""For whom each claim is: its writer, somebody they speak for, or several people at once.

A claim is one right for one person. A message says for whom in the claim's own sentence ("delete my account and send my
daughter her data"), or once for all of it ("I write for my son Theo, who is eleven").
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from services.router.core.reading.details.people import SELF
from services.router.core.reading.verdict import Claim, Detail, Person, Span

_SENTENCE_END: Final = re.compile(r"[.!?…](?=\s)|\n\s*\n")
_HIMSELF: Final = Person(None, SELF)


def with_persons(
    claims: Sequence[Claim], details: Mapping[str, Any], spoken: Sequence[Detail], text: str
) -> list[Claim]:
    """Return the claims with those they are for, where the message speaks for anybody besides its writer.

    `spoken` are the places where it names people, in the text as it arrived.
    """
    if not details["on_behalf"]:
        return list(claims)
    named = _named(details, spoken)
    everybody = tuple(dict.fromkeys(person for person, _ in named))
    near = [_near(claim, named, text) for claim in claims]
    if not any(near):
        return [replace(claim, persons=everybody) for claim in claims]
    # Somebody is named beside one claim: what stands in sentences without them is the writer's own.
    return [replace(claim, persons=persons or (_HIMSELF,)) for claim, persons in zip(claims, near, strict=True)]


def _named(details: Mapping[str, Any], spoken: Sequence[Detail]) -> list[tuple[Person, Span]]:
    people = details["people"]
    places = [one.span for one in spoken if one.kind == "person"]
    if people:
        return [(Person(one["name"], one["relation"]), span) for one, span in zip(people, places, strict=False)]
    relation = next(one for one in spoken if one.kind == "relation")
    return [(Person(details["represented"], str(details["relation"])), relation.span)]


def _near(claim: Claim, named: Sequence[tuple[Person, Span]], text: str) -> tuple[Person, ...]:
    """Return whom the claim's sentences name; a second sentence of the claim that names nobody is the writer's."""
    found: list[Person] = []
    for span in claim.spans:
        if span.part != "text":
            continue
        here = [person for person, place in named if _in_one_sentence(text, span, place)]
        found += here or [_HIMSELF]
    return tuple(dict.fromkeys(found)) if any(person != _HIMSELF for person in found) else ()


def _in_one_sentence(text: str, one: Span, other: Span) -> bool:
    first, second = sorted((one, other), key=lambda span: span.start)
    return _SENTENCE_END.search(text, first.end, max(first.end, second.start)) is None
