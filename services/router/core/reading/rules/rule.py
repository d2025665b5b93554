"""One rule: which concepts together, in one clause, make a claim."""

from __future__ import annotations

from dataclasses import dataclass

from services.router.core.reading.rights import Right


@dataclass(frozen=True, slots=True)
class Rule:
    """A combination of concepts that uses a right.

    `framed`: the words alone are not a request ("deleted"), there must be one in the clause ("I want … deleted").
    `negative`: the rule's own meaning is a negation ("don't send me"), so a negator does not refute it.
    `telling`: the rule reads a statement or a question, so that past tense and question words do not refute it.
    """

    name: str
    right: Right
    needs: tuple[int, ...]
    score: float = 0.95
    near: int = 9
    unless: int = 0
    framed: bool = False
    negative: bool = False
    telling: bool = False
    weak: bool = False
