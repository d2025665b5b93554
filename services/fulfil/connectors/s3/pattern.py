"""How objects are named: `avatars/{customer_id}/{file}`, read both ways."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from services.fulfil.connectors.protocol import Match, SystemRefuses
from services.fulfil.core.values import same

CONTENTS: Final = ("json", "text", "bytes")
_PLACE: Final = re.compile(r"\{(\w+)\}")
PREFIXES_MAX: Final = 200


@dataclass(frozen=True, slots=True)
class Pattern:
    """One table of objects: how their keys are made, and whether what they hold is read as well."""

    table: str
    parts: tuple[str, ...]
    names: tuple[str, ...]
    content: str
    expression: re.Pattern[str]

    def parsed(self, key: str) -> dict[str, str] | None:
        """Return what a key says, or None where it is not of this table."""
        found = self.expression.fullmatch(key)
        return found.groupdict() if found else None

    def formatted(self, values: Mapping[str, Any]) -> str:
        """Return the key of an object."""
        pairs = zip(self.parts, (*(str(same(values[name])) for name in self.names), ""), strict=True)
        return "".join(f"{literal}{value}" for literal, value in pairs)

    def prefixes(self, matches: Sequence[Match]) -> list[str]:
        """Return the prefixes below which everything lies that can match: of one person where the keys begin so."""
        first = self.names[0]
        found: set[str] = set()
        for match in matches:
            if (first,) not in match.paths:
                return [self.parts[0]] if any(m.values for m in matches) else []
            place = match.paths.index((first,))
            for value in match.values:
                text = str(same(value[place]))
                if match.fold_case and text.lower() != text.upper():
                    # Keys tell case apart and people do not: only a look at all of them finds every spelling.
                    return [self.parts[0]]
                found.add(f"{self.parts[0]}{text}{self.parts[1]}")
        return sorted(found) if len(found) <= PREFIXES_MAX else [self.parts[0]]


def patterns_of(system: str, settings: Mapping[str, Any]) -> dict[str, Pattern]:
    """Read `connector.objects` of a map."""
    listed = settings.get("objects") or {}
    if not isinstance(listed, Mapping):
        raise SystemRefuses(f'{system}: `connector.objects` is a table of names: `avatars: "avatars/{{id}}.jpg"`.')
    return {str(name): _pattern(system, str(name), entry) for name, entry in listed.items()}


def _pattern(system: str, table: str, entry: Any) -> Pattern:
    place = f"{system}: `connector.objects.{table}`"
    text, content = (entry, "") if isinstance(entry, str) else ("", "")
    if isinstance(entry, Mapping):
        unknown = sorted(set(entry) - {"key", "content"})
        if unknown:
            raise SystemRefuses(f"{place} knows `key` and `content`, not `{unknown[0]}`.")
        text, content = str(entry.get("key") or ""), str(entry.get("content") or "")
    if content and content not in CONTENTS:
        raise SystemRefuses(f"{place}: `content` is one of {', '.join(CONTENTS)}.")
    names = _PLACE.findall(text)
    parts = _PLACE.split(text)[::2]
    if not names:
        raise SystemRefuses(f'{place} needs a key with a name in braces: "avatars/{{customer_id}}.jpg".')
    if len(set(names)) < len(names) or any(not literal for literal in parts[1:-1]):
        raise SystemRefuses(f"{place}: names in braces differ, and something stands between two of them.")
    return Pattern(table, tuple(parts), tuple(names), content, re.compile("".join(_expressed(parts, names)), re.DOTALL))


def _expressed(parts: Sequence[str], names: Sequence[str]) -> Iterator[str]:
    for n, literal in enumerate(parts):
        yield re.escape(literal)
        if n < len(names):
            # What ends a key may lie in folders; what stands before something else may not.
            last = n == len(names) - 1 and not parts[-1]
            yield f"(?P<{names[n]}>{'.+' if last else '[^/]+'})"
