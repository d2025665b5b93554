"""What a time of keeping is about: "invoices are kept for six years" says nothing about an account.

A promise that was read automatically holds the time and not always the thing. Its own words name it: before the verb in
"invoices are kept", after it in "we keep invoices for", before the colon in "Invoices: six years".
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from services.router.core.policy.answers.words import fold, stems, words
from services.router.core.policy.model import Promise

SUBJECT_CHARACTERS_MAX: Final = 60

_KEEPS: Final = (
    r"keep|kept|retain(?:ed)?|store[ds]?|hold|held|archived?|deleted?|erased?|destroy(?:ed)?|removed?|purged?|"
    r"speicher\w*|gespeichert|bewahr\w*|aufbewahrt|gelöscht|lösch\w*|conserv\w*|stock\w*|supprim\w*|"
    r"guard\w*|almacen\w*|elimin\w*|conservat\w*|bewa\w+|verwijder\w*|przechow\w*|usuwa\w*|"
    r"păstr\w*|șter\w*|glabā\w*|dzēs\w*|lagra\w*|sparas?|raderas?|megőriz\w*|törö\w*"
)
_IS: Final = (
    r"are|is|will be|must be|have to be|has to be|may be|shall be|can be|werden|wird|sont|est|seront|son|es|se|"
    r"vengono|sono|worden|wordt|są|jest|são|é|sunt|este|tiek|är|lagras"
)
_NAMED: Final = (
    re.compile(
        rf"(?i)^\W*(?P<what>[^.;:]{{2,{SUBJECT_CHARACTERS_MAX}}}?)\s+(?:{_IS})\s+(?:\w+\s+){{0,3}}?(?:{_KEEPS})\b"
    ),
    re.compile(
        rf"(?i)\b(?:we|wir|nous|noi|wij|my|nós|vi)\b\s+(?:\w+\s+){{0,2}}?(?:{_KEEPS})\s+"
        rf"(?P<what>[^.;:,]{{2,{SUBJECT_CHARACTERS_MAX}}}?)\s+"
        r"(?:for|until|within|no later|no longer|up to|after|as long|so long|at least|only|für|bis|während|pendant|"
        r"jusqu|durante|por|per|fino|gedurende|tot|przez|do|timp|în|līdz|i)\b"
    ),
    re.compile(rf"^\W*(?P<what>[^.;:]{{2,{SUBJECT_CHARACTERS_MAX}}}):\s"),
)
_GENERAL: Final = frozenset(
    stems(
        words(
            "your my our the all any such this these that it they them we you personal data information details "
            "identifiable record records other and or of about which collected some user users customer customers "
            "from in on archives systems databases servers held stored"
        )
    )
    + fold(
        "ihre deine unsere alle die das der den diese daten personenbezogene personenbezogenen angaben informationen "
        "sie vos les des nous donnees personnelles informations caractere personnel a ces elles vous sus los las datos "
        "personales la informacion estos i dati personali suoi tuoi le informazioni questi de uw je gegevens "
        "persoonsgegevens deze panstwa dane osobowe os seus dados pessoais datele dumneavoastra personale dvs "
        "jusu personas dati era dina personuppgifter uppgifter az on szemelyes adatait adatokat adatait"
    ).split()
)
"""Words for the person's data as such: a time for them is a time for everything."""


def subject_of(promise: Promise) -> str:
    """Return what a time of keeping is about, in the policy's own words; nothing where it is about all data."""
    named = promise.value.get("what")
    if named:
        return ", ".join(map(str, named)) if isinstance(named, tuple) else str(named)
    if promise.confirmed:
        return ""  # whoever confirmed it would have named the thing
    quote = " ".join(promise.quote.split())
    for pattern in _NAMED:
        found = pattern.search(quote)
        if found is not None:
            what = found["what"].strip(" ,*_|-")
            return "" if is_general(what) else what
    return ""


def is_general(what: str) -> bool:
    """Return whether words stand for personal data as such."""
    spoken = words(what)
    return all(word in _GENERAL or stem in _GENERAL for word, stem in zip(spoken, stems(spoken), strict=True))


def names_it(question: Sequence[str], subject: str) -> bool:
    """Return whether a question, by its stems, asks about a thing."""
    return not _GENERAL.issuperset(own := set(stems(words(subject)))) and not own.isdisjoint(set(question) - _GENERAL)
