"""Which concepts together make a claim: one table, read from top to bottom, the same in every language.

A rule fires in one clause. Its first need is the anchor (the verb, mostly); every other need must stand within `near`
words of it. `unless` are concepts of the clause that refute it. Words come from the banks; this table knows none.
"""

from __future__ import annotations

from typing import Final

from services.router.core.reading.rules.changing import CHANGING
from services.router.core.reading.rules.getting import GETTING
from services.router.core.reading.rules.refusing import REFUSING
from services.router.core.reading.rules.rule import Rule
from services.router.core.reading.rules.telling import TELLING

__all__ = ["RULES", "Rule"]

RULES: Final[tuple[Rule, ...]] = (*CHANGING, *GETTING, *REFUSING, *TELLING)
