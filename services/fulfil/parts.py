"""What an erasure changes in one row: that depends on whom else the row names, and on who the person is to it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from services.fulfil.codes import erasable, instead, named, others_in, standing_of, subject
from services.fulfil.core.erasing import TablePlan
from services.fulfil.core.maps.model import Path, Person
from services.fulfil.core.masking import Replacement
from services.fulfil.core.profile import Profile
from services.fulfil.core.standing import Standing
from services.fulfil.core.values import empty


@dataclass(frozen=True, slots=True)
class Part:
    """What happens to a row: it goes, or these columns and these paths inside nested columns are replaced."""

    delete: bool = False
    replaced: tuple[Replacement, ...] = ()
    nested: tuple[tuple[str, frozenset[Path]], ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether the row stays as it is."""
        return not (self.delete or self.replaced or self.nested)


def part_of(plan: TablePlan, seen: Profile, code: int) -> Part:
    """Return what happens to a row of this code."""
    own = standing_of(code) is Standing.OWN
    whole = not own or erasable(code)
    if plan.delete and whole and not instead(code):
        return Part(delete=True)
    mine = not own or subject(code)
    if not whole and mine and not named(code):
        # Nothing in it names the person, and the rest may be another's.
        return Part()
    others = frozenset(others_in(code, seen))

    def changes(path: Path) -> bool:
        if path in others:
            return False
        if not mine:
            # What is about "the other one" in the row is about them, unless it names yet another one.
            alone = not any(seen.said.get(other) is Person.OTHER for other in others)
            return path in plan.identities or (path in seen.guest and alone)
        return path not in seen.others if whole else path in plan.identities

    inside = ((n.column, frozenset((n.column, *below) for below, _ in n.leaves)) for n in plan.nested)
    nested = ((column, frozenset(filter(changes, paths))) for column, paths in inside)
    return Part(
        replaced=tuple(r for r in plan.replacements if changes((r.column,))),
        nested=tuple((column, paths) for column, paths in nested if paths),
    )


def spent_rows(plan: TablePlan, seen: Profile) -> Callable[[Sequence[Any]], bool] | None:
    """Return how to see that a row holds nothing any more that would change, so that it is not reported as changed."""
    if plan.delete or not plan.touches:
        return None
    constants = [(seen.place[r.column], r.constant) for r in plan.replacements if not r.pseudonym]
    emptied = [seen.place[r.column] for r in plan.replacements if r.pseudonym]
    emptied += [seen.place[n.column] for n in plan.nested]

    def spent(row: Sequence[Any]) -> bool:
        return all(row[place] == constant for place, constant in constants) and all(empty(row[p]) for p in emptied)

    return spent
