"""Times as people write them in policies: "within one month", "45 to 60 days", "innerhalb von vier Wochen"."""

# A pattern is read as one line a concept; broken up it is read by nobody.
# ruff: noqa: E501

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

_UNITS: Final = {
    "hour": "hours? hrs? stunden? heures? horas? ore ora uren uur godzin\\w* timmar stund\\w* ór[aá]\\w*",
    "day": "days? tage?n? tägig\\w* dniow\\w* jours? d[ií]as? giorni giorno dagen dag dni dnia dniach zile zi dagar dienas? dien\\w* nap(?:ig|on|ja|os|ot|pal)?",
    "fortnight": "fortnights?",
    "week": "weeks? wochen? semaines? semanas? settiman[ae] weken week tygodni\\w* săptămâni saptamani veckor vecka nedēļ\\w* hét(?:en|ig)?",
    "month": "months? monate?n?s? mois mes(?:es)? mesi mese maanden maand miesi[ąe]c\\w* m[eê]s(?:es)? lun[iăa] månad\\w* "
    "mēne[sš]\\w* hónap\\w*",
    "year": "years? jahren?s? ans? années? años? anni anno jaar jaren lata? lat latach rok[ui]? anos? ani an år gad\\w* év(?:ig|en|es|et|ek|nél|ben|vel|e)?",
}
_NUMBERS: Final = {
    1: "one an? einem? einer einen eine eines un une uno una een één jeden jednego um uma o ett viens viena vienu vienā vienas egy",
    2: "two zwei deux dos due twee dwa dwóch dois duas două doua doi två divi divu divus divas divām diviem divos két kettő",
    3: "three drei trois tres tre drie trzy trzech três trei trīs triju trim három",
    4: "four vier quatre cuatro quattro cztery czterech quatro patru fyra četri četru četrus četras četriem négy",
    5: "five fünf cinq cinco cinque vijf pięć pięciu cinci fem pieci piecu piecus piecas pieciem öt",
    6: "six sechs seis sei zes sześć sześciu șase sase sex seši sešu sešus sešas sešiem hat",
    7: "seven sieben sept siete sette zeven siedem siedmiu sete șapte sju septiņi septiņu septiņus hét",
    8: "eight acht huit ocho otto osiem ośmiu oito opt åtta astoņi astoņu astoņus nyolc",
    9: "nine neun neuf nueve nove negen dziewięć dziewięciu nouă noua nio deviņi deviņu deviņus kilenc",
    10: "ten zehn dix diez dieci tien dziesięć dziesięciu dez zece tio desmit tíz",
    11: "eleven elf onze once undici",
    12: "twelve zwölf douze doce dodici twaalf dwanaście dwunastu doze doisprezece tolv divpadsmit tizenkét tizenkettő",
    13: "thirteen dreizehn treize trece tredici dertien",
    14: "fourteen vierzehn quatorze catorce quattordici veertien czternastu catorze paisprezece fjorton četrpadsmit tizennégy",
    15: "fifteen fünfzehn quinze quince quindici vijftien piętnastu cincisprezece femton piecpadsmit tizenöt",
    16: "sixteen sechzehn seize dieciséis sedici zestien",
    18: "eighteen achtzehn dieciocho diciotto achttien",
    20: "twenty zwanzig vingt veinte venti twintig dwudziestu vinte douăzeci tjugo divdesmit húsz",
    21: "twenty-one einundzwanzig",
    24: "twenty-four vierundzwanzig vingt-quatre veinticuatro ventiquattro vierentwintig",
    25: "twenty-five fünfundzwanzig",
    28: "twenty-eight achtundzwanzig",
    30: "thirty dreißig dreissig trente treinta trenta dertig trzydziestu trinta treizeci trettio trīsdesmit harminc",
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
_WORKING: Final = ("business", "working", "werk", "arbeits", "arbets", "var", "bank", "munka", "darba")
_UNIT_BEGINNINGS: Final = frozenset(word[:2] for word in (*_UNIT_WORDS.split("|"), *_WORKING))
_NUMBER_WORDS: Final = "|".join(
    [*sorted(map(re.escape, _VALUES), key=len, reverse=True), r"en(?=\s(?:månad|vecka|dag)\b)"]
)
_UNNUMBERED: Final = (
    (
        1,
        "month",
        r"monatsfrist|w (?:terminie|ciągu) (?:jednego )?miesiąca|po upływie miesiąca|(?:az? )?hónapon belül|inom en månad|mēneša laikā|within the month|dans le mois|entro il mese|binnen de maand",
    ),
    (1, "week", r"wochenfrist|sous huitaine|w (?:terminie|ciągu) tygodnia|egy hét|nedēļas laikā"),
    (1, "year", r"jahresfrist|w ciągu roku|po upływie roku|per jaar bewaard"),
    (15, "day", r"(?:sous|dans la|une) quinzaine|una quincena|quindicina di giorni"),
    (2, "week", r"(?:within|in|inside) a fortnight"),
    (
        6,
        "month",
        r"half a year|(?:ein|eines|einem) halbe\w* jahr\w*|pół roku|medio año|mezzo anno|een half jaar|meio ano|un semestre|ett halvår|pusgad\w*|fél év\w*|jumătate de an",
    ),
)
"""Times that name no number of their own, or half of one."""
_UNNUMBERED_ANY: Final = re.compile(
    "|".join(rf"(?P<t{at}>{pattern})" for at, (_, _, pattern) in enumerate(_UNNUMBERED)), re.IGNORECASE
)
_UNNUMBERED_MARKS: Final = (
    "frist", "miesiąca", "hónap", "månad", "mēneša", "the month", "le mois", "il mese", "de maand", "huitaine",
    "tygodnia", "hét", "nedēļas", "roku", "quinzaine", "quincena", "quindicina", "fortnight", "half", "halb", "medio",
    "mezzo", "meio", "semestre", "halvår", "pusgad", "fél", "jumătate",
)  # fmt: skip

DURATION: Final = re.compile(
    rf"(?<![\w.,/-])(?P<first>\d{{1,4}}|{_NUMBER_WORDS})(?:(?<=\d)\)(?=\s))?(?:\s*(?:to|-|–|—|bis|à|a|tot|do|până la)\s*(?P<second>\d{{1,4}}|"
    rf"{_NUMBER_WORDS}))?\s*(?:\(\s*\w+\s*\))?[\s-]+(?:de\s+)?(?P<kind>(?:full|calendar|consecutive|kalender|naptári|kalendāra|business|working|darba|munka|"
    rf"dias úteis|werk|arbeits|arbets|var|bank)[\s-]?)?(?P<unit>{_UNIT_WORDS})(?P<after>\s+(?:ouvrés|ouvrables|hábiles|lavorativi|úteis|"
    rf"robocz\w+|lucrătoare))?\b",
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
    small = text.lower()
    numbered = not _UNIT_BEGINNINGS.isdisjoint(word[:2] for word in small.replace("-", " ").split())
    found = _numbered(text) if numbered else []
    if any(mark in small for mark in _UNNUMBERED_MARKS):
        # "Half a year" is no year, though "a year" stands in it.
        named = _unnumbered(text)
        found = [time for time in found if not any(time.start < n.end and n.start < time.end for n in named)] + named
    return tuple(sorted(found, key=lambda time: time.start))


def _unnumbered(text: str) -> list[Duration]:
    """Return the times that are named without a number: "binnen Monatsfrist", "sous quinzaine", "half a year"."""
    return [
        Duration(amount, unit, None, match.start(), match.end())
        for match in _UNNUMBERED_ANY.finditer(text)
        for amount, unit, _ in (_UNNUMBERED[int((match.lastgroup or "t0")[1:])],)
    ]


def _numbered(text: str) -> list[Duration]:
    found: list[Duration] = []
    for match in DURATION.finditer(text):
        first = _number(match["first"])
        second = _number(match["second"]) if match["second"] else None
        word = match["unit"].lower()
        unit = next(name for name, pattern in _UNIT_OF.items() if pattern.match(word))
        working = (match["kind"] or "").strip(" -").lower() in _WORKING or match["after"]
        unit = "business_day" if working and unit == "day" else unit
        amount = max(first, second) if second is not None else first
        if unit == "fortnight":
            amount, first, second, unit = 2 * amount, 2 * first, None, "week"
        if amount:
            shortest = min(first, second) if second is not None and second != first else None
            found.append(Duration(amount, unit, shortest, match.start(), match.end()))
    return found


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _VALUES.get(word.lower(), 0)


DAYS: Final = {"hour": 1 / 24, "day": 1.0, "business_day": 1.4, "week": 7.0, "month": 30.5, "year": 365.25}


def days_of(amount: int, unit: str) -> float:
    """Return roughly how many days a time is, to compare promises; deadlines are counted by the clock, never by this."""
    return amount * DAYS[unit]
