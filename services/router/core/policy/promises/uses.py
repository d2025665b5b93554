"""Reading what is collected, what for, on which ground, and by which means: cookies, children, security, changes."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from services.router.core.policy.model import ClauseKind, PromiseKind
from services.router.core.policy.promises import rights_words, uses_words, words
from services.router.core.policy.promises.durations import durations
from services.router.core.policy.promises.sentence import (
    Found,
    Sentence,
    cell_under,
    rights_in,
    says,
    says_above,
    with_rights,
)

_USING: Final = r"\b(?:nodig|benötig|gespeichert|nécessaire|necesari|necessari|potrzebuj|precisa|behöv|nepieciešam|szükség)|\bneed(?=s? (?:your|this|that|these|it|them|the)\b)|\b(?:use|used|using|process|processed|collect|verwend|verarbeit|nutz|utilis|trait|utiliz|trat|usa|uso|gebruik|verwerk|wykorzyst|przetwarz|utiliz|folos|prelucr|använd|behandl|apstrād|izmanto|kezel|felhaszn|servent|destin)\w*"
_OF_OTHERS: Final = r"^\W*(?:\d+\.\s*)?(?:if you|should you|you (?:have|can|may)|they |this includes|in general|the data protection law|please|without)|you are considered|have any questions|your rights|we do not have another legal"
_PURPOSE_ABOVE: Final = r"what gives us|à quoi|what for|how (?:and why )?(?:do )?we use|what [\w ]{0,30}use [\w ]{0,20}for|purposes?\b|\bwhy\b|wofür|zweck|finalit|pourquoi|finalidad|para qué|doel|waarom|waarvoor|w jakim celu|po co|\bcel(?:e|u|ach|em|ów)?\b|scopu|finalità|scopo|perché|para que\b|wozu|ändamål|varför|nolūk|mērķ|kāpēc|\bcél|miért"
_LABELLED: Final = r"^\W*(?:purposes?|zwecke?|finalités?|finalidad(?:es)?|finalità|doele?i?n?d?e?n?|cel(?:e)?|scop(?:ul|uri)?|ändamål|finalidades?|nolūk\w*|cél\w*)\s*:\s*\S"
_PURPOSE_WORDS_MIN: Final = 4
_ONLY_PURPOSE: Final = r"^\W*(?:[\d.§]+\W*)?(?:why|what for|purposes?|zwecke?|wozu|wofür|pourquoi|à quoi (?:cela|ça) sert|finalités?|para qué|finalidad(?:es)?|perché|finalità|waarom|waarvoor|doelen|doeleinden|po co|cele?|cel przetwarzania|para quê|scopuri|varför|ändamål|kāpēc|nolūki|miért)\W*$"
"""Headings that ask for nothing but purposes: each sentence below names one."""
_HANDLING: Final = r"we (?:generally |will |may |also )*(?:respond|contact|send|notify|inform)|to (?:allow|help|follow up|quickly|send|contact)|we do this to|will only use"


_GRANTS: Final = r"\b(?:your|individual|data subject) rights\b|\bihre rechte\b|vos droits|sus derechos|seus direitos|drepturil|rättigheter|you (?:may|can) object|\b(?:you|everyone|individuals?|residents?)\b[^.]{0,20}\bright\b|right to|haben sie [^.]{0,30}recht|sie haben [^.]{0,30}recht|ihnen steh|droits?\b|derecho|diritt|recht (?:op|om)\b|uw rechten|praw[oa] (?:do|żądania|wniesienia|dostęp)|direito|dreptul|du har rätt|tiesīb|jogosult|joga van"
"""What grants a right: consent or interests named in it are what the right is about, not a ground."""


def _grants(sentence: Sentence) -> bool:
    text = sentence.text
    named = rights_in(text)
    if says_above(_GRANTS, sentence.above):
        return bool(named)
    return bool(named) and (says(_GRANTS, text) or "consent_withdrawal" in named)


def purposes(sentence: Sentence) -> Iterator[Found]:
    """Read what data is used for, and on which legal ground."""
    text = sentence.text
    bases = tuple(name for name, pattern in uses_words.BASES.items() if pattern.search(text))
    grounded = bool(
        bases and (uses_words.BASIS_MARK.search(sentence.around) or says(r"requires your consent|optional and", text))
    )
    explained = says("do not have another legal|your legal rights|each of these", text)
    granting = _grants(sentence) and not says(
        r"legal bas|lawful bas|rechtsgrundlage|base (?:légale|legal|giuridica|jurídica)", text
    )
    if grounded and not explained and not granting:
        yield PromiseKind.LEGAL_BASIS, {"bases": bases}, 0.8
    if granting or words.NOT.search(text[:60]) or says(_OF_OTHERS, text) or says(r"cookies are|small text", text):
        return
    above = says_above(_PURPOSE_ABOVE, sentence.above)
    labelled = says(_LABELLED, text)
    listed = sentence.kind in (ClauseKind.ITEM, ClauseKind.ROW, ClauseKind.LIST) and above
    stated = (
        uses_words.PURPOSE.search(text)
        and says(_USING, sentence.around)
        and not says(r"^\W*(?:to this end|the principal)\b.*:$", text)
    )
    handled = above and says(_HANDLING, text)
    titled = says_above(_ONLY_PURPOSE, sentence.heading) and len(text.split()) >= _PURPOSE_WORDS_MIN
    if listed or stated or titled or labelled or handled or (grounded and above):
        yield PromiseKind.PURPOSE, {"purpose": _cell(sentence)[:160], **({"bases": bases} if bases else {})}, 0.55


def _cell(sentence: Sentence) -> str:
    """Return the cell under the header that names the purpose, else the whole sentence."""
    return cell_under(_PURPOSE_ABOVE, sentence) or sentence.text


_CATEGORIES: Final = (
    (
        "names",
        r"\bnames?\b|vorname|nachname|personalien|\bnoms?\b|prénom|nombre|\bnomes?\b|cognome|naam|imi[ęo]|nazwisk|\bnumele|\bnume\b|vārdu?\b|uzvārd|\bnamn\b|\bnév|anagrafic|identificativ|identificação",
    ),
    ("email addresses", r"e-?mail|adresse électronique|courriel|correo electr|e-?post|e-?past"),
    (
        "postal addresses",
        r"(?:postal|mailing|street|home|billing|delivery) address|(?<!mail )(?<!IP )(?<!e-mail-)\baddress(?:es)?\b|anschrift|(?<!mail-)(?<!IP-)\badresse(?! électronique)|dirección|indirizz|adres(?:em|u)?\b|endereço|morada\b|adres[aăi]\b|\badress|lakcím|woonplaats|recapiti|domicil",
    ),
    (
        "telephone numbers",
        r"(?:tele)?phone (?:number|no)|\bphone\b(?! call)|telefon|téléphone|teléfono|telefoon|tālru|telemóvel",
    ),
    ("IP addresses", r"\bIP\b"),
    (
        "payment details",
        r"payment|credit card|card details|bank details|zahlungs|paiement|pago|betaal|bankverbindung|\bIBAN\b|bancaire|bancari|cartão|carte bancaire|pagament|rekening|płatnic|betalning|maksā|económic|cotisation|bank account",
    ),
    ("location", r"location|gps|standort|localisation|ubicación|locatie"),
    (
        "usage",
        r"log(?:s| files?| information|-in data)|browser type|browsing data|browsing patterns|behaviour|usage|statistic|nutzungs|navigation|navega|navigazione|dati di utilizzo|log-?files?|logfiles|browsertyp|betriebssystem|serveranfrage|historique|köphistorik|features used|pages viewed|open rates|device (?:id|identifiers?|fingerprint|type|information)\b",
    ),
    (
        "special categories",
        r"sensitive|racial|health|medical|biometric|gesundheit|santé|allerg|salud|salute|gezondheid|zdrow|sanitari|saúde|sănăt|veselīb|hälso|egészség|disabilit|prescription|test results|klachten|behandel(?:ing|verslag)|especialmente protegid|besondere\w* kategor|BSN|\bCPF\b|PESEL|\bSSN\b|social security|\bPPS",
    ),
    (
        "birth dates",
        r"birth|geburts|naissance|nacimiento|nascita|geboorte|urodzeni|nașter|dzimšan|födelse|születés|nascimento",
    ),
    ("identity documents", r"\bID (?:card|data)|passport|ausweis|legitimationsdaten|identifiers"),
    ("applications", r"\bCVs?\b|résumé|cover letter|bewerbungsunterlagen|lebenslauf|curr[ií]cul|candidature"),
    (
        "contact details",
        r"contact (?:information|details|data)|kontaktdaten|coordonnées|contactgegevens|datos de contacto|dane kontaktowe|contacto\b|kontaktuppgift",
    ),
)
_TAKES: Final = r"\b(?:we (?:also )?ask (?:for|you)|(?:we|staff) (?:also |then )?(?:write|note|take) down|dazu (?:gehören|zählen)|asks? (?:visitors|you)|asked to (?:enter|provide)|sends? to us|is recorded|are recorded|is encrypted into|find out the identit|nutzen wir|relevante daten|gewinnen)\b"
_ITEM_WORDS_MAX: Final = 30
_KINDS_MIN: Final = 3
"""Who names three kinds of data in a row speaks of what is collected, whatever the verb."""
_AND: Final = re.compile(r"\b(?:and|und|et|e|y|en|i|oraz|și|och|és|un)\b")
_COMMAS_MIN: Final = 2
"""An enumeration: "name, marks and attendance" under a heading that asks which data."""
_NOT_TAKEN: Final = r"\b(?:not|never|nicht|keine\w*|ne|aucune?|jamais|no|non|niet|geen|nie|não|nu|inte|nem)\b[^.|]{0,50}(?:collect|gather|store|see\b|ask for|stock|armazen|guarda|trata|demand|speicher|bewar|przechow|lagra|glabā|tárol|erheb|recueill|recog|raccogl|verzamel|zbiera|recolh|colect|is sent|attempt to find|hold sensitive)"
_SHOWN_USE: Final = r"^\W*(?:to |the cookies|cookies are|\(\d\)|as the creator)|is used to|which emails|are used|we use|track|you agree|for the requirements"


_KINDS_ABOVE: Final = r"the information we|what we (?:log|take|note|store|keep on)|(?:what|which|welche|quelles?|qué|quais|vilka|welke|jakie|milyen)\b[^.]{0,30}\b(?:data|information|daten|données|informations|datos|dados|uppgifter|gegevens|dane|adat\w*)\b[^.]{0,30}|vad vi registrerar|qué guardamos|ce que nous (?:récolt|collect|recueill)|was wir (?:erheben|speichern)|what (?:personal )?(?:data|information)|what (?:do )?we (?:collect|hold|process|gather|know|have)|(?:data|information) (?:that )?(?:do )?we (?:collect|hold|process|gather)|(?:data|information) (?:collected|held)|categor(?:y|ies) of (?:personal )?(?:data|information)|data (?:categories|types)|welche (?:personenbezogenen |ihrer )?daten|datenarten|datenkategorien|kategorien|quelles données|(?:données|informations) (?:collectées|traitées|recueillies)|catégories|categorie di dati|tipologi\w+ di dati|dati (?:raccolti|trattati)|qué datos|categorías|datos que|welke (?:persoons)?gegevens|^\W*(?:[\d.]+\W+)?(?:gegevens|données|daten|dati|datos|dados|data)\W*$|soorten|jakie dane|kategori\w+ danych|zakres danych|que dados|quais dados|dados (?:que|recolhidos|coletados)|categorias|ce date|categorii|datele (?:prelucrate|colectate)|kādus datus|datu kategorij|vilka (?:person)?uppgifter|kategorier|milyen adat|kezelt adatok|adatok köre|server-log|logfiles|log files"
"""A heading or a column that asks which data: what stands under it is collected, whatever the verb."""


def _names_many(sentence: Sentence) -> bool:
    """Return whether a sentence names several kinds of data and denies, grants or shares none of them."""
    text = sentence.text
    if "," not in text or not says(_CATEGORIES[0][1], text) or words.NOT.search(text):
        return False
    said = sum(says(pattern, text) for _, pattern in _CATEGORIES)
    return said >= _KINDS_MIN and not _grants(sentence) and not words.SHARE.search(text)


def categories(sentence: Sentence) -> Iterator[Found]:
    """Read which data is collected, and which is not."""
    text = sentence.text
    if (cell := cell_under(_KINDS_ABOVE, sentence)) and not says(r"\bNO\W*$", text):
        kinds = tuple(name for name, pattern in _CATEGORIES if says(pattern, cell))
        yield PromiseKind.DATA_CATEGORY, {"items": kinds, "category": cell[:120], "collected": True}, 0.65
        return
    taken = says(_TAKES, text)
    asked = says_above(_KINDS_ABOVE, sentence.above)
    collects = taken or asked or words.COLLECT.search(sentence.around)
    many = not collects and _names_many(sentence)
    if not (collects or many):
        return
    if not asked and rights_words.IDENTITY_PROOF.search(text):
        return  # papers shown to have a request answered are not collected
    refused = re.search(_NOT_TAKEN, text, re.IGNORECASE)
    told = text[refused.start() :] if refused else text
    items = tuple(name for name, pattern in _CATEGORIES if says(pattern, told))
    row_no = sentence.kind is ClauseKind.ROW and says(r"\bNO\W*$", text)
    denied = row_no or refused is not None
    if denied and not (asked or words.COLLECT.search(text) or row_no or taken or says("is sent", text)):
        return
    if not denied and not asked and not many and not words.COLLECT.search(text) and says(_SHOWN_USE, text):
        return
    if says("children|kinder|enfants", text) and not items:
        return
    listed = (
        asked
        and (sentence.kind is ClauseKind.ITEM or text.count(",") + len(_AND.findall(text)) >= _COMMAS_MIN)
        and len(text.split()) <= _ITEM_WORDS_MAX
        and not durations(text)
        and not says(r"\b(?:the|this|these|your) (?:personal )?(?:information|data)\b|procedures|purposes", text)
    )
    if items or denied or listed or says(r"\bwe collect[^.]{0,40}when you", text):
        named = {} if items or denied else {"category": text.strip(" •·*-;.,")[:120]}
        yield PromiseKind.DATA_CATEGORY, {"items": items, **named, "collected": not denied}, 0.65


_BROWSER: Final = r"setting|set your|disable|refuse|block|turn off|warn you|cookies? (?:settings|control)|einstell|paramètr|configur|impostaz|instelling|ustawie|opt[- ]out|preferences for how"
_DEFINES: Final = r"cookies are (?:small|text|pieces|files)|cookies sind|sont de petits|find out more about cookies|table below|mehr über cookies|some features of the"


_NO_COOKIES: Final = r"\bnot (?:use|set|place|store) (?:any )?cookies(?! (?:for|to|that|which|on|in)\b)|\b(?:no|without) cookies(?! (?:for|to|that|which)\b)|keine cookies|(?:pas de|aucun) cookies?|geen cookies|nie (?:używa|stosuje)\w* (?:plików )?cookie|(?:no|ninguna?) (?:usamos |utilizamos )?cookies?|nessun cookie|non (?:usiamo|utilizziamo) cookie"


def cookies(sentence: Sentence) -> Iterator[Found]:
    """Read which cookies and beacons are used, and how to do without."""
    text = sentence.text
    near = words.COOKIE.search(text) or (words.COOKIE.search(sentence.around) and sentence.kind is ClauseKind.ROW)
    if not near and not (words.COOKIE.search(sentence.heading) or words.COOKIE.search(sentence.clause)):
        return
    controls = says(r"browser|navigat|przeglądar|opt[- ]out|ad settings", text) and says(_BROWSER, text)
    if not (near or controls):
        return
    if says(_DEFINES, text) and not controls:
        return
    value: dict[str, Any] = {"used": not says(_NO_COOKIES, text)}
    if controls:
        value["control"] = "browser settings"
    if sentence.kind is ClauseKind.ROW:
        value["name"] = text.strip(" |").split(" ", 1)[0]
    yield PromiseKind.COOKIE, value, 0.7


def children(sentence: Sentence) -> Iterator[Found]:
    """Read from which age on somebody may use a service."""
    text = sentence.text
    age = words.AGE.search(text)
    if not words.CHILDREN.search(text) or not age:
        return
    years = int(age.group())
    if says("knowingly|wissentlich|sciemment|a sabiendas|świadomie", text):
        yield PromiseKind.CHILDREN, {"age": years, "not_knowingly_under": years}, 0.8
    elif says(
        r"years of age (?:or|and) (?:over|older)|at least|mindestens|au moins|intended for|przeznaczon|\bab \d\d jahr|ab dem vollendeten|vollendet|from the age|aged \d\d (?:and|or) (?:over|above|older)|over \d\d years|plus de \d\d|mayores de|powyżej|ukończy|ont plus de|au moins \d\d|peste \d\d|över \d\d|betöltött",
        text,
    ):
        yield PromiseKind.CHILDREN, {"age": years, "age_min": years}, 0.8
    else:
        yield PromiseKind.CHILDREN, {"age": years}, 0.8


_OURS: Final = r"\b(?:we|our|la présente|presente|prezent\w+|la politique|the (?:policy|notice|statement)|this|wir|diese|nous|cette|nos|questa|deze|my|esta|această|any|changes?|updates?|zmianach|niniejsz\w+|poinformujemy|vi|mēs)\b"
_POSTED: Final = r"post(?:ed|ing)?\b|publish|this page|website|check|veröffentlich|publi|seite|site|stronie|página|pagin|sidan|lapā|oldal|kijk op|honlap"


def policy_change(sentence: Sentence) -> Iterator[Found]:
    """Read how people learn of a new version of the policy."""
    text = sentence.text
    about = words.CHANGE.search(text) and says(_OURS, text)
    below = says_above(
        r"\bchang|\bupdates? (?:to|of)\b|policy updates|änderung|aktualisierung|modific|mises? à jour|cambio|wijzig|zmian|alteraç|mudança|atualizaç|ändring|izmaiņ|grozīj|módosít|változás|schimbăr|actualiz",
        sentence.heading,
    ) and says(
        r"new version|notify|inform(?!ation)|announce|e-?mail|post the|on this (?:page|site)|last revised|neue fassung|nouvelle version|mise à jour|publi|bekannt|veröffentlich|avis(?:ar|erons)|anun[cț]|ogłos|powiad|poinform|közzé|tájékoztat|paziņo|meddela|kijk op|\bpagin|página|strona|sidan|lapā",
        text,
    )
    if not (about or below) or says(r"with respect to the change", text):
        return
    none = says(
        r"without (?:prior )?notice|ohne (?:vorherige )?ankündigung|sans préavis|sin previo aviso|senza preavviso|zonder (?:voorafgaande )?(?:aankondiging|kennisgeving)|bez uprzedzenia|sem aviso prévio|fără notificare",
        text,
    )
    mail = says(r"\be-?mail(?!s are| address)|users of our|courriel|e-?post\b|correo electr|e-?past", text)
    posted = says(_POSTED, text) or says(
        r"check (?:this|the|our|back)|(?:visit|review) this page|this page (?:from time|regular|period)",
        sentence.clause,
    )
    notice = "none" if none else "email" if mail else "posted" if posted else "unspecified"
    times = durations(text)
    ahead = (
        times[0].value()
        if times
        and says(
            "advance|before|least|wcześniej|wyprzedz|vorher|avant|antes|prima|vooraf|antecedência|înainte|innan|iepriekš|előtt|ahead",
            text,
        )
        else {}
    )
    yield PromiseKind.POLICY_CHANGE, {"notice": notice, **ahead}, 0.7


_NOTIFIES: Final = r"\b(?:(?:we|mailigen|company)(?:['’]ll| will| shall| undertakes to)|wir werden|nous vous|we (?:also )?(?:promise|undertake) to)\b[^.]{0,60}\b(?:notify|inform\b|tell|let you know|email you|make it clear|send you an e-?mail|benachrichtigen|informieren|informons)"


_DUTY: Final = r"\byou are responsible\b|\byou (?:confirm|warrant|undertake|agree not)\b[^.]{0,40}(?:right|author|not)|\bsollten? keine|\byou must\b|conferimento\b[^.]{0,90}obbligatori|podanie danych\b[^.]{0,60}(?:obowiązkow|wymog|konieczn|dobrowoln)|(?:angabe|bereitstellung)\b[^.]{0,70}(?:vorgeschrieben|verpflichtend|erforderlich)|provision of\b[^.]{0,50}(?:mandatory|a statutory|compulsory)|fourniture\b[^.]{0,60}obligatoire|obligaci[oó]n de facilitar|verstrekken\b[^.]{0,50}verplicht"


_DUTY_WORDS: Final = (
    "responsible",
    "confirm",
    "warrant",
    "undertake",
    "agree not",
    "sollte",
    "must",
    "conferimento",
    "podanie",
    "angabe",
    "bereitstellung",
    "provision",
    "fourniture",
    "facilitar",
    "verstrekken",
)


def duties(sentence: Sentence) -> Iterator[Found]:
    """Read what the person, or a customer, must do."""
    if any(word in sentence.text.lower() for word in _DUTY_WORDS) and says(_DUTY, sentence.text):
        yield PromiseKind.DUTY, {"who": "person", "duty": sentence.text[:160]}, 0.6


def others(sentence: Sentence) -> Iterator[Found]:
    """Read measures of security, and what else people are told of."""
    text = sentence.text
    if (
        words.SECURITY.search(text)
        or says(r"remain(?:s)? confidential|guaranteed to be (?:100|completely)|vertraulich behandelt", text)
    ) and not says("licen[cs]e keys", text):
        yield PromiseKind.SECURITY, {"measure": text[:160]}, 0.6
    if says(_NOTIFIES, text) and not words.BREACH.search(text) and not words.CHANGE.search(text):
        yield PromiseKind.NOTIFICATION, with_rights({"event": "unspecified"}, rights_in(text)), 0.5
