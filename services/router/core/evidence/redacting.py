"""Third persons in what was written: their addresses, numbers and names are taken out, the person's own stay.

Nobody can find every name by rule. What is found without doubt is taken out: whatever identifies by its form, names
beside it, and whoever the text itself calls somebody else. The officer reads the result and names the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

ADDRESS: Final = "[another person's address]"
NUMBER: Final = "[another person's number]"
NAME: Final = "[another person]"
PERHAPS: Final = "[perhaps another person]"
_WORD: Final = r"[^\W\d_]"
_NAME: Final = rf"{_WORD}[^\W\d_'’.-]*(?:['’-]{_WORD}+)*\.?"
_EMAIL: Final = re.compile(
    r"[\w.!#$%&*+/=?^`{|}~-]{1,64}(?:@|\s?[\[(]at[\])]\s?|\s?\(a\)\s?)[\w-]{1,63}(?:(?:\.|\s?[\[(](?:dot|punkt|point)[\])]\s?)[\w-]{1,63}){1,6}",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<![\w./-])(?:\+|00|\(?0)\d?[\d ()/.–-]{5,20}\d(?![\w-])")
_IBAN: Final = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,4})?\b")
_CARD: Final = re.compile(r"(?<![\w-])\d(?:[ -]?\d){12,18}(?![\w-])")
_IPV4: Final = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
_SSN: Final = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")
_BESIDE: Final = re.compile(rf"(?:\"([^\"\n<>@]{{2,60}})\"|((?:{_NAME} ){{1,4}}))\s*[<(](?=[^<>()\s]+@[^<>()\s]+[>)])")
_TITLED: Final = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Lady|Herr|Herrn|Frau|Monsieur|Madame|Mme|Mlle|Señor|Señora|Sr|Sra|Signor|"
    r"Signora|Sig|Dhr|Mevr|Mevrouw|Meneer|Pan|Pani|Pana|Panu)\b\.?\s+((?:(?:Dr|Prof)\.?\s+)?"
    rf"(?:{_NAME}\s?){{1,3}})"
)
_ROLES: Final = frozenset({
    "info", "support", "privacy", "contact", "sales", "data", "protection", "legal", "office", "admin", "noreply",
    "reply", "mail", "email", "hello", "team", "service", "help", "dpo", "webmaster", "postmaster", "abuse", "kontakt",
    "datenschutz", "the", "and", "von", "van", "der", "den", "del", "los", "las",
})  # fmt: skip
_PART_MIN: Final = 3
_PHONE_DIGITS: Final = (7, 15)
_CARD_DIGITS_MIN: Final = 13


@dataclass(frozen=True, slots=True)
class Own:
    """Whose case it is: what may stay. Everything is compared without case, blanks and punctuation."""

    texts: frozenset[str] = frozenset()  # addresses, numbers and names of the person and the controller
    domains: frozenset[str] = frozenset()  # of the controller: its own mailboxes are nobody's personal data

    def holds(self, found: str) -> bool:
        """Whether something found is the person's own."""
        return folded(found) in self.texts

    def words(self) -> frozenset[str]:
        """Return the single words of the person's own names."""
        return frozenset(part for text in self.texts for part in text.split() if len(part) >= _PART_MIN)


def own(texts: Iterable[str], domains: Iterable[str] = ()) -> Own:
    """Return who may stay, from names, addresses and numbers as they are known."""
    given = [text for text in texts if text.strip()]
    names = {" ".join(_parts(text)) for text in given if "@" not in text}
    return Own(
        frozenset({*(folded(text) for text in given), *names} - {""}), frozenset(each.lower() for each in domains)
    )


