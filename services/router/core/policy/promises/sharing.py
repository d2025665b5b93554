"""Reading who else is involved: what the controller calls itself, who gets data, and where it lies."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from services.router.core.policy.model import ClauseKind, PromiseKind
from services.router.core.policy.promises import rights_words, words
from services.router.core.policy.promises.contacts import postal
from services.router.core.policy.promises.needles import may_match
from services.router.core.policy.promises.sentence import Found, Sentence, says, says_above

_ACTS_AS: Final = re.compile(
    r"(?i)\bact(?:s|ing)?\b[^.]{0,20}\bas (?:only )?(?:an? |the |your )?(?:data )?processor|(?:we|mailer|company|\b[A-Z]\w+) (?:is|are) (?:only |solely |merely |acting )*(?:as )?(?:only )?(?:an? |the |your )(?:data )?processor"
    r"|(?:identity|details|name) of the (?:data )?processor|als auftragsverarbeiter|en (?:tant que|qualité de) sous-traitant|como encargad\w+|(?:in qualità di|come) responsabil\w+ del trattamento|als verwerker|jako podmiot przetwarzający|como subcontratante|persoană împuternicită"
)
_FOR_US: Final = re.compile(
    r"(?i)\b(?:für uns|in unserem auftrag|on our behalf|for us|pour notre compte|por cuenta nuestra|per nostro conto|namens ons|w naszym imieniu|em nosso nome|our (?:data )?processor)\b"
)


def role(sentence: Sentence) -> Iterator[Found]:
    """Read what the controller calls itself; a processor that works for it is a recipient, not a role."""
    text = sentence.text
    ours = says(r"\bwe (?:are|act)\b", text) or not says(r"\byou are\b", text)
    titled = words.CONTROLLER.search(sentence.heading) and postal(text)
    if (
        (words.CONTROLLER.search(text) or titled)
        and ours
        and not says(r"controllers and (?:data )?processors|you are considered", text)
    ):
        yield PromiseKind.ROLE, {"role": "controller"}, 0.7
    for place in (text, sentence.heading):
        if words.PROCESSOR.search(place) and _ACTS_AS.search(place) and not _FOR_US.search(place):
            own = re.search(r"(?i)identity and contact|our (?:web)?site", place + text) and "behalf" not in text
            yield PromiseKind.ROLE, {"role": "processor", **({"scope": "own collection"} if own else {})}, 0.6
            return


_WHAT: Final = r"data|information|lists|details|daten|données|datos|dati|gegevens|dan[ey]|dados|uppgift|adat"
_NOT_SHARED: Final = re.compile(
    r"(?i)\b(?:not|never|nicht|keine|pas|no|non|niet|nie|não|nu)\b[^.A-Z|•]{0,50}(?:shar|disclos|pass|transfer|provide|weiter|partag|communiq|divulg|comparti|cede|condivi|comunic|deel|delen|verstrek|udostępn|partilh|dezvălu)"
    r"|\b(?:weitergabe|weiterleitung|übermittlung (?=[^.]{0,40}\ban\b))[^.]{0,60}(?:erfolgt|findet|wird)[^.]{0,20}\bnicht\b|\bgeben [^.]{0,80}\bnicht\b[^.]{0,30}\bweiter\b"
)
_ANYBODY: Final = r"\b(?:any\w*|no.?one|nobody|third|others?|outside|else|dritte\w*|niemand\w*|tiers|terceros|terzi|derden|trzeci\w*|terceiros|terț\w*)\b"
"""Whom a denial is about: without such a word it denies one kind of recipient, not sharing as such."""
_NOBODY_ELSE: Final = r"\bno(?:[- ]?one|body) else (?:gets|receives|sees|has|will)|\b(?:tell|show|give|pass|share)\w* (?:it |them |this |your data )?(?:on )?(?:to |with )?no(?:[- ]?one|body) else"
_EXCEPT: Final = r"except|unless|other than|aside from|außer|sauf|salvo|tranne|behalve|chyba"


def sharing(sentence: Sentence) -> Iterator[Found]:
    """Read whether data is sold, and who receives it."""
    text = sentence.text
    denied = bool(words.NOT.search(text))
    if says(_NOBODY_ELSE, text):
        yield PromiseKind.RECIPIENT, {"shares": False, "except": "named cases"}, 0.7
    if words.SELL.search(text) and says(_WHAT, sentence.clause):
        yield PromiseKind.SALE, {"sells": not denied}, 0.85 if denied else 0.6
        if says(r"except when[^.]{0,40}law", text):
            yield PromiseKind.RECIPIENT, {"category": "authorities"}, 0.6
        return
    if re.match(r"(?i)\W*no[- ]?(?:one|body)\b", text) and words.SHARE.search(sentence.heading):
        yield PromiseKind.RECIPIENT, {"shares": False}, 0.8
        return
    if denied and words.SHARE.search(text) and _NOT_SHARED.search(text):
        but = {"except": "named cases"} if says(_EXCEPT, text) else {}
        only = {} if says(_ANYBODY, text) else {"category": _recipient(text)}
        yield PromiseKind.RECIPIENT, {"shares": False, **but, **{name: of for name, of in only.items() if of}}, 0.7
        return
    yield from _received(sentence)


_RECEIVES: Final = re.compile(
    r"(?i)\b(?:receives? (?:your|the|them|it)|(?:are|is) (?:handled|processed|hosted|sent|operated|kept) (?:by|through|via)|(?<=[a-z] )sends? (?:our|your|out)|collected (?:through|by|via)\b|\bengages\b|pass [\w ]{1,40}? (?:on )?to|(?:we|also) use (?:a |an |the )?[A-Z\u00c0-\u00de]|we use a third-party|we employ (?:a |an )?third|release (?:your |the )?(?:information|data)|(?:goes|published|passed?|given|sent) (?:to|on|in) |go to |go on |enables us|assist us in|engaged by us|network \(CDN\)|erhalten\b|übermittelt an|transmis(?:es)? à|przekazujemy|przekazywane|comunicamos|comunichiamo|versturen|skickas till|nosūt)"
)


_RECEIVERS: Final = r"\brecipients?\b|who (?:receives|gets|else)|whom we|sub-?processors|empfänger|destinataires|destinatari|ontvangers|odbiorc|destinatár|destinatar"


_GRANTS: Final = r"rights? to|recht auf|das recht|le droit|el derecho|il diritto|het recht|prawo"


_LABELLED: Final = re.compile(
    r"(?i)\W*(?:\d+[.)]\s*)?(?:our |unsere |nos )?(?:sub-?processors?|recipients?|empfänger|unterauftragsverarbeiter|destinataires|sous-traitants|destinatari|ontvangers|odbiorcy)\s*:\s*(?=\S)"
)


_FIRM: Final = re.compile(r"\b(?:AG|GmbH|Inc|SE|KG|Ltd|LLC|eG|SAS|BV|Limited)\W*$")


def _received(sentence: Sentence) -> Iterator[Found]:
    text = sentence.text
    if label := _LABELLED.match(text):
        named = tuple(part.split("(")[0].strip(" .") for part in text[label.end() :].split(","))
        names = tuple(name for name in named if 2 < len(name) <= 60 and name[0].isupper())[:12]
        yield (
            PromiseKind.RECIPIENT,
            {"category": _recipient(text) or "named", **({"names": names} if names else {})},
            0.7,
        )
        return
    listed = sentence.kind in (ClauseKind.ITEM, ClauseKind.LIST, ClauseKind.ROW) or text.lstrip().startswith("·")
    if listed and says_above(_RECEIVERS, sentence.heading):
        named = _listed_names(text)
        yield (
            PromiseKind.RECIPIENT,
            {"category": _recipient(text) or "named", **({"names": named} if named else {})},
            0.6,
        )
        return
    shares = bool(words.SHARE.search(text))
    receives = may_match(_RECEIVES.pattern, text) and bool(_RECEIVES.search(text))
    if (
        (not shares and not receives)
        or says_above(_GRANTS, sentence.lead)
        or says(
            r"\blinks? to (?:other|third)|you (?:will be taken|click)|right to|you have asked|(?:notices?|letters?|correspondence|questions?) (?:\w+ ){0,4}(?:sent|addressed) to|your request|your rights? (?:and|or) interests|loss by reason|\bgo to (?:your|the|my|settings|account)\b|unauthori[sz]ed disclosure|privacy practices",
            text,
        )
    ):
        return
    category, names = _recipient(text), _names(text)
    if not category or (category == "third parties" and not shares):
        category = "named" if names and receives and not shares else category if shares else None
    if not category and shares:
        names = tuple(name for name in names if _FIRM.search(name))
        category = "named" if names else None
    if category:
        value: dict[str, Any] = {"category": category, **({"names": names} if names else {})}
        yield PromiseKind.RECIPIENT, value, 0.6


_RECIPIENTS: Final = (
    (
        "authorities",
        r"law enforcement|authorit(?:y|ies)\b|court\b|government|comply with the law|behörde|gericht|autorités?|autoridades|autorità|overheid|organ\w+ państw|required by law|gesetzliche bestimmungen",
    ),
    ("payment processors", r"payment|credit card|zahlung|paiement|pago|pagament|betaal|płatno|plat[ăa]"),
    ("advertising partners", r"advertis|adsense|retarget|marketing partner|werbe|publicit|reklam"),
    ("analytics", r"analytics|tracking service|statisti"),
    ("affiliates", r"affiliate|subsidiar|group compan|konzern|filiale|grupo|gruppo"),
    ("successors", r"merger|acquisition|sale of (?:our|the) (?:business|assets)|bankruptcy|fusion|übernahme"),
    (
        "service providers",
        r"service provider|subcontract|sub-?processor|supplier|vendor|partner|hosting|delivery network|customer service platform|support widget|dienstleist|auftragsverarbeit|rechenzentr|prestataire|sous-traitant|hébergeur|proveedor|fornitor|dienstverlen|leverancier|usługodawc|dostawc|kurier|fornecedor|prestador|furnizor",
    ),
    (
        "carriers",
        r"couriers?\b|carriers?\b|shipping|delivery (?:compan|firm|service)|transporteur|versanddienst|paketdienst|spedition|vervoerder|corrier|transportista",
    ),
    ("credit agencies", r"credit (?:reference|bureau|agenc|rating)|schufa|auskunftei"),
    ("insurers", r"insurers?\b|insurance compan|versicher(?:er|ung)|assureur|asegurador|assicura"),
    (
        "advisers",
        r"accountants?\b|auditors?\b|solicitors?\b|lawyers?\b|steuerberat|rechtsanw|expert-comptable|avocat|commercialist|księgow",
    ),
    ("distributors", r"distributors?\b|resellers?\b|dealers?\b|franchise|händler|revendeur"),
    ("employees", r"employees|staff\b|mitarbeiter|stellen"),
    ("third parties", r"third part|dritte|tiers|tercer|terz[ie]|derden|trzeci|terceir|terț"),
)
_NAME: Final = re.compile(
    r"(?<![.!?]\s)(?<!^)(?<![\w“\"])(?:[A-ZÀ-ÖØ-Þ][\w’'-]*[\w](?:\.[a-z]{2,8})?(?:\s(?:&\s)?(?:[A-ZÀ-ÖØ-Þ][\w’'-]+|AG|eG|Inc\.?|S\.A\.|Ltd\.?|GmbH)){0,3}(?:,?\s(?:Inc|Ltd|LLC)\.?)?)"
)
_NO_NAMES: Final = frozenset(
    [
        "we",
        "you",
        "our",
        "your",
        "the",
        "this",
        "these",
        "if",
        "in",
        "google's",
        "gdpr",
        "dsgvo",
        "rgpd",
        "eu",
        "eea",
        "ewr",
        "uk",
        "usa",
        "us",
        "united",
        "states",
        "european",
        "union",
        "ireland",
        "france",
        "germany",
        "switzerland",
        "daten",
        "data",
        "art",
        "abs",
        "personal",
        "information",
        "website",
        "software",
        "privacy",
        "policy",
        "services",
        "service",
        "terms",
        "sie",
        "ihre",
        "ihnen",
        "wir",
        "unsere",
        "bank",
        "kunden",
        "auskünfte",
        "stellen",
        "pflichten",
        "auftragsverarbeiter",
        "customs",
        "company",
        "customer",
        "party",
        "parties",
        "controller",
        "a",
        "an",
        "ip",
        "address",
        "account",
        "name",
        "email",
        "mac",
        "id",
        "ids",
        "csv",
        "xml",
        "json",
        "pdf",
        "xlsx",
        "markdown",
        "html",
        "settings",
        "export",
    ]
)


def _recipient(text: str) -> str | None:
    return next((name for name, pattern in _RECIPIENTS if says(rf"(?<!\w)(?:{pattern})", text)), None)


def _names(text: str) -> tuple[str, ...]:
    """Return the names of firms in a sentence; German writes every noun large, so only names with a mark count there."""
    place = words.STORED_IN.search(text)
    found = [match.group().strip() for match in _NAME.finditer(text)]
    found = [name for name in found if place is None or name not in place["place"]]
    kept = [name for name in found if not {word.lower() for word in name.split()} <= _NO_NAMES and len(name) > 2]
    if says(r"\b(?:wir|ihre|und|der|die)\b", text):
        kept = [name for name in kept if re.search(r"\b(?:AG|GmbH|Inc|SE|KG|Ltd|eG|SAS|SA)\b", name)]
    return tuple(dict.fromkeys(kept))[:8]


def _listed_names(text: str) -> tuple[str, ...]:
    """Return the names in a list of recipients: each item's first words, up to what is said of it."""
    items = [re.split(r"\s[–—-]\s|[,;:(|]", item)[0].strip(" ·•.") for item in re.split(r"•|·", text)]
    return tuple(dict.fromkeys(item for item in items if 2 < len(item) <= 60 and item[0].isupper()))[:12]


_ALLOWED_ONLY: Final = r"\bonly\b|\bnur\b|unless|solely|uniquement|solo\b|alleen|tylko|apenas|numai|except"


def whereabouts(sentence: Sentence) -> Iterator[Found]:
    """Read whether data leaves its place, and which place that is."""
    text = sentence.text
    if words.TRANSFER.search(text) or says(r"never transfer your [\w ]{0,20}data to any other", text):
        denied = bool(words.NOT.search(text)) and not says(_ALLOWED_ONLY, text)
        denied = denied or says(r"undertakes not to transfer|never transfer", text)
        yield PromiseKind.TRANSFER, {"allowed": not denied}, 0.65
    elif (place := words.STORED_IN.search(text)) and not rights_words.AUTHORITY.search(text):
        yield PromiseKind.STORAGE_PLACE, {"place": place["place"].strip(" ,")}, 0.6
