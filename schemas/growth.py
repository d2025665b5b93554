"""Whether a schema is a released one, grown: topics are kept for 400 days, so both old and new must be readable. Pure.

An old reader must read what a new writer writes, and a new reader what an old one wrote. So fields and values are added
and never removed, what was required stays required, nothing new is, and a shape never changes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

_WORDS: Final = {"description", "title", "default", "$schema", "$id"}

Schema = Mapping[str, Any]


def faults_of_growth(name: str, released: Schema, current: Schema | None) -> list[str]:
    """Return a sentence for each way in which `current` is not the released schema, grown."""
    if current is None:
        return [f"{name}: a released event is gone; keep it, and publish a new event beside it"]
    faults = list(_compared(name, released, current))
    before, now = _version(released), _version(current)
    if now[0] != before[0]:
        faults.append(f"{name}: the major version changed; a changed meaning is a new event with a new name")
    elif now == before and _bare(released) != _bare(current) and not faults:
        faults.append(f"{name}: it grew, so raise its version above {before[0]}.{before[1]} and release it")
    return faults


def _compared(name: str, released: Schema, current: Schema) -> Iterator[str]:
    yield from _shape(name, released, current)
    for inner, before in released.get("$defs", {}).items():
        now = current.get("$defs", {}).get(inner)
        if now is None:
            yield f"{name}: the value {inner} is gone; keep it as it was"
        else:
            yield from _shape(f"{name}.{inner}", before, now)


def _shape(name: str, before: Schema, now: Schema) -> Iterator[str]:
    yield from _fields(name, before, now)
    yield from _required(name, before, now)
    removed = [str(value) for value in before.get("enum", ()) if value not in now.get("enum", ())]
    if removed:
        yield f"{name}: the values {', '.join(removed)} are gone; keep them readable"
    rest = _WORDS | {"properties", "required", "enum", "$defs"}
    if _without(before, rest) != _without(now, rest):
        yield f"{name}: its shape changed; a changed meaning is a new event"


def _fields(name: str, before: Schema, now: Schema) -> Iterator[str]:
    for field, shape in before.get("properties", {}).items():
        if field not in now.get("properties", {}):
            yield f"{name}.{field}: a released field is gone; keep it"
        elif _bare(shape) != _bare(now["properties"][field]):
            yield f"{name}.{field}: its shape changed; add a field with a new name instead"


def _required(name: str, before: Schema, now: Schema) -> Iterator[str]:
    was, needed = set(before.get("required", ())), set(now.get("required", ()))
    for field in sorted(needed - was):
        yield f"{name}.{field}: it is required now, and released events do not have it; give it a default"
    for field in sorted(was - needed):
        yield f"{name}.{field}: it was required, and released readers still need it; keep it required"


def _version(schema: Schema) -> tuple[int, int]:
    major, _, minor = str(schema.get("$id", ":0.0")).rpartition(":")[2].partition(".")
    return int(major), int(minor or 0)


def _without(schema: Schema, names: set[str]) -> str:
    return json.dumps({key: value for key, value in schema.items() if key not in names}, sort_keys=True)


def _bare(shape: Any) -> Any:
    """Return a shape without its words and the order of its lists of names."""
    if isinstance(shape, Mapping):
        return {key: _bare_value(key, value) for key, value in shape.items() if key not in _WORDS}
    return [_bare(one) for one in shape] if isinstance(shape, list) else shape


def _bare_value(key: str, value: Any) -> Any:
    if key == "required":
        return sorted(value)
    return _properties(value) if key in {"properties", "$defs"} else _bare(value)


def _properties(fields: Mapping[str, Any]) -> dict[str, Any]:
    # Here the keys are names of fields, and one of them may well be called `title`.
    return {name: _bare(shape) for name, shape in fields.items()}
