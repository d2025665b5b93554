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
    ("br-lgpd", r"LGPD|Lei Geral de Proteção de Dados"),
    ("google-limited-use", r"Google API Services User Data Policy"),
)
_NAMED: Final = re.compile("|".join(pattern for _, pattern in _LAWS))
_ENTITY: Final = re.compile(
    r"(?P<entity>[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][\w&.’'-]*,?\s+(?:(?:[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][\w&.’'-]*,?|&|de|du|des|la|les|et|del|von|van)\s+){0,5}?(?:Ltd\.?|Limited|GmbH(?: & Co\. KG)?|AG|eG|SRL|S\.R\.L\.|S\.r\.l\.|SARL|SAS|S\.A\.(?:S\.)?|Inc\.?|LLC|B\.V\.|BV|V\.O\.F\.|VOF|e\.\s?V\.|KG|[Ss]p\. z o\.o\.|S\.L\.|Lda\.?|AB|Oy|ApS|Kft\.?|Zrt\.?|Nyrt\.?|GbR|OHG|UG|e\.\s?K\.|Ltda\.?|Pty|S\.p\.A\.|S\.c\.|d\.o\.o\.|s\.r\.o\.|S\.A|SIA|PLC|plc)|SIA [\x22“„«]?[A-ZĀČĒĢĪĶĻŅŠŪŽ][\w’'-]+(?: [A-ZĀČĒĢĪĶĻŅŠŪŽ][\w’'-]+){0,3}[\x22”“»]?|(?:SARL|SAS|Stichting|Fundacja|Asociación) [A-ZÀ-ÖØ-Þ][\w’'-]+(?:(?: de| du| des| la)? [A-ZÀ-ÖØ-Þ][\w’'-]+){0,4})(?!\w)"
)
_FORM: Final = re.compile(
    r"(?<=\s)(?:Ltd|Limited|GmbH|AG|eG|SRL|S\.|SARL|SAS|Inc|LLC|B\.V|BV|V\.O|VOF|e\.|KG|[Ss]p\.|Lda|AB|Oy|ApS|Kft|Zrt|Nyrt|GbR|OHG|UG|Ltda|Pty|d\.o|s\.r|SIA|PLC|plc)"
    r"|\bSIA|SARL|SAS|Stichting|Fundacja|Asociación"
)
"""The forms of a company that a name ends or begins with: seldom there, and quickly looked for."""
_ABOUT: Final = re.compile(
    r"(?i)registered|operat|provid|controller|©|copyright|verantwortlich|responsable|titolare|administrator|address|located|we are|anschrift|siège|siedzib|company|personuppgiftsansvarig|adatkezel|pārzin|identidad|operator|responsável|controlador|verwerk|ansvarar|quien trata|responsible for"
)
_VAT: Final = re.compile(
    r"(?:VAT|NIP|USt-?Id\w*|P\. ?IVA|NIF|TVA|CUI|BTW)\W{0,3}(?:ID|[Nn]o\.?|nr)?\W{0,3}(?P<number>[A-Z]{0,2}\d[\dA-Z./-]{6,14})"
)
_REGISTERED: Final = re.compile(
    r"(?:Registration|[Cc]ompany (?:no\.?|number)|HRB|KvK|SIREN|KRS)\W{1,3}(?P<number>[A-Z]?\d[\d/.-]{3,16})"
)


_IS_CALLED: Final = re.compile(
    r"(?i:controller(?: of [^,.:]{0,60})?(?: is|:)|verantwortlich\w*\b[^.:]{0,80}(?: ist|:)|responsable du traitement\b[^.:]{0,40}(?: est|:)|responsable(?: del tratamiento\b[^.:]{0,30})?(?: es|:)|identidad:|titolare del trattamento\b[^.:]{0,20}(?: è|:)|verwerkingsverantwoordelijke\b[^.:]{0,40}(?: is|:)|administrator\w*\b[^.:]{0,50}(?: jest|:)|controlador(?: dos dados)?(?: é|:)|responsável pelo tratamento\b[^.:]{0,30}(?: é|:)|operator\w* (?:de date|datelor)\b[^.:]{0,30}(?: este|:)|pārzin\w*(?: ir|:)|personuppgiftsansvarig\b[^.:]{0,40}(?: är|:)|dane (?:osobowe )?przetwarza|adatkezelő(?: neve)?(?:,|:| az?\b))"
    r"\W{0,6}(?i:the |die |der |das |la société |l.association |la |le |de |het |el |il |lo |o |a |az )?(?P<entity>(?:[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ]|SIA [\"“„])[^,;:|(\n*]{2,80})"
)
_IS_CONTROLLER: Final = re.compile(
    r"^\W*(?:\d[\d.]*\s+)?(?i:the |la société |l.association |het |de |la |le |el |il |o |a |die |der )?(?P<entity>[A-ZÀ-ÖØ-ÞĄĆĘŁŃŚŹŻĂȘȚŠŽČŘĚŐŰ][^.;:()]{2,70}?)(?:,[^;:]{0,160}?|\s\([^)]{0,80}\))?,?\s(?i:is the (?:data )?controller|acts? as (?:the )?(?:data )?controller|est (?:le )?responsable du traitement|détermine les finalités|ist (?:der |die )?verantwortliche?\b|is verantwoordelijk voor de verwerk|is (?:de )?verwerkingsverantwoordelijke|är personuppgiftsansvarig|ansvarar för (?:behandlingen|dina)|is responsible for (?:the|your) (?:personal )?(?:information|data|processing)|es quien trata|è (?:il )?titolare|es (?:el )?responsable del|é (?:a entidade |o )?responsável pel)"
)
_NO_ENTITY: Final = re.compile(
    r"(?i)^(?:we|wir|nous|noi|wij|vi|this|it|who|if|for|in|für|your?|ihr\w*|sie|our|controller|the controller)\b"
)
_ENTITY_END: Final = re.compile(
    r"\s(?i:z siedzibą|con sede|com sede|avec|dont|with|located|based|situé|prowadząc|mit sitz|gevestigd|med säte|reģ|CNPJ|CIF|P\.IVA|, |au capital|registered|i |och |en \d).*$|\.\s.*$"
)


def _called(text: str) -> str | None:
    """Return the name that a sentence gives the controller, where no company's form tells it."""
    match = _IS_CALLED.search(text) or _IS_CONTROLLER.search(text)
    if match is None:
        return None
    name = _ENTITY_END.sub("", match["entity"]).strip(" ,.*")
    return name if len(name) > 2 and not _NO_ENTITY.match(name) and len(name.split()) <= _NAME_WORDS_MAX else None


_NAME_WORDS_MAX: Final = 12


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
    elif match is None and words.CONTROLLER.search(text) and (name := _called(text)):
        yield PromiseKind.IDENTITY, {"entity": name}, 0.5
    for name, pattern in (("vat", _VAT), ("registration", _REGISTERED)):
        if number := pattern.search(text):
            yield PromiseKind.IDENTITY, {name: number["number"]}, 0.7
