"""Times as people write them in policies: "within one month", "45 to 60 days", "innerhalb von vier Wochen"."""

# A pattern is read as one line a concept; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_UNITS: Final = {
    "hour": "hours? hrs? stunden? heures? horas? ore ora uren uur godzin\\w* timmar stund\\w* óra",
    "day": "days? tage?n? jours? d[ií]as? giorni giorno dagen dag dni dnia zile zi dagar dienas? dien\\w* nap(?:on|ja)?",
    "fortnight": "fortnights?",
    "week": "weeks? wochen? semaines? semanas? settiman[ae] weken week tygodni\\w* săptămâni veckor",
    "month": "months? monate?n?s? mois mes(?:es)? mesi mese maanden maand miesi[ąe]c\\w* m[eê]s(?:es)? lun[iăa] månad\\w* "
    "mēne[sš]\\w* hónap\\w*",
    "year": "years? jahren?s? ans? années? años? anni anno jaar jaren lata? lat anos? ani an år gad\\w* év\\w*",
}
_NUMBERS: Final = {
    1: "one an? einem? einer einen eine eines un une uno una een één jeden jednego um uma o",
    2: "two zwei deux dos due twee dwa dwóch dois duas două doi",
    3: "three drei trois tres tre drie trzy trzech três trei",
    4: "four vier quatre cuatro quattro cztery czterech quatro patru",
    5: "five fünf cinq cinco cinque vijf pięć pięciu cinci",
    6: "six sechs seis sei zes sześć sześciu șase",
    7: "seven sieben sept siete sette zeven siedem siedmiu sete șapte",
    8: "eight acht huit ocho otto osiem oito opt",
    9: "nine neun neuf nueve nove negen dziewięć dziewięciu nouă",
    10: "ten zehn dix diez dieci tien dziesięć dziesięciu dez zece",
    11: "eleven elf onze once undici",
    12: "twelve zwölf douze doce dodici twaalf dwanaście dwunastu doze doisprezece",
    13: "thirteen dreizehn treize trece tredici dertien",
    14: "fourteen vierzehn quatorze catorce quattordici veertien czternastu",
    15: "fifteen fünfzehn quinze quince quindici vijftien",
    16: "sixteen sechzehn seize dieciséis sedici zestien",
    18: "eighteen achtzehn dieciocho diciotto achttien",
    20: "twenty zwanzig vingt veinte venti twintig dwudziestu vinte douăzeci",
    21: "twenty-one einundzwanzig",
    24: "twenty-four vierundzwanzig vingt-quatre veinticuatro ventiquattro vierentwintig",
    25: "twenty-five fünfundzwanzig",
    28: "twenty-eight achtundzwanzig",
    30: "thirty dreißig dreissig trente treinta trenta dertig trzydziestu trinta treizeci",
    35: "thirty-five fünfunddreißig",
    36: "thirty-six sechsunddreißig trente-six",
    40: "forty vierzig quarante cuarenta quaranta veertig",
    45: "forty-five fünfundvierzig quarante-cinq",
    48: "forty-eight achtundvierzig quarante-huit",
    50: "fifty fünfzig cinquante",
    60: "sixty sechzig soixante sesenta sessanta zestig",
    72: "seventy-two zweiundsiebzig soixante-douze",
    90: "ninety neunzig quatre-vingt-dix noventa novanta negentig dziewięćdziesięciu",
}
_VALUES: Final = {
    word: number
    for number, words in _NUMBERS.items()
    for word in words.replace("an?", "a an").replace("einem?", "eine einem").split()
}
_UNIT_OF: Final = {unit: re.compile(rf"(?:{'|'.join(words.split())})\Z") for unit, words in _UNITS.items()}
_UNIT_WORDS: Final = "|".join(word for words in _UNITS.values() for word in words.split())
_UNIT_BEGINNINGS: Final = frozenset(word[:2] for word in _UNIT_WORDS.split("|"))
_NUMBER_WORDS: Final = "|".join(sorted(map(re.escape, _VALUES), key=len, reverse=True))

DURATION: Final = re.compile(
    rf"(?<![\w.,/-])(?P<first>\d{{1,4}}|{_NUMBER_WORDS})(?:(?<=\d)\)(?=\s))?(?:\s*(?:to|-|–|—|bis|à|a|tot|do|până la)\s*(?P<second>\d{{1,4}}|"
    rf"{_NUMBER_WORDS}))?\s*(?:\(\s*\w+\s*\))?[\s-]+(?:de\s+)?(?P<kind>(?:full|calendar|consecutive|kalender|business|working|"
    rf"dias úteis|werk|arbeits)[\s-]?)?(?P<unit>{_UNIT_WORDS})(?P<after>\s+(?:ouvrés|ouvrables|hábiles|lavorativi|úteis|"
    rf"roboczych|lucrătoare))?\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Duration:
    """A time with its unit; a range keeps its shorter end too."""

    amount: int
    unit: str
    shortest: int | None
    start: int
    end: int

    def value(self) -> dict[str, Any]:
        """Return it as a promise's value holds it."""
        least = {"amount_min": self.shortest} if self.shortest is not None else {}
        return {"amount": self.amount, "unit": self.unit, **least}


@lru_cache(maxsize=1_024)
def durations(text: str) -> tuple[Duration, ...]:
    """Return the times a sentence names."""
    found: list[Duration] = []
    if _UNIT_BEGINNINGS.isdisjoint(word[:2] for word in text.lower().split()):
        return ()
    for match in DURATION.finditer(text):
        first = _number(match["first"])
        second = _number(match["second"]) if match["second"] else None
        word = match["unit"].lower()
        unit = next(name for name, pattern in _UNIT_OF.items() if pattern.match(word))
        working = (match["kind"] or "").strip(" -").lower() in ("business", "working", "werk", "arbeits") or match[
            "after"
        ]
        unit = "business_day" if working and unit == "day" else unit
        amount = max(first, second) if second is not None else first
        if unit == "fortnight":
            amount, first, second, unit = 2 * amount, 2 * first, None, "week"
        if amount:
            shortest = min(first, second) if second is not None and second != first else None
            found.append(Duration(amount, unit, shortest, match.start(), match.end()))
    return tuple(found)


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _VALUES.get(word.lower(), 0)


DAYS: Final = {"hour": 1 / 24, "day": 1.0, "business_day": 1.4, "week": 7.0, "month": 30.5, "year": 365.25}


def days_of(amount: int, unit: str) -> float:
    """Return roughly how many days a time is, to compare promises; deadlines are counted by the clock, never by this."""
    return amount * DAYS[unit]
