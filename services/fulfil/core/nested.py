"""Nested data that holds several people: a thread's messages, a mail's copies. Each element is one person's.

An array of objects that carry an identity is taken apart: the elements that name the person are theirs, the others are
other people's and are neither shown nor touched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from services.fulfil.core.identities import FOLDED
from services.fulfil.core.maps.model import Field, Path
from services.fulfil.core.values import empty, opened, same

Given = Mapping[str, frozenset[str]]


def given_values(identities: Mapping[str, tuple[str, ...]]) -> Given:
    """Return the identities as they are compared."""
    return {n: frozenset(v.lower() if n in FOLDED else v for v in values) for n, values in identities.items()}


def is_given(identity: str, value: Any, given: Given) -> bool:
    """Whether a value is one of the person's identities."""
    text = str(same(value))
    return (text.lower() if identity in FOLDED else text) in given.get(identity, frozenset())


def names_elements(field: Field, given: Given) -> bool:
    """Whether the elements below a field each name somebody, directly or in an object inside."""
    return any(f.identity in given if not f.fields else names_elements(f, given) for f in field.fields)


def anothers(element: Any, field: Field, given: Given) -> bool:
    """Whether an element names somebody, and not the person."""
    if not isinstance(element, dict):
        return False
    named = list(_identities(element, field, given))
    return bool(named) and not any(is_given(identity, value, given) for identity, value in named)


def _identities(element: dict[str, Any], field: Field, given: Given) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for f in field.fields:
        value = opened(element.get(f.name))
        if isinstance(value, dict) and f.fields:
            found += _identities(value, f, given)
        elif f.identity and f.identity in given:
            values = value if isinstance(value, list) else [value]
            found += [(f.identity, v) for v in values if not empty(v)]
    return found


def in_elements(fields: tuple[Field, ...], path: Path, value: Any, given: Given) -> bool:
    """Whether a path leads through an array whose elements each name somebody."""
    field = next((f for f in fields if f.name == path[0]), None)
    if field is None:
        return False
    value = opened(value)
    if isinstance(value, list):
        if names_elements(field, given):
            return True
        return any(_below(field, path, element, given) for element in value)
    return _below(field, path, value, given)


def _below(field: Field, path: Path, value: Any, given: Given) -> bool:
    return len(path) > 1 and isinstance(value, dict) and in_elements(field.fields, path[1:], value.get(path[1]), given)


def one_by_one(field: Field, given: Given) -> bool:
    """Whether a list below a field holds identities that each name somebody."""
    return not field.fields and field.identity in given and not field.return_all


def mixes(field: Field, given: Given) -> bool:
    """Whether a field may hold several people's data side by side."""
    if not field.fields:
        return one_by_one(field, given) and field.array
    return (field.array and names_elements(field, given)) or any(mixes(below, given) for below in field.fields)


def holds_others(value: Any, field: Field, given: Given) -> bool:
    """Whether a mixed field holds anything of another person."""
    found = False

    def note(element: Any) -> Any:
        nonlocal found
        found = True
        return element

    rewritten(value, field, (field.name,), given, lambda _path, _field, old: old, note)
    return found


def rewritten(
    value: Any,
    field: Field,
    path: Path,
    given: Given,
    leaf: Callable[[Path, Field, Any], Any],
    other: Callable[[Any], Any],
) -> Any:
    """Return nested data with each leaf passed through one function, and elements about others through another."""
    value = opened(value)
    if isinstance(value, list):
        if one_by_one(field, given):
            # A list of addresses names several people; the map's return_all says where they are all the person's.
            each = [
                leaf(path, field, element) if is_given(field.identity or "", element, given) else other(element)
                for element in value
            ]
            return [element for element in each if element is not None]
        apart = names_elements(field, given)
        return [
            other(element)
            if apart and anothers(element, field, given)
            else rewritten(element, field, path, given, leaf, other)
            for element in value
        ]
    if field.fields and isinstance(value, dict):
        mapped = {f.name: f for f in field.fields}
        return {
            name: rewritten(below, mapped[name], (*path, name), given, leaf, other) if name in mapped else below
            for name, below in value.items()
        }
    return leaf(path, field, value)
