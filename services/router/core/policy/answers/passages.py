"""From a policy's clauses to the passages that can answer."""

from __future__ import annotations

from collections.abc import Sequence

from services.router.core.policy.answers.index import Passage
from services.router.core.policy.model import Clause


def passages_of(clauses: Sequence[Clause]) -> tuple[Passage, ...]:
    """Return a passage for every clause that may be quoted, in the order of the text."""
    return tuple(
        Passage(clause.id, clause.start, clause.end, clause.plain, clause.heading, clause.lead, clause.kind.value)
        for clause in clauses
        if clause.citable
    )
