"""Reading single values out of a map's tree, collecting what is wrong on the way instead of stopping at the first."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, TypeVar

from services.fulfil.core.maps.tree import Node, Problem

T = TypeVar("T")


@dataclass(slots=True)
class Findings:
    """What was found wrong in one file."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def wrong(self, node: Node | int, said: str, remedy: str) -> None:
        """Record an error: the map cannot be used."""
        line = node if isinstance(node, int) else node.line
        self.problems.append(Problem(self.file, line, said, remedy))

    def odd(self, node: Node | int, said: str, remedy: str) -> None:
        """Record a remark: the map can be used, and probably does not say what was meant."""
        line = node if isinstance(node, int) else node.line
        self.problems.append(Problem(self.file, line, said, remedy, fatal=False))

    def text(self, node: Node | None, what: str, default: str = "") -> str:
        """Return a word or sentence."""
        if node is None or node.value is None:
            return default
        if not isinstance(node.value, (dict, list)):
            return node.raw or str(node.value)
        self.wrong(node, f"{what} must be text.", f"Write `{what}: some text`.")
        return default

    def texts(self, node: Node | None, what: str) -> tuple[str, ...]:
        """Return a list of words; one word counts as a list."""
        return tuple(self.text(entry, what) for entry in node.items()) if node is not None else ()

    def flag(self, node: Node | None, what: str, *, default: bool = False) -> bool:
        """Return yes or no."""
        if node is None or node.value is None:
            return default
        if isinstance(node.value, bool):
            return node.value
        self.wrong(node, f"{what} must be true or false, not `{node.value}`.", f"Write `{what}: true`.")
        return default

    def number(self, node: Node | None, what: str) -> int | None:
        """Return a whole number above zero."""
        if node is None or node.value is None:
            return None
        if isinstance(node.value, int) and not isinstance(node.value, bool) and node.value > 0:
            return node.value
        self.wrong(node, f"{what} must be a whole number above zero, not `{node.value}`.", f"Write `{what}: 40`.")
        return None

    def one_of(self, node: Node | None, what: str, known: dict[str, T], default: T) -> T:
        """Return the value that a word stands for."""
        word = self.text(node, what).lower() if node is not None else ""
        if not word or node is None:
            return default
        if word in known:
            return known[word]
        self.wrong(node, f"{what} `{word}` is unknown.", f"Use one of: {', '.join(known)}.{near(word, known)}")
        return default

    def known_keys(self, node: Node, known: Collection[str], where: str) -> None:
        """Refuse keys that mean nothing here, with the nearest that does."""
        for name, below in node.mapping.items():
            if name not in known:
                remedy = f"Known here: {', '.join(sorted(known))}.{near(name, known)}"
                self.wrong(below, f"`{name}` is not a key of {where}.", remedy)

    def mapping(self, node: Node | None, what: str) -> dict[str, Node]:
        """Return the keys below a node that must have keys."""
        if node is None or node.value is None:
            return {}
        if not isinstance(node.value, dict):
            self.wrong(node, f"{what} must have keys below it.", f"Indent its keys under `{what}:`.")
            return {}
        return node.mapping


def near(word: str, known: Collection[str] | dict[str, Any]) -> str:
    """Return a hint at the nearest known word, or nothing."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.7)
    return f" Did you mean `{found[0]}`?" if found else ""
