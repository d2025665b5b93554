"""From one version of a policy to the next: which clauses are the same ones, and what changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz import fuzz

from services.router.core.policy.model import Clause, Policy, Promise

ALIKE_MIN: Final = 72.0
CANDIDATES_MAX: Final = 400


def kept_ids(old: Sequence[Clause], new: Sequence[Clause]) -> dict[str, str]:
    """Return, for clauses of the new version whose own id is new, the old id of the clause they were edited from."""
    old_ids, new_ids = {clause.id for clause in old}, {clause.id for clause in new}
    gone = [clause for clause in old if clause.id not in new_ids and clause.citable][:CANDIDATES_MAX]
    fresh = [clause for clause in new if clause.id not in old_ids and clause.citable][:CANDIDATES_MAX]
    pairs = sorted(
        ((_alike(before, after), -before.start, before.id, after.id) for before in gone for after in fresh),
        reverse=True,
    )
    kept: dict[str, str] = {}
    used: set[str] = set()
    for likeness, _, before_id, after_id in pairs:
        if likeness < ALIKE_MIN:
            break
        if after_id not in kept and before_id not in used:
            kept[after_id] = before_id
            used.add(before_id)
    return kept


def _alike(before: Clause, after: Clause) -> float:
    """Return how alike two clauses read, from 0 to 100; the same heading speaks for a heavier edit."""
    likeness = fuzz.ratio(before.plain, after.plain, score_cutoff=55)
    return likeness + (8 if likeness and before.heading[-1:] == after.heading[-1:] else 0)


@dataclass(frozen=True, slots=True)
class Changes:
    """What differs between two versions, clause by clause and promise by promise."""

    old: Policy
    new: Policy
    added: tuple[Clause, ...]
    removed: tuple[Clause, ...]
    edited: tuple[tuple[Clause, Clause], ...]
    promises_added: tuple[Promise, ...]
    promises_removed: tuple[Promise, ...]

    @property
    def seat_changed(self) -> bool:
        """Whether another entity, or the same one at another seat, answers now."""
        return self.old.seat != self.new.seat

    @property
    def empty(self) -> bool:
        """Whether nothing that binds or is said changed."""
        return not (
            self.added
            or self.removed
            or self.edited
            or self.promises_added
            or self.promises_removed
            or self.seat_changed
        )


def changes(old: Policy, new: Policy) -> Changes:
    """Return what changed from one version to another."""
    before = {clause.id: clause for clause in old.clauses if clause.citable}
    after = {clause.id: clause for clause in new.clauses if clause.citable}
    moved = {old_id: new_id for new_id, old_id in kept_ids(old.clauses, new.clauses).items()}
    pairs = [
        (clause, after[moved.get(name, name)]) for name, clause in before.items() if moved.get(name, name) in after
    ]
    paired = {clause.id for _, clause in pairs}
    return Changes(
        old,
        new,
        tuple(clause for name, clause in after.items() if name not in paired),
        tuple(clause for name, clause in before.items() if moved.get(name, name) not in after),
        tuple((one, other) for one, other in pairs if one.plain != other.plain),
        _unmatched(new.promises, old.promises),
        _unmatched(old.promises, new.promises),
    )


def _unmatched(promises: Sequence[Promise], others: Sequence[Promise]) -> tuple[Promise, ...]:
    known = {_meaning(promise) for promise in others}
    return tuple(promise for promise in promises if _meaning(promise) not in known)


def _meaning(promise: Promise) -> tuple[str, str]:
    return promise.kind.value, repr(_sorted(promise.value))


def _sorted(value: object) -> object:
    return sorted((key, _sorted(inner)) for key, inner in value.items()) if isinstance(value, Mapping) else value
