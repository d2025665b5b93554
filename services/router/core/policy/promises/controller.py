"""Reading who answers: the legal entity, its numbers, and the laws it names."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.router.core.policy.model import PromiseKind
from services.router.core.policy.promises import words
from services.router.core.policy.promises.contacts import postal
from services.router.core.policy.promises.sentence import Found, Sentence

_LAWS: Final = (
    (
        "eu-gdpr",
        r"GDPR|General Data Protection Regulation|DSGVO|Datenschutz-Grundverordnung|RGPD|2016/679|RODO|\bAVG\b",
    ),
    ("uk-gdpr", r"UK GDPR|Data Protection Act 2018"),
    ("us-ccpa", r"CCPA|CPRA|California Consumer Privacy"),
    ("us-caloppa", r"CalOPPA"),
    ("ch-fadp", r"FADP|nDSG|revDSG|\bnLPD\b|Swiss Federal (?:Act on )?Data Protection"),
    ("br-lgpd", r"LGPD"),
    ("google-limited-use", r"Google API Services User Data Policy"),
)
_NAMED: Final = re.compile("|".join(pattern for _, pattern in _LAWS))
_ENTITY: Final = re.compile(
    r"(?P<entity>[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][\w&.’'-]*,?\s+(?:(?:[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][\w&.’'-]*,?|&|de|du|des|la|les|et|del|von|van)\s+){0,5}?(?:Ltd\.?|Limited|GmbH(?: & Co\. KG)?|AG|eG|SRL|S\.R\.L\.|S\.r\.l\.|SARL|SAS|S\.A\.(?:S\.)?|Inc\.?|LLC|B\.V\.|BV|e\.\s?V\.|KG|[Ss]p\. z o\.o\.|S\.L\.|Lda\.?|AB|Oy|ApS|Kft\.?|SIA|PLC|plc)|(?:SARL|SAS|Stichting|Fundacja|Asociación) [A-ZÀ-ÖØ-Þ][\w’'-]+(?:(?: de| du| des| la)? [A-ZÀ-ÖØ-Þ][\w’'-]+){0,4})(?!\w)"
)
_FORM: Final = re.compile(
    r"(?<=\s)(?:Ltd|Limited|GmbH|AG|eG|SRL|S\.|SARL|SAS|Inc|LLC|B\.V|BV|e\.|KG|[Ss]p\.|Lda|AB|Oy|ApS|Kft|SIA|PLC|plc)"
    r"|SARL|SAS|Stichting|Fundacja|Asociación"
)
"""The forms of a company that a name ends or begins with: seldom there, and quickly looked for."""
_ABOUT: Final = re.compile(
    r"(?i)registered|operat|provid|controller|©|copyright|verantwortlich|responsable|titolare|administrator|address|located|we are|anschrift|siège|siedzib|company"
)
_VAT: Final = re.compile(
    r"(?:VAT|NIP|USt-?Id\w*|P\. ?IVA|NIF|TVA|CUI|BTW)\W{0,3}(?:ID|[Nn]o\.?|nr)?\W{0,3}(?P<number>[A-Z]{0,2}\d[\dA-Z./-]{6,14})"
)
_REGISTERED: Final = re.compile(
    r"(?:Registration|[Cc]ompany (?:no\.?|number)|HRB|KvK|SIREN|KRS)\W{1,3}(?P<number>[A-Z]?\d[\d/.-]{3,16})"
)


def identity(sentence: Sentence) -> Iterator[Found]:
    """Read the controller's legal entity, its numbers, and the laws that the policy names."""
    text = sentence.text
    if _NAMED.search(text):
        laws = tuple(name for name, pattern in _LAWS if re.search(pattern, text))
        laws = tuple(name for name in laws if name != "eu-gdpr" or len(laws) == 1 or "uk-gdpr" not in laws)
        yield PromiseKind.LAW, {"laws": laws}, 0.8
    match = _ENTITY.search(text) if _FORM.search(text) else None
    if (
        match
        and not words.SHARE.search(text)
        and (_ABOUT.search(text) or postal(text))
        and not words.RECIPIENT_MARK.search(text)
    ):
        yield PromiseKind.IDENTITY, {"entity": match["entity"].strip(" ,")}, 0.6
    for name, pattern in (("vat", _VAT), ("registration", _REGISTERED)):
        if number := pattern.search(text):
            yield PromiseKind.IDENTITY, {name: number["number"]}, 0.7
