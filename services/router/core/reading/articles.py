"""Read the articles of law that a message names: who writes "under Art. 17 GDPR" need say no more."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from typing import Final

from services.router.core.reading.candidate import Candidate
from services.router.core.reading.concepts import mask
from services.router.core.reading.rights import RIGHT_OF_ARTICLE, Right, State
from services.router.core.reading.seen import Seen
from services.router.core.reading.sentences import Clause, Sense
from services.router.core.reading.states import state_of

_DATED: Final = re.compile(r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}\s?[./]\s?\d{1,2}\s?[./]\s?\d{2,4}\b")
ARTICLE_CHARACTERS_MAX: Final = 44
_ARTICLE_BEGINS: Final = frozenset(("ar", "cl", "αρ", "ma", "ci", "pa", "чл", "ст"))
"""How the words for an article begin, folded: looking at two letters spares the pattern."""
_ARTICLE: Final = re.compile(
    r"\b(?:art(?:icles?|ikel[ns]?|icolo|icolul(?:ui)?|ículos?|igos?|ykułu?|\.|t\.)?|čl(?:ánk[uůa]|\.|anka|an[ao]k)?|cl\.|"
    r"άρθρο[υ]?|άρθρ\.|madde(?:si)?|cikk|pant[sa]|članka?|člena?|članom|článku|článkom|članku|artigo|artigos|articolului|artiklassa|artiklan|cikkely\w*|cikke|член|чл\.|ст(?:атья|атьи|\.))\s{0,2}(\d{1,2})\b",
    re.IGNORECASE,
)
_OTHER_LAW: Final = re.compile(
    r"\b(lgpd|lei geral|13\.?709|kvkk|6698|popia|pipeda|bdsg|tkg|uwg|nfadp|fadp|charter|charta|constitution)\b",
    re.IGNORECASE,
)
"""Laws whose articles have other numbers than the GDPR's."""
OTHER_LAW_CHARACTERS_MAX: Final = 60
_LGPD_ITEM: Final = re.compile(r"\s*,?\s*(?:inciso|inc\.|item)?\s*([ivx]{1,4})\b", re.IGNORECASE)
# LGPD Art. 18, I and II access, III correction, V portability, VI erasure, IX consent revoked.
_RIGHT_OF_LGPD_ITEM: Final = {
    "I": Right.ACCESS,
    "II": Right.ACCESS,
    "III": Right.RECTIFICATION,
    "V": Right.PORTABILITY,
    "VI": Right.ERASURE,
    "IX": Right.CONSENT_WITHDRAWAL,
}
_WANT_PLEASE_HEREBY_EXERCISE: Final = mask("want", "please", "hereby", "exercise")


def from_articles(seen: Seen, clause: Clause) -> Iterator[Candidate]:
    """Read an article of the GDPR named in a sentence that requests something."""
    for right, anchor, number in _articles(seen, clause):
        state = state_of(clause, anchor, right, "before", negative=False)
        asked = bool(clause.bits & _WANT_PLEASE_HEREBY_EXERCISE)
        score = 0.9 if asked else 0.3
        yield Candidate(right, score, anchor.first, anchor.after, state, asked, f"names article {number}")


def from_articles_alone(seen: Seen) -> Iterator[Candidate]:
    """Read the articles named in a text whose language has no bank: enough to ask, never to act.

    The first sentence that names one says what the letter is for; a date before it makes it a reminder of an earlier
    request, and a complaint recounts the request it is about. Articles 20 and 21 are asked for anywhere.
    """
    named = [(clause, found) for clause in seen.clauses for found in _articles(seen, clause)]
    if not named:
        return
    opening = named[0][0]
    complaint = any(right is Right.COMPLAINT for clause, (right, _, _) in named if clause is opening)
    before = seen.text[seen.words[opening.first].start : seen.words[named[0][1][1].first].start]
    reminded = _DATED.search(before) is not None
    for clause, (right, anchor, number) in named:
        first = clause is opening and (right is Right.COMPLAINT or not complaint)
        anywhere = right in (Right.PORTABILITY, Right.OBJECTION) and not complaint and not reminded
        meant = Right.STATUS_QUERY if reminded and first and right is not Right.COMPLAINT else right
        score = 0.6 if first or anywhere else 0.3
        yield Candidate(
            meant, score, anchor.first, anchor.after, State.ASSERTED, False, f"names article {number} in its request"
        )


def _articles(seen: Seen, clause: Clause) -> Iterator[tuple[Right, Sense, str]]:
    start = seen.words[clause.first].start
    end = min(seen.words[clause.after - 1].end + 4, len(seen.text))
    for at in range(bisect_left(seen.numbers, clause.first), len(seen.numbers)):
        number = seen.numbers[at]
        word = seen.words[number]
        if word.start >= end:
            return
        if word.folded[:1].isdigit() and number and seen.words[number - 1].folded[:2] not in _ARTICLE_BEGINS:
            continue
        match = _article_before(seen.text, max(start, word.start - ARTICLE_CHARACTERS_MAX), min(end, word.end + 1))
        if match is None or match.end() <= word.start:
            continue
        right = _right_of(seen.text, match)
        if right is None:
            continue
        first, after = match.span()
        inside = [place for place in range(clause.first, clause.after) if first <= seen.words[place][1] < after]
        if inside:
            yield right, Sense(0, inside[0], inside[-1] + 1), match[1]


def _right_of(text: str, match: re.Match[str]) -> Right | None:
    """Return the right of an article, by the law that is named beside it; the GDPR's where none is."""
    around = text[max(0, match.start() - OTHER_LAW_CHARACTERS_MAX) : match.end() + OTHER_LAW_CHARACTERS_MAX]
    other = _OTHER_LAW.search(around)
    if other is None:
        return RIGHT_OF_ARTICLE.get(int(match[1]))
    item = _LGPD_ITEM.match(text, match.end())
    if other[1].lower() not in ("lgpd", "lei geral", "13.709", "13709") or int(match[1]) != 18 or item is None:
        return None
    return _RIGHT_OF_LGPD_ITEM.get(item[1].upper())


def _article_before(text: str, start: int, end: int) -> re.Match[str] | None:
    """Return the last article named between two places."""
    return max(_ARTICLE.finditer(text, start, end), key=lambda match: match.start(), default=None)
