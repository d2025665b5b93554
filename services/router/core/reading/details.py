"""What a handler needs from a message besides the right: who, which account, which law, which field, which format."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any, Final

from services.router.core.reading.bank import Bank
from services.router.core.reading.concepts import mask
from services.router.core.reading.evaluate import Seen
from services.router.core.reading.lexicon import Lexicon
from services.router.core.reading.rights import Right
from services.router.core.reading.verdict import Claim, Detail, Span
from services.router.core.reading.words import Word

FOUND_PER_KIND_MAX: Final = 20
NUMBERS_TRIED_MAX: Final = 60

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}(?![\w@])")
_PHONE = re.compile(r"(?<![\w./-])\+?\(?\d[\d ()/.-]{6,18}\d(?![\w@])")
_DATE = re.compile(r"\b(?:\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?(?:\d{4}|\d{2}))\b")
_NUMBER_LIKE = re.compile(r"(?<![\w@.-])[A-Z]{0,5}[-_/]?\d[\w-]{2,24}(?![\w@])")
_NUMBER_OF = re.compile(
    r"(?:account|customer|client|member(?:ship)?|user|order|invoice|contract|licen[cs]e|policy|case|ticket|reference|"
    r"kunden|konto|mitglied\w?|bestell|vertrags?|rechnungs?|compte|commande|contrat|cliente|"
    r"cuenta|pedido|contrato|conto|"
    r"ordine|contratto|klant|rekening|bestel|klienta|zamówieni\w|conta|encomenda|kund|zákaz\w+|"
    r"ügyfél|πελάτη|korisni\w+|"
    r"müşteri|client|klienta|konta|contul\w*|abonat|klienta|asiakas|účtu)"
    r"[\s-]{0,2}(?:no|nr|number|num|id|nummer|numéro|número|numero|numer|číslo|szám\w*|αριθμός|"
    r"broj|numaras\w|n[°ºo])?"
    r"\.?\s{0,2}(?:is|ist|est|es|è|is|jest|:|#|=|n[°ºo]\.?)?\s{0,2}#?\s?$",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"(?:username|user name|login|benutzername|identifiant|usuario|nome utente|gebruikersnaam)\s?(?:is|:|=)?\s?"
    r"[\"'“]?([\w.@-]{3,40})",
    re.IGNORECASE,
)
_FORMATS: Final = re.compile(
    r"\b(csv|json|xml|xlsx?|excel|pdf|ods|vcard|vcf|html|zip|txt|parquet|mbox)\b", re.IGNORECASE
)
_LAWS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("UK", re.compile(r"\buk[ -]?gdpr\b|data protection act 2018|\bdpa ?2018\b|\bico\b|"
                      r"information commissioner", re.IGNORECASE)),
    ("CCPA", re.compile(r"\bccpa\b|\bcpra\b|california(?:n)? (?:consumer|privacy|resident)|"
                        r"civ(?:il)? code (?:§ ?)?1798", re.IGNORECASE)),
    ("LGPD", re.compile(r"\blgpd\b|lei geral de prote[cç][aã]o|13\.709|\banpd\b", re.IGNORECASE)),
    ("CH", re.compile(r"\b(?:n?fadp|revdsg|ndsg|nlpd|lpd)\b|(?<!\w)DSG\b.{0,40}schweiz|"
                      r"schweiz\w*.{0,60}datenschutzgesetz|"
                      r"\bedöb\b|\bpfpdt\b|art\. ?25 dsg", re.IGNORECASE)),
    ("PIPEDA", re.compile(r"\bpipeda\b", re.IGNORECASE)),
    ("GDPR", re.compile(r"\bgdpr\b|\bds-?gvo\b|\brgpd\b|\bavg\b|\brodo\b|\bdsgvo\b|2016/679|\bγκπδ\b|\bvdar\b|"
                        r"\bdataskyddsf|"
                        r"databeskyttelsesforord|\bkvkk\b.{0,5}gdpr|general data protection|"
                        r"generalis datu", re.IGNORECASE)),
    ("KVKK", re.compile(r"\bkvkk\b|6698", re.IGNORECASE)),
)  # fmt: skip
_DEADLINE = re.compile(
    r"(?:within|in|by|innerhalb(?: von)?|binnen|sous|dans(?: les)?|en|dentro de|entro|w ciągu|"
    r"em|în termen de|inom|inden(?: for)?|do|"
    r"εντός|u roku od)\s(?:the next |les |i |von )?(\d{1,3}|one|two|three|four|ein(?:em|er)?|"
    r"zwei|drei|vier|un|deux|une|dos|uno?|due|een|twee)\s"
    r"(?:(?:working|business|calendar) )?(day|week|month|hour|tage?n?|woche|monat|stunde|jour|"
    r"semaine|mois|día|semana|mes|giorn|settiman|mes|"
    r"dag|weke?n?|maand|dni|tydzie|miesi|dias?|zile|săptămân|lun|dag|veck|uge|dn|týdn|měsíc|nap|"
    r"hét|hónap|ημέρ|dana|gün|hafta|ay)\w{0,6}",
    re.IGNORECASE,
)
_SMALL_NUMBER = re.compile(
    r"\b(?:\d{1,3}|one|two|three|four|ein(?:em|er)?|zwei|drei|vier|une?|deux|dos|due|twee|een|un)\b", re.IGNORECASE
)
_QUOTED_VALUE = r"[\"'“”„«»‘’]?([^\"'“”„«»\n,;]{1,80}?)[\"'“”„«»‘’]?"
_FROM_TO: Final = re.compile(
    rf"\b(?:from|von|vom|de|del|da|van|z|od|från|fra|din)\s{_QUOTED_VALUE}\s(?:to|auf|zu|in|à|a|"
    rf"en|para|naar|na|till|til|în|en)\s{_QUOTED_VALUE}"
    rf"(?=[;!?\n]|\.(?!\w)|$|,\s|\s(?:please|bitte|and|und|thanks))", re.IGNORECASE)  # fmt: skip
_NOT_BUT: Final = re.compile(
    rf"\b(?:is|ist|est|es|è|jest|é|este|är|er|je)\s{_QUOTED_VALUE}(?:,)?\s(?:and )?(?:not|nicht|"
    rf"et non|y no|non|niet|nie|e não|nu|inte|ikke|ne)"
    rf"(?: pas)?\s{_QUOTED_VALUE}(?=[;!?\n]|\.(?!\w)|$|,)", re.IGNORECASE)  # fmt: skip
_INSTEAD: Final = re.compile(
    rf"\b(?:to|is now|is|should be|should read|lautet(?: jetzt)?|ist jetzt|ist nun|ist|auf|"
    rf"est maintenant|est désormais|est|es ahora|es|ora è|è ora|è|is nu|wordt|is|"
    rf"teraz|to|agora é|é|este acum|este|är nu|är|er nu|er|je nyní|je|είναι|je sada|:)\s{{1,2}}{_QUOTED_VALUE}"
    rf"(?=[;!?\n]|\.(?!\w)|$|,\s|\s(?:please|bitte|instead|and not|not|statt|now|thanks|"
    rf"thank))", re.IGNORECASE)  # fmt: skip
_INSTEAD_OF: Final = re.compile(
    rf"\b(?:instead of|rather than|and not|statt|anstatt|nicht|au lieu de|en lugar de|en vez de|"
    rf"invece di|anziché|in plaats van|zamiast|em vez de|în loc de|istället för|"
    rf"i stedet for|místo|αντί για|umjesto)\s{_QUOTED_VALUE}"
    rf"(?=[;!?\n]|\.(?!\w)|$|,)", re.IGNORECASE)  # fmt: skip


# What a law's name must hold, whatever its case: looking for a few letters is far cheaper than for a pattern.
_LAW_HINTS: Final[dict[str, tuple[str, ...]]] = {
    "UK": ("gdpr", "2018", "ico", "commissioner"),
    "CCPA": ("ccpa", "cpra", "california", "1798"),
    "LGPD": ("lgpd", "lei geral", "13.709", "anpd"),
    "CH": ("fadp", "dsg", "lpd", "schweiz", "edöb", "pfpdt"),
    "PIPEDA": ("pipeda",),
    "KVKK": ("kvkk", "6698"),
}


def _laws(text: str) -> list[Detail]:
    """Return the laws that the text names, each where it is named first."""
    lowered = text.lower()
    return [
        Detail("law", name, Span(match.start(), match.end()))
        for name, pattern in _LAWS
        if (name not in _LAW_HINTS or any(hint in lowered for hint in _LAW_HINTS[name]))
        and (match := pattern.search(text)) is not None
    ]


def details_of(
    text: str, seens: Sequence[tuple[Bank, Seen]], claims: Sequence[Claim]
) -> tuple[dict[str, Any], list[Detail]]:
    """Return the details by name, and each with its place."""
    found = [*(_each("email", _EMAIL, text) if "@" in text else ()), *_each("date", _DATE, text)]
    found.extend(_phones(text, found))
    found.extend(_account_numbers(text))
    found.extend(_each("username", _HANDLE, text, 1))
    found.extend(Detail("format", one.value.casefold(), one.span) for one in _each("format", _FORMATS, text))
    found.extend(_deadlines(text))
    laws = _laws(text)
    found.extend(laws)
    relation = _relation(seens)
    if relation is not None:
        found.append(relation)
    rectify = _rectify(text, seens) if any(claim.right is Right.RECTIFICATION for claim in claims) else None
    wanted = {
        "emails": _values(found, "email"),
        "phones": _values(found, "phone"),
        "dates": _values(found, "date"),
        "account_id": next(iter(_values(found, "account_id")), None) or next(iter(_values(found, "username")), None),
        "jurisdiction": laws[0].value if laws else None,
        "formats": _values(found, "format"),
        "deadline": next(iter(_values(found, "deadline")), None),
        "on_behalf": relation is not None,
        "relation": relation.value if relation else None,
        "rectify": rectify,
    }
    return wanted, found


def _each(kind: str, pattern: re.Pattern[str], text: str, group: int = 0) -> list[Detail]:
    found = []
    for match in pattern.finditer(text):
        found.append(Detail(kind, match[group].strip(), Span(match.start(group), match.end(group))))
        if len(found) == FOUND_PER_KIND_MAX:
            break
    return found


def _account_numbers(text: str) -> list[Detail]:
    """Return the numbers that a word before them calls an account's, an order's, a customer's."""
    found = [
        Detail("account_id", match.group(), Span(*match.span()))
        for match in islice(_NUMBER_LIKE.finditer(text), NUMBERS_TRIED_MAX)
        if _NUMBER_OF.search(text[max(0, match.start() - 40) : match.start()])
    ]
    return found[:FOUND_PER_KIND_MAX]


