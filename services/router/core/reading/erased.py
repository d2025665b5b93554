"""What an erasure would take: the writer's data, one thing of theirs, or something that no bank knows.

An erasure cannot be undone (GDPR Art. 17), so its words must name an account or data. "Slet min kommentar" and
"löschen Sie alle leeren Zeilen" begin like one and take something else; the person is asked, or a human looks.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import islice, takewhile
from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.lexicon import Hit
from services.router.core.reading.seen import Seen
from services.router.core.reading.sentences import Clause, Sense

NOUN_LETTERS_MIN: Final = 4
"""A shorter word that no bank knows is a particle more often than a thing."""
OBJECT_WORDS_MAX: Final = 3
"""How many words after "delete my" may hold what shall be deleted."""

_OWN: Final = mask("my", "me", "personal", "relative", "behalf", "hold")
_RESTRICT: Final = mask("restrict")
_TAKEN: Final = mask("account", "personal", "data", "everything", "my")
_DATA: Final = mask("account", "personal", "data", "database", "field", "relative")
_KEPT: Final = _DATA | mask("list", "everything", "you", "marketing", "record")
"""What a person is kept in: without a word of it, "remove me from …" may be a course."""
_ME: Final = mask("me")
_MY: Final = mask("my")
_OTHER: Final = mask("item", "thing", "marketing", "list", "message", "request")


class Takes(Enum):
    """What the words of an erasure take."""

    DATA = "data"
    OTHER = "other"
    UNKNOWN = "unknown"
    UNKNOWN_OF_NOBODY = "unknown, and nobody's"


def may_be_another_thing(seen: Seen, clause: Clause, anchor: Sense) -> bool:
    """Tell whether a rule's verb may take something else than the writer's data, so that the person is asked.

    An account that nobody calls their own may be a bill ("zrušte účet za elektřinu"). A word that no bank knows between
    the verb and the account may be what it takes ("obrišite stavku s mog računa"), and so may a block ("maknite
    blokadu s mog računa").
    """
    if not clause.bits & _OWN or clause.bits & _RESTRICT:
        return True
    places = [sense.first for sense in clause.with_bits(_TAKEN) if sense.first >= anchor.after]
    between = range(anchor.after, min(places, default=anchor.after))
    return any(not seen.concepts[place] and _is_a_noun_perhaps(seen, place) for place in between)


def taken_by(seen: Seen, clause: Clause, hit: Hit) -> Takes:
    """Return what an idiom takes, by its own words and those that follow it in its segment."""
    if clause.bits & _RESTRICT:
        return Takes.UNKNOWN
    named = [sense for sense in clause.senses if sense.first < hit.after and hit.first < sense.after]
    if any(sense.bits & _DATA for sense in named):
        return Takes.DATA
    if any(_names_the_person(sense) for sense in named):
        return _out_of(seen, clause, hit)
    for place in islice(_behind(clause, hit), OBJECT_WORDS_MAX):
        bits = _bits_at(clause, place)
        if bits & _DATA:
            return Takes.DATA
        if bits & _OTHER:
            return Takes.OTHER
        if not bits and _is_a_noun_perhaps(seen, place):
            return Takes.UNKNOWN if clause.bits & _OWN else Takes.UNKNOWN_OF_NOBODY
    return Takes.DATA


def _out_of(seen: Seen, clause: Clause, hit: Hit) -> Takes:
    """Return what "remove me" takes: the writer out of all that is kept, or only out of Saturday's class."""
    rest = tuple(_behind(clause, hit))
    if any(_bits_at(clause, place) & _KEPT for place in rest):
        return Takes.DATA
    unknown = [place for place in rest if not _bits_at(clause, place) and _is_a_noun_perhaps(seen, place)]
    return Takes.UNKNOWN if unknown else Takes.DATA


def _behind(clause: Clause, hit: Hit) -> Iterator[int]:
    """Return the places after an idiom, as far as its segment goes."""
    own = clause.segment[hit.after - 1]
    return takewhile(lambda place: clause.segment[place] == own, range(hit.after, clause.after))


def _names_the_person(sense: Sense) -> bool:
    # Spanish writes "me" and "my" alike: "borren mi comentario" takes no person out.
    return bool(sense.bits & _ME) and not sense.bits & _MY


def _bits_at(clause: Clause, place: int) -> int:
    bits = 0
    for sense in clause.senses:
        if sense.first <= place < sense.after:
            bits |= sense.bits
    return bits


def _is_a_noun_perhaps(seen: Seen, place: int) -> bool:
    folded = seen.words[place].folded
    return len(folded) >= NOUN_LETTERS_MIN and folded.isalpha()
