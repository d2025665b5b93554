"""Tell a question about the organisation's practice from a wish for content, and an account as a place from an object.

"How long do you keep my data?" asks how the organisation works; "what data do you keep on me?" asks for the data. The
difference is what the question opens with. Likewise "close my account" names what shall go, and "remove the card from
my account" only where it lies.
"""

from __future__ import annotations

from typing import Final

from services.router.core.reading.concepts import mask
from services.router.core.reading.sentences import Clause, Sense

PLACE_REACH: Final = 1
"""How many words may stand between "from" and the account ("from my old account")."""
OBJECT_WORDS_MAX: Final = 8
MISTAKE_REACH: Final = 3

_PRACTICE: Final = mask("practice")
_CONTENT: Final = mask("what", "give", "copy")
_FROM: Final = mask("from")
_ACCOUNT: Final = mask("account")
_WHOLE: Final = mask("everything", "personal")
_KEEP: Final = mask("keep")
_MISTAKE: Final = mask("wrong", "restrict")
_ITEM: Final = mask("item")
_OBJECTS: Final = mask("personal", "account", "everything", "data", "marketing", "list")


def asks_about_practice(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the words before `anchor` ask how, where, why or with whom, before they ask for any content."""
    openings = [sense for sense in clause.with_bits(_PRACTICE) if sense.first <= anchor.first]
    if not openings:
        return False
    first = openings[0].first
    return not any(sense.first < first for sense in clause.with_bits(_CONTENT))


def is_only_a_place(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the account is where things lie: another object stands between the verb and "from my account"."""
    if clause.bits & _WHOLE:
        return False
    if _is_kept(clause, anchor):
        return True
    places = clause.with_bits(_FROM)
    return any(
        _leads_to(place, account) and _holds_an_object(anchor, place)
        for place in places
        for account in clause.with_bits(_ACCOUNT)
    )


def _is_kept(clause: Clause, anchor: Sense) -> bool:
    """Tell whether a later verb of keeping takes the account: "cancel the trial but keep my account"."""
    return any(
        anchor.after <= kept.first < account.first and clause.segment[kept.first] != clause.segment[anchor.first]
        for kept in clause.with_bits(_KEEP)
        for account in clause.with_bits(_ACCOUNT)
        if not any(anchor.after <= earlier.first < kept.first for earlier in clause.with_bits(_ACCOUNT))
    )


def _leads_to(place: Sense, account: Sense) -> bool:
    return 0 <= account.first - place.after <= PLACE_REACH or place.first <= account.first < place.after


def _holds_an_object(anchor: Sense, place: Sense) -> bool:
    # Where the verb comes last ("aus meinem Konto entfernen"), its object may stand before the place or behind it.
    return place.after <= anchor.first or 0 <= place.first - anchor.after <= OBJECT_WORDS_MAX


def takes_only_an_item(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the verb's nearest object is one item of content: "delete the second photo from my profile"."""
    items = clause.with_bits(_ITEM)
    if not items:
        return False
    places = {place for item in items for place in range(item.first, item.after)}
    objects = [one for one in clause.with_bits(_OBJECTS) if one.first not in places]
    nearest = min(_gap(anchor, item) for item in items)
    return all(nearest < _gap(anchor, one) for one in objects)


def takes_a_mistake(clause: Clause, anchor: Sense) -> bool:
    """Tell whether the verb's nearest object is a mistake or a block: "remove the error in my data" deletes no data."""
    mistakes = clause.with_bits(_MISTAKE)
    if not mistakes:
        return False
    places = {place for one in mistakes for place in range(one.first, one.after)}
    objects = [one for one in clause.with_bits(_OBJECTS) if one.first not in places]
    nearest = min(_gap(anchor, one) for one in mistakes)
    return 0 <= nearest <= MISTAKE_REACH and all(nearest < _gap(anchor, one) for one in objects)


def _gap(anchor: Sense, other: Sense) -> int:
    return other.first - anchor.after if other.first >= anchor.after else anchor.first - other.after