def _deadlines(text: str) -> list[Detail]:
    found = []
    for match in islice(_SMALL_NUMBER.finditer(text), NUMBERS_TRIED_MAX):
        period = _DEADLINE.search(text, max(0, match.start() - 24), min(len(text), match.end() + 24))
        if period is not None and period.start(1) == match.start():
            found.append(Detail("deadline", period.group().strip(), Span(*period.span())))
    return found[:FOUND_PER_KIND_MAX]


def _phones(text: str, taken: Sequence[Detail]) -> list[Detail]:
    busy = [(one.span.start, one.span.end) for one in taken]
    return [
        one
        for one in _each("phone", _PHONE, text)
        if sum(letter.isdigit() for letter in one.value) >= 8
        and not any(start < one.span.end and one.span.start < end for start, end in busy)
    ]


def _values(found: Iterable[Detail], kind: str) -> list[str]:
    return list(dict.fromkeys(one.value for one in found if one.kind == kind))


def _named(words: Sequence[Word], lexicon: Lexicon, names: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return (name, first word, word after) of what a list with names finds."""
    meanings = [lexicon.meanings[word.folded] for word in words]
    hits = [(meaning.payload, place, place + 1) for place, meaning in enumerate(meanings) if meaning.payload]
    hits.extend((hit.payload, hit.first, hit.after) for hit in lexicon.phrases(meanings))
    longest_first = sorted(hits, key=lambda hit: (hit[1], -(hit[2] - hit[1])))
    return [(names[(bits & -bits).bit_length() - 1], first, after) for bits, first, after in longest_first]


def _relation(seens: Sequence[tuple[Bank, Seen]]) -> Detail | None:
    """Return the person the writer speaks for: "on behalf of my daughter", "for me and my son"."""
    for bank, seen in seens:
        bits = 0
        for clause in seen.clauses:
            bits |= clause.bits
        if not bits & mask("behalf", "relative"):
            continue
        acting = [sense.first for clause in seen.clauses for sense in clause.with_bits(mask("behalf"))]
        words = seen.words
        for name, first, after in _named(words, bank.relations, bank.relation_names):
            if acting or (first > 0 and seen.concepts[first - 1] & mask("my")):
                return Detail("relation", name, Span(words[first].start, words[after - 1].end))
        if acting:
            place = min(acting)
            return Detail("relation", "person_represented", Span(words[place].start, words[place].end))
    return None


def _rectify(text: str, seens: Sequence[tuple[Bank, Seen]]) -> dict[str, str | None]:
    """Return which field is to be corrected, from what, to what; None where the message does not say."""
    for bank, seen in seens:
        words = seen.words
        named = _named(words, bank.fields, bank.field_names)
        for name, _, after in named:
            rest = text[words[after - 1].end : words[after - 1].end + 240].split("\n\n")[0]
            old, new = _old_and_new(rest)
            if new is not None:
                return {"field": name, "old": old, "new": new}
        if named:
            return {"field": named[0][0], "old": None, "new": None}
    old, new = _old_and_new(text[:400])
    return {"field": None, "old": old, "new": new}


def _old_and_new(rest: str) -> tuple[str | None, str | None]:
    if (match := _FROM_TO.search(rest)) is not None:
        return match[1].strip(), match[2].strip()
    if (match := _NOT_BUT.search(rest)) is not None:
        return match[2].strip(), match[1].strip()
    if (match := _INSTEAD.search(rest)) is not None:
        old = _INSTEAD_OF.search(rest)
        return (old[1].strip() if old else None), match[1].strip()
    return None, None
