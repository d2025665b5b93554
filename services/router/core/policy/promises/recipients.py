"""Reading who receives data: in a sentence, in a list under a heading that asks for it, in a table's column."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from services.router.core.policy.model import ClauseKind, PromiseKind
from services.router.core.policy.promises import rights_words, words
from services.router.core.policy.promises.needles import may_match
from services.router.core.policy.promises.sentence import Found, Sentence, cell_under, says, says_above

_RECEIVES: Final = re.compile(
    r"(?i)\b(?:receives? (?:your|the|them|it)|(?:are|is) (?:handled|processed|hosted|sent|operated|kept) (?:by|through|via)|(?<=[a-z] )sends? (?:our|your|out)|collected (?:through|by|via)\b|\bengages\b|pass [\w ]{1,40}? (?:on )?to|(?:we|also) use (?:a |an |the )?[A-Z\u00c0-\u00de]|we use a third-party|we employ (?:a |an )?third|release (?:your |the )?(?:information|data)|(?:goes|published|passed?|given|sent) (?:to|on|in) |go to |go on |enables us|assist us in|engaged by us|network \(CDN\)|erhalten\b|übermittelt an|transmis(?:es)? à|przekazujemy|przekazywane|comunicamos|comunichiamo|versturen|skickas till|nosūt|\bbetraut\b|melden wir|stellt\b[^.]{0,30}bereit|destinées? (?:à|aux)|\bhosten\b|gehostet (?:bei|von)|ontvangt|\bstaat bij\b|\bkrijgt\b|odbiorcami|przekazujemy|powierzamy|is seen by)"
)


_ASKS_WHO: Final = r"who we (?:pass|tell|share)|pass it (?:on )?to|avec qui|vem ser|aan wie|a quem|con quién|con chi|mit wem|who (?:receives|gets|else|sees|do we|has access)|whom|\bshar(?:e|ing)\b|disclos|an wen|weitergabe|wer (?:bekommt|erhält|sieht)|qui (?:y )?(?:a|ont) accès|à qui|partage|communication (?:des|de vos)|comunicazion|a chi\b|condivision|a quién|cesion|met wie|^\W*(?:[\d.]+\W+)?delen\b|delen wij|komu|powierz|compartilh|partilha|com quem|cui |către cine|vem får|delar vi|lämnar vi|kam mēs|kinek|kivel|címzett|saņēmēj|mottagare"
"""A heading under which a plain sentence says who receives data, whatever its verb."""
_RECEIVERS: Final = r"\brecipients?\b|who (?:receives|gets|else)|whom we|sub-?processors?|empfänger|destinataires|destinatari|ontvangers|odbiorc|destinatár|destinatar|saņēmēj|mottagare|címzett"


_GRANTS: Final = r"rights? to|recht auf|das recht|le droit|el derecho|il diritto|het recht|prawo"


_LABELLED: Final = re.compile(
    r"(?i)\W*(?:\d+[.)]\s*)?(?:our |unsere |nos )?(?:sub-?processors?|recipients?|empfänger|unterauftragsverarbeiter|destinataires|sous-traitants|destinatari|ontvangers|odbiorcy)\s*:\s*(?=\S)"
)


_LEADING: Final = re.compile(
    r"\W*(?P<name>[A-Z][\w’&]*[A-Z]\w*|[A-ZÀ-Þ][\w’-]+(?=(?:,| and| en| et| y| und| e| i| och) [A-ZÀ-Þ])|[A-Z][\w’-]+(?= (?:encaisse|gère|héberge|handles|helps|hosts|delivers|verzorgt|regelt|gestisce)))"
)
"""A firm that begins its sentence: "PostNL en Mollie ontvangen …", "HMRC will see …"."""
_FIRM: Final = re.compile(r"\b(?:AG|GmbH|Inc|SE|KG|Ltd|LLC|eG|SAS|BV|Limited)\W*$")


def received(sentence: Sentence) -> Iterator[Found]:
    """Read who receives data."""
    text = sentence.text
    if label := _LABELLED.match(text):
        named = tuple(part.split("(")[0].strip(" .") for part in text[label.end() :].split(","))
        names = tuple(name for name in named if 2 < len(name) <= 60 and name[0].isupper())[:12]
        yield (
            PromiseKind.RECIPIENT,
            {"category": recipient(text) or "named", **({"names": names} if names else {})},
            0.7,
        )
        return
    listed = sentence.kind in (ClauseKind.ITEM, ClauseKind.LIST, ClauseKind.ROW) or text.lstrip().startswith("·")
    if listed and says_above(_RECEIVERS, sentence.heading):
        named = _listed_names(text)
        yield (
            PromiseKind.RECIPIENT,
            {"category": recipient(text) or "named", **({"names": named} if named else {})},
            0.6,
        )
        return
    if column := cell_under(_RECEIVERS, sentence):
        names = _listed_names(column)
        yield (
            PromiseKind.RECIPIENT,
            {"category": recipient(text) or "named", **({"names": names} if names else {})},
            0.6,
        )
        return
    shares = bool(words.SHARE.search(text))
    # "Royal Mail gets your address", "Uw huisarts krijgt een verslag": under such a heading any verb will do.
    asked = says_above(_ASKS_WHO, sentence.heading) and not words.NOT.search(text) and not words.TRANSFER.search(text)
    shares = shares or asked
    receives = may_match(_RECEIVES.pattern, text) and bool(_RECEIVES.search(text))
    if (
        (not shares and not receives)
        or text.rstrip().endswith("?")
        or says_above(_GRANTS, sentence.lead)
        or (rights_words.AUTHORITY.search(text) and rights_words.COMPLAIN.search(text))
        or says(
            r"\blinks? to (?:other|third)|you (?:will be taken|click)|right to|you have asked|(?:notices?|letters?|correspondence|questions?) (?:\w+ ){0,4}(?:sent|addressed) to|your request|your rights? (?:and|or) interests|loss by reason|\bgo to (?:your|the|my|settings|account)\b|unauthori[sz]ed disclosure|privacy practices",
            text,
        )
    ):
        return
    category, names = recipient(text), _names(text)
    lead = _LEADING.match(text) if asked and not says(_GERMAN, text) else None
    if lead and lead["name"].lower() not in _NO_NAMES:
        names = (lead["name"], *names)
    if not category or (category == "third parties" and not shares):
        category = "named" if names and receives and not shares else category if shares else None
    if category == "third parties" and words.TRANSFER.search(text):
        category = None  # "third countries" are nobody
    if not category and shares:
        marked = tuple(name for name in names if _FIRM.search(name))
        names = names if asked and not says(_GERMAN, text) else marked or _told(text)
        category = "named" if names else None
    if category:
        value: dict[str, Any] = {"category": category, **({"names": names} if names else {})}
        yield PromiseKind.RECIPIENT, value, 0.6


_TOLD_TO: Final = re.compile(
    r"\b(?:to|with|by|an|bei|à|aux|avec|par|a|al|con|aan|met|bij|do|com|ao|către|till|med|hos)\s+(?:(?:the|our|der|die|den|dem|la|le|les|l.|el|il|lo|de|het|o)\s+)?(?P<name>[A-ZÀ-ÖØ-Þ][\w’'&-]*(?:\s+(?:&\s+)?[A-ZÀ-ÖØ-Þ][\w’'&-]*){1,4}|[A-Z]{3,6}\b)"
)
_GIVEN_TO: Final = re.compile(
    r"\b(?:shared?|disclosed?|pass(?:ed)?(?: on)?|given|provided?|transferred|sent|transmitted|supplied|reported)\b(?: [\w’' ]{0,40}?)? (?:to|with) (?:the |our )?(?P<name>[A-Z][\w’'&-]*(?:\s+(?:&\s+)?[A-Z][\w’'&-]*){1,4}|[A-Z]{3,6}\b)"
)
_ENGLISH: Final = r"\b(?:the|we|our|to)\b"
_NO_BODIES: Final = frozenset(
    [
        "act",
        "agreement",
        "track",
        "network",
        "networks",
        "site",
        "sites",
        "directive",
        "regulation",
        "ssl",
        "tls",
        "hipaa",
    ]
)
_GERMAN: Final = r"\b(?:wir|ihre|und|der|die)\b"


def _is_body(words_of: set[str]) -> bool:
    return not words_of <= _NO_NAMES and words_of.isdisjoint(_NO_BODIES)


def _told(text: str) -> tuple[str, ...]:
    """Return names of two words or capitals that stand behind "to", "with", "an": bodies that are no firms."""
    if says(_GERMAN, text):
        return ()
    told = _GIVEN_TO if says(_ENGLISH, text) else _TOLD_TO
    found = [match["name"] for match in told.finditer(text)]
    kept = [name for name in found if _is_body({word.lower() for word in name.split()})]
    return tuple(dict.fromkeys(kept))[:8]


_RECIPIENTS: Final = (
    (
        "authorities",
        r"law enforcement|authorit(?:y|ies)\b|court\b|government|comply with the law|behörde|gericht|autorités?|autoridades|autorità|overheid|organ\w+ państw|required (?:to do so )?by law|subpoena|gesetzliche bestimmungen|police\b|polic[ií]a|polizei|politie|policj|polícia|tax (?:office|authorit)|revenue|finanzamt|steueramt|belastingdienst|agenzia delle entrate|hacienda|autoridade tributária|urz[ąę]d skarbow|regulators?\b|councils?\b|home office|\bayuntamiento|diputación|behörden|overheidsinstant|myndighet|hatóság|iestād|autorități|narodowy fundusz|ministerstw|ministry|minister[io]|krankenkasse|\bHMRC\b|\bIRS\b",
    ),
    (
        "payment processors",
        r"payment|credit card|zahlung|paiement|pago|pagament|betaal|płatno|pl[aă][tț][iăa]|procesator\w* de pl|meios de pagamento|card processor|\bbanks?\b|\bbankām|\bbanc[ae]\b|\bbanken\b|betalning|maksāj|fizet",
    ),
    ("advertising partners", r"advertis|adsense|retarget|marketing partner|werbe|publicit|reklam"),
    ("analytics", r"analytics|tracking service|statisti"),
    ("affiliates", r"affiliate|subsidiar|group compan|konzern|filiale|grupo|gruppo"),
    ("successors", r"merger|acquisition|sale of (?:our|the) (?:business|assets)|bankruptcy|fusion|übernahme"),
    (
        "service providers",
        r"service provider|subcontract|sub-?processor|supplier|vendor|partner|hosting|delivery network|customer service platform|support widget|dienstleist|auftragsverarbeit|rechenzentr|prestataire|sous-traitant|hébergeur|proveedor|fornitor|dienstverlen|leverancier|usługodawc|dostawc|fornecedor|prestador|provedor|furnizor|cloud|nuvem|leverantör|pakalpojumu sniedz|szolgáltató|podwykonawc|responsabili esterni|host(?:ed|ing)?\b|hosten",
    ),
    (
        "carriers",
        r"couriers?\b|carriers?\b|shipping|delivery (?:compan|firm|service)|transporteur|versanddienst|paketdienst|spedition|vervoerder|corrier|transportista|kurier|futár|kurjer|curierat|transportadora|royal mail|dhl\b|postnl|postnord|inpost|colissimo|koerier|versand|budfirm|fraktbolag",
    ),
    ("credit agencies", r"credit (?:reference|bureau|agenc|rating)|schufa|auskunftei"),
    (
        "insurers",
        r"insurers?\b|insurance compan|versicher(?:er|ung)|assureur|asegurador|assicura|segurador|ubezpiecz|asigur|zorgverzekeraar|verzekeraar|försäkring|apdrošin|biztosító",
    ),
    (
        "advisers",
        r"accountants?\b|auditors?\b|solicitors?\b|lawyers?\b|steuerberat|rechtsanw|expert-comptable|avocat|commercialist|księgow|rachunkow|contabilist|\bcontabil(?:ul)?\b|boekhoud|accountant|consulenti|gestor[ií]a|asesor|bokföringsbyrå|redovisningsbyrå|könyvelő|grāmatved|buchführung|steuerbüro|comptable",
    ),
    ("distributors", r"distributors?\b|resellers?\b|dealers?\b|franchise|händler|revendeur"),
    ("healthcare", r"\bGP\b|hospitals?\b|practitioner|huisarts|krankenhaus|hausarzt|ärzte\b"),
    ("laboratories", r"laborator|labor\b|labore"),
    ("travel companies", r"airlines?|hotels?\b|hoteles|compañías aéreas|fluggesellschaft|compagnies aériennes"),
    ("employers", r"employers?\b|arbeitgeber|employeurs?"),
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
        "ssl",
        "tls",
        "export",
        "eiropas",
        "savienības",
        "commission's",
        "europejski",
        "union's",
    ]
)


def recipient(text: str) -> str | None:
    """Return the kind of recipient a text names first, if any."""
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
