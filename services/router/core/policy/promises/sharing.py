"""Reading who else is involved: what the controller calls itself, who gets data, and where it lies."""

# A pattern is read as one line a case; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from services.router.core.policy.model import PromiseKind
from services.router.core.policy.promises import rights_words, words
from services.router.core.policy.promises.contacts import postal
from services.router.core.policy.promises.recipients import received
from services.router.core.policy.promises.recipients import recipient as _recipient
from services.router.core.policy.promises.sentence import Found, Sentence, cell_under, says

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
    r"(?i)\b(?:not|never|no)(?:[ ,]+(?:be|been|ever|in any (?:way|form)|otherwise|generally|knowingly|store|sell|rent|trade|lease|or|and))*[ ,]+(?:shar|disclos|pass(?!w)|transfer|provide|given to)"
    r"|\b(?:nicht|keine|pas|ni|rien|non|né|niet|nooit|nie|não|nunca|nu|inte|aldrig|nem|no)\b(?-i:[^.,;A-ZÀ-Þ|•]{0,40})(?:weiter|partag|communiq|divulg|transmis(?!sion)|cédé|comparti|cede|cedi|condivi|comunic|transmit(?!t)|deel|delen|verstrek|udostępn|przekaz|powierz|ujawni|partilh|dezvălu|lämna|dela|utlämn|átad|továbbít)"
    r"|\bne(?:tiek|tiks)\b[^.]{0,40}(?:nodo|izpau|sniegt)|\bne(?:nodo|izpau|sniedz)\w*"
    r"|\b(?:weitergabe|weiterleitung|übermittlung (?=[^.]{0,40}\ban\b))[^.]{0,60}(?:erfolgt|findet|wird)[^.]{0,20}\bnicht\b|\bgeben [^.]{0,80}\bnicht\b[^.]{0,30}\bweiter\b"
)
_ANYBODY: Final = r"\b(?:any\w*|no.?one|nobody|third|others?|outside|else|dritte\w*|niemand\w*|tiers|terceros|terzi|derden|trzeci\w*|terceiros|terț\w*)\b"
"""Whom a denial is about: without such a word it denies one kind of recipient, not sharing as such."""
_NOBODY_ELSE: Final = r"\bno(?:[- ]?one|body) else (?:gets|receives|sees|has|will|does|knows)|\b(?:tell|show|give|pass|share)\w* (?:it |them |this |your data )?(?:on )?(?:to |with )?no(?:[- ]?one|body) else"
_THIRD_FIRMS: Final = r"\bthird part|\bdritte\b|\btiers\b(?! pays)|a terceros|a terzi|aan derden|osob\w* trzeci|stron\w* trzeci|a terceiros|către terți|tredje part|trešaj\w+ person|harmadik fél"
_EXCEPT: Final = r"(?:without|ohne|sans|sin|senza|zonder|bez|sem|fără|utan) (?:\w+ ){0,3}(?:consent|permission|einwilligung|zustimmung|accord|consentement|consentimiento|consenso|toestemming|zgody|consentimento|acord|consimț|samtycke)|\b(?:to others|an andere|à d.autres|ad altri|aan anderen|a otros|a outros|innym|altora|till andra)\b|except|unless|other than|aside from|außer|sauf|salvo|tranne|behalve|chyba"


def sharing(sentence: Sentence) -> Iterator[Found]:
    """Read whether data is sold, and who receives it."""
    text = sentence.text
    denied = bool(words.NOT.search(text))
    if says(_NOBODY_ELSE, text):
        yield PromiseKind.RECIPIENT, {"shares": False, "except": "named cases"}, 0.7
    if says(r"(?:tell|ask|direct|instruct) us not to|do not sell (?:or share )?my", text):
        return  # what a person may forbid is no promise yet
    if words.SELL.search(text) and says(_WHAT, sentence.clause):
        denied = denied or says("(?:restricted|prohibited|forbidden|barred) from", text)
        yield PromiseKind.SALE, {"sells": not denied}, 0.85 if denied else 0.6
        if says(r"except when[^.]{0,40}law", text):
            yield PromiseKind.RECIPIENT, {"category": "authorities"}, 0.6
        return
    if denied and words.TRANSFER.search(text) and not says(_THIRD_FIRMS, text):
        return
    if re.match(r"(?i)\W*no[- ]?(?:one|body)\b", text) and words.SHARE.search(sentence.heading):
        yield PromiseKind.RECIPIENT, {"shares": False}, 0.8
        return
    if denied and words.SHARE.search(text) and _NOT_SHARED.search(text):
        but = {"except": "named cases"} if says(_EXCEPT, text) else {}
        only = {} if says(_ANYBODY, text) else {"category": _recipient(text)}
        yield PromiseKind.RECIPIENT, {"shares": False, **but, **{name: of for name, of in only.items() if of}}, 0.7
        return
    yield from received(sentence)


_LOCATED: Final = r"^\W*(?:location|country|hosting (?:location|region)|place of (?:processing|storage)|where|standort|sitz|land|serverstandort|pays|lieu|localisation|país|ubicación|paese|luogo|locatie|kraj|lokalizacja|localização|țara|locație|ország|valsts|plats)\W*$"
_ALLOWED_ONLY: Final = r"\bonly\b|\bnur\b|unless|solely|uniquement|solo\b|alleen|tylko|apenas|numai|except"


def whereabouts(sentence: Sentence) -> Iterator[Found]:
    """Read whether data leaves its place, and which place that is."""
    text = sentence.text
    if words.TRANSFER.search(text) or says(r"never transfer your [\w ]{0,20}data to any other", text):
        denied = bool(words.NOT.search(text)) and not says(_ALLOWED_ONLY, text)
        denied = denied or says(r"undertakes not to transfer|never transfer", text)
        yield PromiseKind.TRANSFER, {"allowed": not denied}, 0.65
    elif (where := cell_under(_LOCATED, sentence)) and where[0].isupper():
        yield PromiseKind.STORAGE_PLACE, {"place": where}, 0.6
    if (place := words.STORED_IN.search(text)) and not rights_words.AUTHORITY.search(text):
        yield PromiseKind.STORAGE_PLACE, {"place": place["place"].strip(" ,")}, 0.6
