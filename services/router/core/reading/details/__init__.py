"""What a handler needs from a message besides the right: who, which account, which law, which field, which format.

Each detail is found with its place in the text. Words that stand around details come from `knowledge/details/`, so a
language is a file here as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.concepts import mask
from services.router.core.reading.details.delivery import delivery_of
from services.router.core.reading.details.emails import emails_of
from services.router.core.reading.details.laws import laws_of
from services.router.core.reading.details.lists import lists_of
from services.router.core.reading.details.names import name_at, names_of
from services.router.core.reading.details.numbers import numbers_of
from services.router.core.reading.details.people import SELF, Spoken, spoken_for
from services.router.core.reading.details.periods import deadlines_of
from services.router.core.reading.details.rectify import rectify_of
from services.router.core.reading.lexicon import NOTHING
from services.router.core.reading.marks import Page, page_of
from services.router.core.reading.rights import Right
from services.router.core.reading.seen import Seen
from services.router.core.reading.verdict import Claim, Detail, Span
from services.router.core.reading.words import Word

FOUND_PER_KIND_MAX: Final = 20
TRANSFER_STEPS_MAX: Final = 4

_FORMATS_WRITTEN = (
    "csv json xml xls xlsx excel spreadsheet pdf ods vcard vcf html zip txt parquet mbox ics docx yaml sql"
)
_FORMATS: Final = frozenset(_FORMATS_WRITTEN.split())
_DOMAIN: Final = re.compile(r"[\w-]{2,40}(?:\.[a-z]{2,12}){1,2}\b")
_CONCERNS: Final = (("marketing", mask("marketing", "message")), ("profiling", mask("automated")))
_CONCERNED: Final = frozenset({Right.OBJECTION, Right.CONSENT_WITHDRAWAL})


def details_of(
    text: str, words: Sequence[Word], banks: Sequence[Bank], seens: Sequence[tuple[Bank, Seen]], claims: Sequence[Claim]
) -> tuple[dict[str, Any], list[Detail]]:
    """Return the details by name, and each with its place.

    `words` are the text's; `banks` those of the languages it may be written in, and the one of all languages.
    """
    meanings = banks[0].words.meanings
    known = [meanings[form] is not NOTHING for form, _, _ in words]
    page = page_of(text, words, [bank.vocabulary for bank in banks], known, nouns_are_capitals=banks[0].code == "de")
    rights = {claim.right for claim in claims}
    found = [*emails_of(text), *names_of(page), *numbers_of(page), *_formats(page)]
    dates = [one for one in found if one.kind == "date"]
    found += deadlines_of(page, dates)
    laws = laws_of(page)
    found += laws
    found += lists_of(page, [seen for _, seen in seens])
    spoken = spoken_for(page, seens, claims, [one for one in found if one.kind == "name"])
    found += [spoken.relation] if spoken.relation is not None else []
    found += [Detail("person", one.name or one.relation, one.span) for one in spoken.people]
    found += delivery_of(page, claims)
    found += _transfer(page, claims) if Right.PORTABILITY in rights else []
    rectify, corrected = rectify_of(page, seens, found, wanted=Right.RECTIFICATION in rights)
    found += corrected
    return _by_name(found, laws, spoken, rectify, _concerning(seens, claims)), found


def _by_name(
    found: Sequence[Detail],
    laws: Sequence[Detail],
    spoken: Spoken,
    rectify: dict[str, Any] | None,
    concerning: list[str],
) -> dict[str, Any]:
    by_kind: dict[str, dict[str, None]] = {}
    for one in found:
        by_kind.setdefault(one.kind, {})[one.value] = None
    accounts, orders, users, names = (_values(by_kind, kind) for kind in ("account_id", "order", "username", "name"))
    return {
        "names": names,
        "emails": _values(by_kind, "email"),
        "phones": _values(by_kind, "phone"),
        "dates": _values(by_kind, "date"),
        "account_id": next(iter([*accounts, *users, *orders]), None),
        "accounts": [*accounts, *users],
        "orders": orders,
        "jurisdiction": laws[0].value if laws else None,
        "formats": _values(by_kind, "format"),
        "lists": _values(by_kind, "list"),
        "deadline": next(iter(_values(by_kind, "deadline")), None),
        "on_behalf": spoken.relation is not None,
        "relation": spoken.relation.value if spoken.relation else None,
        "represented": spoken.represented,
        "people": [
            {"name": one.name or (names[0] if one.relation == SELF and names else None), "relation": one.relation}
            for one in spoken.people
        ],
        "transfer_to": next(iter(_values(by_kind, "transfer_to")), None),
        "delivery": next(iter(_values(by_kind, "delivery")), None),
        "concerning": concerning,
        "rectify": rectify,
    }


def _formats(page: Page) -> list[Detail]:
    return [Detail("format", form, Span(start, end)) for form, start, end in page.words if form in _FORMATS][
        :FOUND_PER_KIND_MAX
    ]


def _transfer(page: Page, claims: Sequence[Claim]) -> list[Detail]:
    """Return to whom the data shall go: "to Mailbox.org", "an die Neue Bank"."""
    asked = [
        page.sentence(span.start)
        for claim in claims
        if claim.right is Right.PORTABILITY
        for span in claim.spans
        if span.part == "text" and span.start < len(page.text)
    ]
    for mark in page.of("transfer"):
        place = mark.after
        if not any(start <= page.words[mark.first].start <= end for start, end in asked):
            continue
        skipped = page.begins(place, "determiner")
        place = skipped.after if skipped is not None else place
        place = _over_what_they_are(page, place)
        if place >= len(page.words):
            continue
        start = page.words[place].start
        domain = _DOMAIN.match(page.text, start)
        if domain is not None and "@" not in page.text[max(0, start - 1) : domain.end() + 1]:
            return [Detail("transfer_to", domain.group(), Span(*domain.span()))]
        found = name_at(page, place)
        if any(mark.first == place for _, mark in page.named):
            continue  # "à Montréal" is where somebody lives
        if found is not None and not all(page.known[slice(*found)]) and page.words[place].folded not in _FORMATS:
            end = page.words[found[1] - 1].end
            return [Detail("transfer_to", page.text[start:end], Span(start, end))]
    return []


def _over_what_they_are(page: Page, place: int) -> int:
    """Return the word behind "my new provider," or "firmy", where a name follows it; else the same word."""
    for at in range(place, min(place + TRANSFER_STEPS_MAX, len(page.words) - 1)):
        word = page.words[at]
        if not page.text[word.start].islower() or page.text[word.end : page.words[at + 1].start] not in (" ", ", "):
            break
        named = page.text[page.words[at + 1].start].isupper() and not page.known[at + 1]
        if named and page.begins(at + 1, "weekday", "month") is None:
            return at + 1
    return place


def _concerning(seens: Sequence[tuple[Bank, Seen]], claims: Sequence[Claim]) -> list[str]:
    """Return what an objection or a withdrawn consent is about: marketing, profiling (GDPR Arts. 21(2), 22, 7(3))."""
    if not any(claim.right in _CONCERNED and not claim.negated for claim in claims):
        return []
    bits = 0
    for _, seen in seens:
        for clause in seen.clauses:
            bits |= clause.bits
    return [name for name, concepts in _CONCERNS if bits & concepts]


def _values(by_kind: Mapping[str, Iterable[str]], kind: str) -> list[str]:
    return list(by_kind.get(kind, ()))