def numbers(text: str) -> list[str]:
    """Return the telephone numbers of a text; those that a controller published itself are nobody's secret."""
    return [match[0] for match in _PHONE.finditer(text) if _fits(NUMBER, match)]


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text without third persons, and how many places were taken out."""

    text: str
    count: int


def third_names(text: str, mine: Own, named: Iterable[str] = ()) -> frozenset[str]:
    """Return the names of others that a text lets one see; `named` are those that a reader found in it."""
    found: set[str] = set(named)
    for match in _BESIDE.finditer(text):
        found.add(match[1] or match[2])
    found.update(match[1] for match in _TITLED.finditer(text))
    for match in _EMAIL.finditer(text):
        if not _kept(match[0], mine):
            local = re.split(r"@|[\[(]at[\])]|\(a\)", match[0])[0]
            parts = [part for part in re.split(r"[._+-]+", local) if len(part) >= _PART_MIN and part.isalpha()]
            found.update(part for part in parts if part.lower() not in _ROLES)
    own_words = mine.words()
    kept: set[str] = set()
    for name in found:
        parts = [
            part for part in _parts(name) if len(part) >= _PART_MIN and part not in own_words and part not in _ROLES
        ]
        kept.update(parts)
    return frozenset(kept)


def redact(
    text: str, mine: Own, names: Iterable[str] = (), also: Iterable[str] = (), perhaps: Iterable[str] = ()
) -> Redacted:
    """Return the text without third persons. `names` are single words of their names; `also` is taken out as it is.

    `perhaps` are words that look like names: they are taken out as they were written, large, and marked as a suspicion.
    """
    count = 0

    def replaced(mark: str, keep: Own) -> Callable[[re.Match[str]], str]:
        def put(match: re.Match[str]) -> str:
            nonlocal count
            if _kept(match[0], keep) or not _fits(mark, match):
                return match[0]
            count += 1
            return mark

        return put

    for phrase in sorted((each.strip() for each in also), key=len, reverse=True):
        if phrase:
            text, times = re.subn(re.escape(phrase), NAME, text, flags=re.IGNORECASE)
            count += times
    for pattern, mark in ((_EMAIL, ADDRESS), (_IBAN, NUMBER), (_CARD, NUMBER), (_SSN, NUMBER), (_IPV4, NUMBER),
                          (_PHONE, NUMBER)):  # fmt: skip
        text = pattern.sub(replaced(mark, mine), text)
    words = sorted({name for name in names if len(name) >= _PART_MIN}, key=len, reverse=True)
    if words:
        either = "|".join(re.escape(word) for word in words)
        # A name and what stands beside it is one person: `Bob Bay` is taken out once.
        named = re.compile(rf"(?<!\w)(?:{either})(?:['’]s)?(?:[ \t]+(?:{either})(?:['’]s)?)*(?!\w)", re.IGNORECASE)
        text, times = named.subn(NAME, text)
        count += times
    suspected = sorted({word for word in perhaps if word.lower() not in mine.words()}, key=len, reverse=True)
    if suspected:
        either = "|".join(re.escape(word) for word in suspected)
        bare = re.compile(rf"(?<!\w)(?:{either})(?:['’]s)?(?:[ \t]+(?:{either})(?:['’]s)?)*(?!\w)")
        text, times = bare.subn(PERHAPS, text)
        count += times
    return Redacted(text, count)


def folded(text: str) -> str:
    """Return what a comparison looks at: an address in small letters, a number's digits, a name's words."""
    plain = text.strip().lower()
    if "@" in plain:
        return plain
    digits = "".join(filter(str.isdigit, plain))
    if len(digits) >= _PHONE_DIGITS[0] and len(digits) * 2 >= len(plain):
        return digits.lstrip("0")
    return " ".join(_parts(plain))


def _parts(name: str) -> list[str]:
    return [part for part in re.split(r"[^\w]+", name.lower()) if part]


def _kept(found: str, mine: Own) -> bool:
    if mine.holds(found):
        return True
    domain = found.rpartition("@")[2].lower().rstrip(".")
    if "@" in found:
        return domain in mine.domains
    digits = "".join(filter(str.isdigit, found)).lstrip("0")
    # +371 2912 3456 and 2912 3456 are one telephone.
    return len(digits) >= _PHONE_DIGITS[0] and any(
        each.isdigit() and (each.endswith(digits) or digits.endswith(each)) for each in mine.texts
    )


def _fits(mark: str, match: re.Match[str]) -> bool:
    if mark != NUMBER or match.re in {_SSN, _IPV4}:
        return True
    digits = "".join(filter(str.isdigit, match[0]))
    if match.re is _IBAN:
        return _iban(match[0])
    if match.re is _CARD:
        return len(digits) >= _CARD_DIGITS_MIN and _luhn(digits)
    return _PHONE_DIGITS[0] <= len(digits) <= _PHONE_DIGITS[1] and not _date(match[0])


def _date(text: str) -> bool:
    return re.fullmatch(r"\(?0?\d{1,2}[./-]\d{1,2}[./-]\d{4}", text.strip()) is not None


def _iban(text: str) -> bool:
    plain = text.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    turned = plain[4:] + plain[:4]
    return int("".join(str(int(mark, 36)) for mark in turned)) % 97 == 1


def _luhn(digits: str) -> bool:
    total = 0
    for place, mark in enumerate(reversed(digits)):
        value = int(mark) * (2 if place % 2 else 1)
        total += value - 9 if value > 9 else value
    return total % 10 == 0
