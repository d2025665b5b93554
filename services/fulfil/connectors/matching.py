"""Deciding row by row, for systems that cannot be asked a question: files, mailboxes, services with a list only."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from services.fulfil.connectors.protocol import Find, Hit, Match, Path
from services.fulfil.core.values import empty, reach, same


class Wanted:
    """The matches of one query, made ready to be held against many rows."""

    def __init__(self, matches: Sequence[Match]) -> None:
        self._matches = [(m.paths, m.fold_case, {_key(key, fold=m.fold_case) for key in m.values}) for m in matches]

    def matched(self, row: Mapping[str, Any]) -> int:
        """Return which matches a row satisfies: bit n for the n-th."""
        bits = 0
        for n, (paths, fold, keys) in enumerate(self._matches):
            if keys and any(held in keys for held in _held(row, paths, fold=fold)):
                bits |= 1 << n
        return bits


def answers(query: Find, rows: Iterable[Mapping[str, Any]]) -> Iterator[Hit]:
    """Yield the rows that a query asks for, each once."""
    wanted = Wanted(query.matches)
    left = query.limit
    for row in rows:
        if left == 0:
            return
        if query.only_if_empty and not all(_nothing(row, path) for path in query.only_if_empty):
            continue
        matched = wanted.matched(row)
        if matched:
            yield Hit(tuple(row.get(name) for name in query.fields), matched)
            left = None if left is None else left - 1


def held(row: Mapping[str, Any], paths: Sequence[Path]) -> Iterator[tuple[Any, ...]]:
    """Yield the composite keys that a row holds, in the form in which keys of different systems are equal."""
    yield from _held(row, paths, fold=False)


def _held(row: Mapping[str, Any], paths: Sequence[Path], *, fold: bool) -> Iterator[tuple[Any, ...]]:
    parts = [
        [_folded(value, fold=fold) for value in reach(row.get(path[0]), path[1:]) if not empty(value)] for path in paths
    ]
    return itertools.product(*parts)


def _nothing(row: Mapping[str, Any], path: Path) -> bool:
    return all(empty(value) for value in reach(row.get(path[0]), path[1:]))


def _key(key: Sequence[Any], *, fold: bool) -> tuple[Any, ...]:
    return tuple(_folded(part, fold=fold) for part in key)


def _folded(value: Any, *, fold: bool) -> Any:
    text = same(value)
    return text.lower() if fold else text
