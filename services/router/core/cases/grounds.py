"""The grounds on which a claim may be refused, as data with citations (`knowledge/grounds/*.toml`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from schemas.rights import Right

_KEYS: Final = frozenset({"id", "title", "rights", "citations", "tell", "officer_only", "partial", "note"})


class GroundFault(ValueError):
    """A ground that cannot be used, and why."""


@dataclass(frozen=True, slots=True)
class Ground:
    """One ground: which rights it can limit, under which laws, and what the person must be told."""

    id: str
    title: str
    rights: frozenset[Right]
    citations: Mapping[str, str]  # by law id; the source is quoted in the refusal
    tell: tuple[str, ...] = ()  # what the letter must contain beside the ground, the complaint and the court
    officer_only: bool = True
    partial: bool = False  # it limits a part, so that the rest must still be given

    def citation(self, laws: Iterable[str]) -> str | None:
        """Return the first source among these laws, or None when none of them knows this ground."""
        return next((found for law in laws if (found := self._by(law)) is not None), None)

    def _by(self, law: str) -> str | None:
        family = f"{law.partition('-')[0]}-*"  # `us-*`: every state whose own section an officer names in the reasons
        return self.citations.get(law) or self.citations.get(family)


def ground(table: Mapping[str, Any]) -> Ground:
    """Return the ground that a table describes, or say what is missing."""
    name = str(table.get("id", ""))
    unknown = sorted(set(table) - _KEYS)
    if not name or unknown:
        raise GroundFault(
            f"ground {name or 'without id'}: {'unknown keys ' + ', '.join(unknown) if unknown else 'no id'}"
        )
    citations = table.get("citations")
    if not isinstance(citations, Mapping) or not citations or not all(citations.values()):
        raise GroundFault(f"ground {name} needs [citations], a source for each law")
    rights = table.get("rights") or [right.value for right in Right]
    return Ground(
        id=name,
        title=str(table.get("title", name)),
        rights=frozenset(Right(right) for right in rights),
        citations={str(law): str(source) for law, source in citations.items()},
        tell=tuple(table.get("tell", ())),
        officer_only=bool(table.get("officer_only", True)),
        partial=bool(table.get("partial", False)),
    )
