"""Which encoding a text without a mark is in, when it is not UTF-8.

Every byte means something in every one of these encodings, so the letters must tell: a Polish page read as Western
European is full of "¹" and "³", which no language writes inside words.
"""

from __future__ import annotations

import re
from typing import Final

ENCODINGS: Final = ("cp1252", "cp1250", "iso8859-2", "cp1257", "cp1254", "cp1253", "cp1251")
SAMPLE_BYTES_MAX: Final = 200_000
_ALPHABETS: Final = (
    "äöüß éèêëàâçîïôûùœæ áéíóúñü àèéìíòóùú éëïöü ąćęłńóśźż ãáâàçéêíóôõú ăâîșşțţ āčēģīķļņšūž åäö áéíóöőúüű "
    "áčďéěíňóřšťúůýž čćđšž åæø ąčęėįšųūž çğıöşü αβγδεζηθικλμνξοπρστυφχψωάέήίόύώς абвгдежзийклмнопрстуфхцчшщъьюяыэё"
)
_LETTERS: Final = tuple(frozenset(letters + letters.upper()) for letters in _ALPHABETS.split())
_MARKS: Final = frozenset("–—‘’“”„…•·«»©®™€§°\xa0¿¡‚‹›")
_FOREIGN: Final = re.compile(r"[^\x00-\x7f]")


def guessed(content: bytes) -> str | None:
    """Return the encoding whose reading leaves the fewest letters that no one language writes."""
    sample = content[:SAMPLE_BYTES_MAX]
    readings = {name: _strange(sample, name) for name in ENCODINGS}
    possible = {name: strange for name, strange in readings.items() if strange is not None}
    # Among equals the first: they stand in the order in which people use them.
    return min(possible, key=lambda name: possible[name]) if possible else None


def _strange(sample: bytes, encoding: str) -> float | None:
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError:
        return None
    beyond = [mark for mark in _FOREIGN.findall(text) if mark not in _MARKS]
    if not beyond:
        return 0.0
    return min(sum(mark not in letters for mark in beyond) / len(beyond) for letters in _LETTERS)
