"""Which laws apply to a request, from the controller's seat and the place the person states, with the reasons.

Every law that could bind is named, and the clock lets the earliest date win: choosing wrongly then costs the controller
time, never the person. An officer may correct the choice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from services.router.core.law.model import Law, Lawbook, LawFault


@dataclass(frozen=True, slots=True)
class Chosen:
    """The laws that apply, the most binding first, and why each does."""

    laws: tuple[str, ...]
    because: tuple[str, ...]


def choose(book: Lawbook, seat: str, person: str | None = None, promised: Iterable[str] = ()) -> Chosen:
    """Return the laws for a controller at `seat` and a person at `person`, both ISO 3166 places such as `CH-VD`.

    `promised` are laws that the controller's own policy or configuration binds it to, whatever its seat.
    """
    found: dict[str, str] = {}
    for name in promised:
        found.setdefault(book.law(name).id, "the controller is bound to it by its policy or configuration")
    for law in _of_place(book, seat, persons=False):
        found.setdefault(law.id, f"the controller's seat is in {seat} (Art. 3(1) GDPR, or the seat's own law)")
    for law in _of_place(book, person, persons=True) if person else ():
        # Art. 3(2) GDPR, and the laws that follow the consumer: where the person is can bind a controller elsewhere.
        found.setdefault(law.id, f"the person states {person} as their place")
    if not found:
        raise LawFault(f"no law is known for a seat in {seat or 'no place'}: name the controller's law in its settings")
    return Chosen(tuple(found), tuple(f"{law}: {why}" for law, why in found.items()))


def _of_place(book: Lawbook, place: str, *, persons: bool) -> list[Law]:
    """Return the laws of a place: its region's own first, and its country's only where the region has none."""
    wanted = place.strip().upper().replace("_", "-")
    region = [law for law in book.laws.values() if wanted in (law.persons if persons else law.seats)]
    if region or "-" not in wanted:
        return region
    country = wanted.partition("-")[0]
    return [law for law in book.laws.values() if country in (law.persons if persons else law.seats)]
