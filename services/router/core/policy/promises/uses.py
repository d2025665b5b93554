"""Reading what is collected, what for, on which ground, and by which means: cookies, children, security, changes."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from services.router.core.policy.model import ClauseKind, PromiseKind
from services.router.core.policy.promises import words
from services.router.core.policy.promises.durations import durations
from services.router.core.policy.promises.sentence import Found, Sentence, rights_in, says, says_above, with_rights

_USING: Final = r"\bneed(?=s? (?:your|this|that|these|it|them|the)\b)|\b(?:use|used|using|process|processed|collect|verwend|verarbeit|nutz|utilis|trait|utiliz|trat|usa|uso|gebruik|verwerk|wykorzyst|przetwarz|utiliz|folos|prelucr|använd|behandl|apstrād|izmanto|kezel|felhaszn|servent|destin)\w*"
_OF_OTHERS: Final = r"^\W*(?:\d+\.\s*)?(?:if you|should you|you (?:have|can|may)|they |this includes|in general|the data protection law|please|without)|you are considered|have any questions|your rights|we do not have another legal"
_PURPOSE_ABOVE: Final = r"how (?:and why )?(?:do )?we use|what [\w ]{0,30}use [\w ]{0,20}for|purposes?\b|\bwhy\b|wofür|zweck|finalit|pourquoi|finalidad|para qué|doel|waarom|waarvoor|w jakim celu|po co|\bcel(?:e|u|ach|em|ów)?\b|scopu|finalità|scopo|perché|para que\b|wozu|ändamål|varför|nolūk|mērķ|kāpēc|\bcél|miért"
_HANDLING: Final = r"we (?:generally |will |may |also )*(?:respond|contact|send|notify|inform)|to (?:allow|help|follow up|quickly|send|contact)|we do this to|will only use"


def purposes(sentence: Sentence) -> Iterator[Found]:
    """Read what data is used for, and on which legal ground."""
    text = sentence.text
    bases = tuple(name for name, pattern in words.BASES.items() if pattern.search(text))
    grounded = bool(
        bases and (words.BASIS_MARK.search(sentence.around) or says(r"requires your consent|optional and", text))
    )
    explained = says("do not have another legal|your legal rights|each of these", text)
    if grounded and not explained:
        yield PromiseKind.LEGAL_BASIS, {"bases": bases}, 0.8
    if words.NOT.search(text[:60]) or says(_OF_OTHERS, text) or says(r"cookies are|small text", text):
        return
    above = says_above(_PURPOSE_ABOVE, sentence.above)
    listed = sentence.kind in (ClauseKind.ITEM, ClauseKind.ROW, ClauseKind.LIST) and above
    stated = (
        words.PURPOSE.search(text)
        and says(_USING, sentence.around)
        and not says(r"^\W*(?:to this end|the principal)\b.*:$", text)
    )
    handled = above and says(_HANDLING, text)
    if listed or stated or handled or (grounded and above):
        yield PromiseKind.PURPOSE, {"purpose": _cell(sentence)[:160], **({"bases": bases} if bases else {})}, 0.55


def _cell(sentence: Sentence) -> str:
    """Return the cell under the header that names the purpose, where the sentence is a row of such a table."""
    headers, cells = sentence.lead.split(" | "), re.split(r"\s*\|\s*", sentence.text)
    if sentence.kind is not ClauseKind.ROW or len(headers) < 2 or len(headers) > len(cells):
        return sentence.text
    at = next((at for at, header in enumerate(headers) if says_above(_PURPOSE_ABOVE, header)), None)
    return sentence.text if at is None else cells[at]


_CATEGORIES: Final = (
    ("names", r"\bnames?\b|vorname|nachname|personalien|\bnoms?\b|nombre|\bnome\b|naam|imi[ęo]"),
    ("email addresses", r"e-?mail|adresse électronique|courriel"),
    (
        "postal addresses",
        r"(?:postal|mailing|street|home|billing|delivery) address|(?<!mail )(?<!IP )(?<!e-mail-)\baddress(?:es)?\b|anschrift|(?<!mail-)(?<!IP-)\badresse(?! électronique)|dirección|indirizzo|adres dostawy",
    ),
    ("telephone numbers", r"(?:tele)?phone (?:number|no)|\bphone\b(?! call)|telefon|téléphone|teléfono|telefoon"),
    ("IP addresses", r"\bIP\b"),
    ("payment details", r"payment|credit card|card details|bank details|zahlungs|paiement|pago|betaal"),
    ("location", r"location|gps|standort|localisation|ubicación|locatie"),
    (
        "usage",
        r"log(?:s| files?| information|-in data)|browser type|browsing data|browsing patterns|behaviour|usage|statistic|nutzungs|navigation",
    ),
    (
        "special categories",
        r"sensitive|racial|health|medical|biometric|gesundheit|santé|allerg|salud|salute|gezondheid|zdrow",
    ),
    ("birth dates", r"birth|geburts|naissance|nacimiento|nascita|geboorte|urodzeni"),
    ("identity documents", r"\bID (?:card|data)|passport|ausweis|legitimationsdaten|identifiers"),
    ("contact details", r"contact (?:information|details|data)"),
)
_TAKES: Final = r"\b(?:we (?:also )?ask (?:for|you)|(?:we|staff) (?:also |then )?(?:write|note|take) down|dazu (?:gehören|zählen)|asks? (?:visitors|you)|asked to (?:enter|provide)|sends? to us|is recorded|are recorded|is encrypted into|find out the identit|nutzen wir|relevante daten|gewinnen)\b"
_NOT_TAKEN: Final = r"\b(?:not|never|nicht|keine\w*|ne|no|non|niet|geen|nie|não|nu)\b[^.|]{0,50}(?:collect|gather|erheb|recueill|recog|raccogl|verzamel|zbiera|recolh|colect|is sent|attempt to find|hold sensitive)"
_SHOWN_USE: Final = r"^\W*(?:to |the cookies|cookies are|\(\d\)|as the creator)|is used to|which emails|are used|we use|track|you agree|for the requirements"


def categories(sentence: Sentence) -> Iterator[Found]:
    """Read which data is collected, and which is not."""
    text = sentence.text
    taken = says(_TAKES, text)
    if not (words.COLLECT.search(sentence.around) or taken):
        return
    items = tuple(name for name, pattern in _CATEGORIES if says(pattern, text))
    row_no = sentence.kind is ClauseKind.ROW and says(r"\bNO\W*$", text)
    denied = row_no or says(_NOT_TAKEN, text)
    if denied and not (words.COLLECT.search(text) or row_no or taken or says("is sent", text)):
        return
    if not denied and not words.COLLECT.search(text) and says(_SHOWN_USE, text):
        return
    if says("children|kinder|enfants", text) and not items:
        return
    if items or denied or says(r"\bwe collect[^.]{0,40}when you", text):
        yield PromiseKind.DATA_CATEGORY, {"items": items, "collected": not denied}, 0.65


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
        r"years of age (?:or|and) (?:over|older)|at least|mindestens|au moins|intended for|przeznaczon|\bab \d\d jahr|ab dem vollendeten|vollendet|from the age|aged \d\d (?:and|or) (?:over|above|older)|over \d\d years|plus de \d\d|mayores de|powyżej|ukończy",
        text,
    ):
        yield PromiseKind.CHILDREN, {"age": years, "age_min": years}, 0.8
    else:
        yield PromiseKind.CHILDREN, {"age": years}, 0.8


_OURS: Final = r"\b(?:we|our|this|wir|diese|nous|cette|nos|questa|deze|my|esta|această|any|changes?|updates?|zmianach|niniejsz\w+|poinformujemy|vi|mēs)\b"
_POSTED: Final = r"post(?:ed|ing)?\b|publish|this page|website|check|veröffentlich|publi|seite|site|stronie|página"


def policy_change(sentence: Sentence) -> Iterator[Found]:
    """Read how people learn of a new version of the policy."""
    text = sentence.text
    about = words.CHANGE.search(text) and says(_OURS, text)
    below = says_above(r"\bchang|änderung|modification|cambio|wijzig|zmian", sentence.heading) and says(
        r"new version|notify|inform(?!ation)|e-?mail|post the|neue fassung|nouvelle version", text
    )
    if not (about or below) or says(r"with respect to the change", text):
        return
    none = says(
        r"without (?:prior )?notice|ohne (?:vorherige )?ankündigung|sans préavis|sin previo aviso|senza preavviso", text
    )
    mail = says(r"\be-?mail(?!s are| address)|users of our", text)
    posted = says(_POSTED, text) or says(
        r"check (?:this|the|our|back)|(?:visit|review) this page|this page (?:from time|regular|period)",
        sentence.clause,
    )
    notice = "none" if none else "email" if mail else "posted" if posted else "unspecified"
    times = durations(text)
    ahead = times[0].value() if times and says("advance|before|least|wcześniej|vorher|avant", text) else {}
    yield PromiseKind.POLICY_CHANGE, {"notice": notice, **ahead}, 0.7


_NOTIFIES: Final = r"\b(?:(?:we|mailigen|company)(?:['’]ll| will| shall| undertakes to)|wir werden|nous vous|we (?:also )?(?:promise|undertake) to)\b[^.]{0,60}\b(?:notify|inform\b|tell|let you know|email you|make it clear|send you an e-?mail|benachrichtigen|informieren|informons)"


_DUTY: Final = r"\byou are responsible\b|\byou (?:confirm|warrant|undertake|agree not)\b[^.]{0,40}(?:right|author|not)|\bsollten? keine|\byou must\b"


_DUTY_WORDS: Final = ("responsible", "confirm", "warrant", "undertake", "agree not", "sollte", "must")


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
