"""Addresses as published: mail addresses plain or hidden from robots, telephone numbers, pages, postal lines."""

# A pattern is read as one line a concept; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_AT = r"\s?(?:@|[(\[{<](?:at|@|arobase|arroba|chiocciola|małpa|apestaartje|chez|ät)[)\]}>]|\sat\s(?=[\w-]+\s?(?:[\[(]dot|\sdot\s)))\s?"
_DOT = r"\s?(?:\.|[(\[{<](?:dot|punkt|point|punto|ponto|kropka|punt|\.)[)\]}>]|\sdot\s)\s?"
_MAIL: Final = re.compile(
    rf"(?<![\w.@/])(?P<local>[a-zA-Z0-9][\w.+-]{{0,62}}){_AT}(?P<domain>[a-zA-Z0-9-]{{1,63}}(?:{_DOT}[a-zA-Z0-9-]{{1,63}}){{0,3}}{_DOT}[a-zA-Z]{{2,24}})\b",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(
    r"(?<![\w/.-])(?:\(?(?:\+|00)\d{1,3}\)?|\(?0\d{2,5}\)?(?:\s?/(?=\s?\d))?|0\d(?=(?:[ .\xa0]\d\d){4})|(?<=tel )|(?<=tel\. )|(?<=tel: )|(?<=tālr\. )|(?<=tlf )|(?<=efono: )|(?<=efone: )|(?<=telefon: )|(?<=telefon )|(?<=Telefon: )|(?<=phone )|(?<=phone: )|(?<=Phone: )|(?<=Tel\. )|(?<=Tel: )|1-(?=\d{3}-)|\(\d{3}\)(?=\s\d{3}-\d{4})|(?=\d{3}-\d{3}-\d{4}))[\d\s().\xa0-]{5,18}\d(?![\w/-])"
)
_PAGE: Final = re.compile(
    r"(?<![\w@])(?:https?://[^\s<>()\"'\]]{4,300}|www\.[\w-]+(?:\.[\w-]+)+(?:/[^\s<>()\"'\]]{0,200})?)"
)
_POSTAL: Final = re.compile(
    r"\d{1,4}\w?,? (?:[A-Z][\w.'-]+ ){1,4}(?:Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Square|Boulevard|Blvd|Way|Court|Place)\b"
    r"|[A-ZÄÖÜ][\w.äöüß-]*(?:straße|strasse|str\.|weg|platz|allee|gasse) \d"
    r"|\d{1,4}(?: ?bis| ?ter)?,? (?:rue|avenue|boulevard|place|chemin|allée|quai) [\w'’]|(?:Impasse|Chemin|Rue|Route) [A-Z][\w-]+ \d"
    r"|(?:Calle|C/|Avenida|Via|Viale|Piazza|ul\.|Ulica|Rua|Strada|Str\.) [A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][^.]{2,40}\d|P\.?\s?O\.? Box \d"
    r"|\b[A-Z]{2}-\d{4}\b|\b[A-Z]{1,2}\d{1,2}[A-Z]? \d[A-Z]{2}\b|\b\d{5} [A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][a-zß-ž]+|[A-Z]\w+(?:straat|laan|plein|weg|gracht|kade|gatan|vägen|torget) \d|\b\d{3} \d{2} [A-ZÅÄÖ][a-zåäö]+|[A-ZĀČĒĢĪĶĻŅŠŪŽ]\w+ (?:iela|prospekts|bulvāris) \d|(?:utca|útja?|tér|körút) \d|(?:Plaza|Paseo|Praça|Largo|Av\.|Corso|Bd|B-dul|Bulevardul|Postbus|Str\.) [A-ZÀ-Þ\d][^.;]{0,40}\d|(?:Box|Postbus) \d{2,}"
)


_VERBS: Final = re.compile(
    r"\b(?:is|means|We are|ist|est|es|è|jest|at|by|par la|par|von|durch|siedzibą w \w+,|située? (?:au |à )?|sede (?:na|no|em|in|en|la)|domicilio en|sediul în|székhely:?|hosten|Nr\.? \d{6,}, |located|Adresse|Address|Anschrift)\b\s*:?\s*(?:the\b|das\b|die\b|der\b)?"
)
_STOPS: Final = re.compile(
    r"\.\s+[A-Z]|,? (?:or|oder|ou|o|of) (?:to|by|an|à|par|a|aan)\b|, (?:est|is|and|ist|NIP|VAT)\b| (?:is the|is your|ist (?:der|die|das)|est (?:le|la|responsable))\b|\s[\w.+-]+@|\s\("
)


@dataclass(frozen=True, slots=True)
class Contact:
    """One way to reach somebody: its address in the form a program can use, and as it was published."""

    channel: str
    address: str
    published: str
    start: int
    end: int


def contacts(text: str) -> list[Contact]:
    """Return the mail addresses, telephone numbers and pages a text names."""
    folded = text.lower()
    hidden = any(mark in folded for mark in ("@", "(", "[", "{", "<", " at "))
    found = [_mail(match) for match in _MAIL.finditer(text)] if hidden else []
    taken = [(contact.start, contact.end) for contact in found]
    for channel, pattern in (("phone", _PHONE), ("web", _PAGE)):
        if channel == "web" and "http" not in folded and "www." not in folded:
            continue
        for match in pattern.finditer(text):
            if any(match.start() < end and start < match.end() for start, end in taken):
                continue
            published = re.sub(r"\.[A-Z]\w*$", "", match.group().rstrip(".,;:"))
            if published.startswith("(") and ")" not in published:
                published = published[1:]
            if channel == "phone" and not 7 <= sum(map(str.isdigit, published)) <= 15:
                continue
            taken.append((match.start(), match.start() + len(published)))
            found.append(Contact(channel, published, published, match.start(), match.start() + len(published)))
    return sorted(found, key=lambda contact: contact.start)


def postal(text: str) -> str | None:
    """Return the lines around a street, a box or a postal code, if a text names one."""
    match = _POSTAL.search(text) if any(map(str.isdigit, text)) else None
    if match is None:
        return None
    begin = max(
        (
            text.rfind(mark, 0, match.start()) + len(mark)
            for mark in (": ", ". ", " or ", " to ")
            if mark in text[: match.start()]
        ),
        default=0,
    )
    closed = text.rfind("), ", begin, match.start())
    begin = closed + 3 if closed >= 0 and "(" not in text[begin:closed] else begin
    bracket = text.rfind("(", begin, match.start())
    if bracket >= 0 and ")" not in text[bracket : match.start()] and ")" in text[match.end() :]:
        text = text[: text.index(")", match.end())]
        begin = bracket + 1
    around = re.split(
        r"\s\|\s|\b(?:Tel|[Tt]él|[Pp]hone|[Tt]elephone|Telefon|Téléphone|Fax|E-?[Mm]ail|Website)\b",
        text[begin : match.end() + 80],
    )
    found = next((part for part in around if _POSTAL.search(part)), around[0])
    return re.sub(r"\[\^\w+\]", "", _without_verbs(found)).strip(" ,;:*_.")


def _without_verbs(found: str) -> str:
    """Return an address without the sentence around it: "our office is at 8 Mill Yard, Leeds" begins with its number."""
    match = _POSTAL.search(found)
    if match is None:
        return found
    lead = max((verb.end() for verb in _VERBS.finditer(found, 0, match.start())), default=0)
    stop = _STOPS.search(found, match.end())
    return found[lead : stop.start() if stop else len(found)]


def _mail(match: re.Match[str]) -> Contact:
    domain = re.sub(_DOT, ".", match["domain"], flags=re.IGNORECASE)
    return Contact("email", f"{match['local']}@{domain}".lower(), match.group(), match.start(), match.end())
