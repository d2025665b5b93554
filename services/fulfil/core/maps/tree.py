"""YAML as a tree that remembers its lines, so that every message about a map can name the line to mend.

The reader is strict where YAML is treacherous: a key written twice is an error, not a silent loss, and the number of
nodes is bounded however often an alias repeats them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import yaml

NODES_MAX: Final = 500_000
DEPTH_MAX: Final = 60
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in a map, where, and what to do about it."""

    file: str
    line: int
    said: str
    remedy: str
    fatal: bool = True

    def __str__(self) -> str:
        return f"{self.file or 'map'}:{self.line}: {self.said} {self.remedy}".rstrip()


class MapFault(Exception):
    """A map cannot be used; `problems` say why, line by line."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line on which it stands. `value` is a dict of nodes, a list of nodes, or a scalar.

    `raw` is a scalar as it is written: a column may be called `no` or `on`, which YAML would read as a truth value.
    """

    value: Any
    line: int
    raw: str = ""

    @property
    def mapping(self) -> dict[str, Node]:
        """The keys below, or none."""
        return self.value if isinstance(self.value, dict) else {}

    def get(self, *names: str) -> Node | None:
        """Return the first of these keys that is there and not null."""
        for name in names:
            found = self.mapping.get(name)
            if found is not None and found.value is not None:
                return found
        return None

    def items(self) -> Iterator[Node]:
        """Yield the entries of a list; a single value counts as a list of one."""
        if isinstance(self.value, list):
            yield from self.value
        elif self.value is not None:
            yield self

    def entries(self, name: str) -> Iterator[Node]:
        """Yield the entries of the list below a key, if it is there."""
        below = self.get(name)
        if below is not None:
            yield from below.items()

    def plain(self) -> Any:
        """Return the value without its lines."""
        if isinstance(self.value, dict):
            return {key: node.plain() for key, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value


class _Reader:
    """Turns composed YAML into nodes, counting as it goes."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._count = 0
        self._maker = yaml.constructor.SafeConstructor()

    def node(self, composed: Any, depth: int = 0) -> Node:
        line = composed.start_mark.line + 1
        self._count += 1
        if self._count > NODES_MAX or depth > DEPTH_MAX:
            raise MapFault(
                [Problem(self._file, line, "The map is too large or too deep.", "Split it into several files.")]
            )
        if isinstance(composed, yaml.MappingNode):
            return Node(self._mapping(composed, depth), line)
        if isinstance(composed, yaml.SequenceNode):
            return Node([self.node(entry, depth + 1) for entry in composed.value], line)
        try:
            return Node(self._maker.construct_object(composed), line, str(composed.value))
        except (yaml.YAMLError, ValueError) as fault:
            raise MapFault([Problem(self._file, line, "This value cannot be read.", "Put it in quotes.")]) from fault

    def _mapping(self, composed: Any, depth: int) -> dict[str, Node]:
        found: dict[str, Node] = {}
        for key, value in composed.value:
            if not isinstance(key, yaml.ScalarNode):
                raise MapFault(
                    [Problem(self._file, key.start_mark.line + 1, "A key must be a word.", "Write `name: …`.")]
                )
            if key.value == "<<":
                for name, node in self.node(value, depth + 1).mapping.items():
                    found.setdefault(name, node)
                continue
            if key.value in found:
                line = key.start_mark.line + 1
                said = f"`{key.value}` is written twice (first on line {found[key.value].line})."
                raise MapFault([Problem(self._file, line, said, "Keep one of them.")])
            node = self.node(value, depth + 1)
            # What is indented below a key is spoken of by the key's line, where a reader looks for it.
            found[key.value] = Node(node.value, key.start_mark.line + 1, node.raw)
        return found


def read_tree(text: str, file: str) -> Node:
    """Read one YAML document, or say on which line it stops being one."""
    try:
        composed = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as fault:
        mark = fault.problem_mark or fault.context_mark
        line = mark.line + 1 if mark else 1
        said = f"This is not YAML: {fault.problem or fault.context or 'unreadable'}."
        raise MapFault(
            [Problem(file, line, said, "Check the indentation and the colons on this line and above.")]
        ) from fault
    except yaml.YAMLError as fault:
        raise MapFault([Problem(file, 1, "This is not YAML text.", "Save the file as UTF-8.")]) from fault
    if composed is None:
        raise MapFault([Problem(file, 1, "The map is empty.", "See docs/datamaps.md for its shape.")])
    return _Reader(file).node(composed)
