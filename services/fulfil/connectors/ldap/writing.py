"""Changing one entry under the condition that it holds what was read: old values are deleted by name, new ones added.

A directory has no transaction over several entries, but a modification is all or nothing, and deleting a value that is
no longer there fails: so a change between our reading and our writing is refused by the directory itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.fulfil.connectors.ldap.client import Directory, Entry, parse_dn
from services.fulfil.connectors.ldap.schema import Attribute
from services.fulfil.connectors.ldap.tables import spelled
from services.fulfil.connectors.protocol import SystemRefuses

DELETE: Final = "MODIFY_DELETE"
ADD: Final = "MODIFY_ADD"
REPLACE: Final = "MODIFY_REPLACE"
_SPECIAL: Final = ',+"\\<>;='
Changes = dict[str, list[tuple[str, Sequence[bytes]]]]


def write(directory: Directory, entry: Entry, new: Mapping[str, Any], known: Mapping[str, Attribute]) -> str:
    """Set attributes of an entry, its own name where that holds one of them; return the entry's DN afterwards."""
    naming = naming_of(directory.system, entry.dn)
    held = dict(entry.attributes)
    dn = entry.dn
    renamed = {name: known[name].written(value) for name, value in new.items() if name.lower() in naming}
    if any(values[:1] != _named(held, name, naming) for name, values in renamed.items()):
        dn = directory.rename(dn, _new_name(directory.system, naming, renamed))
        for name, values in renamed.items():
            left = [v for v in held.get(name.lower(), ()) if not _equal(v, naming[name.lower()]) and v != values[0]]
            held[name.lower()] = [values[0], *left]
    changes: Changes = {}
    for name, value in new.items():
        _add_change(changes, held, name, known[name], known[name].written(value))
    if changes:
        directory.modify(dn, changes)
    return dn


def remove_value(directory: Directory, entry: Entry, attribute: str, raw: bytes, instead: Sequence[bytes] = ()) -> None:
    """Take one value out of an attribute, and leave every other where it is."""
    steps: list[tuple[str, Sequence[bytes]]] = [(DELETE, [raw])]
    if instead:
        steps.append((ADD, instead))
    directory.modify(entry.dn, {attribute: steps})


def _add_change(
    changes: Changes, held: Mapping[str, Sequence[bytes]], name: str, attribute: Attribute, values: Sequence[bytes]
) -> None:
    for spelling, old in spelled(held, name):
        going = [value for value in old if spelling != name.lower() or value not in values]
        if going:
            # What cannot be compared cannot be named: it is replaced, and a change meanwhile would not be seen.
            step = (DELETE, going) if attribute.comparable else (REPLACE, [])
            changes.setdefault(spelling, []).append(step)
    there = held.get(name.lower(), ())
    fresh = [value for value in values if value not in there or not attribute.comparable]
    if fresh:
        step = (ADD, fresh) if attribute.comparable else (REPLACE, fresh)
        changes.setdefault(name.lower(), []).append(step)


def naming_of(system: str, dn: str) -> dict[str, str]:
    """Return the attributes and values that an entry's own name is made of."""
    found: dict[str, str] = {}
    for kind, value, after in parse_dn(dn, escape=False, strip=True):
        found[kind.lower()] = _plain(value)
        if after != "+":
            return found
    raise SystemRefuses(f"{system}: an entry has no name of its own.")


def _new_name(system: str, naming: Mapping[str, str], renamed: Mapping[str, Sequence[bytes]]) -> str:
    values = dict(naming)
    for name, new in renamed.items():
        if not new:
            raise SystemRefuses(
                f"{system}: `{name}` is part of the entry's name and cannot be emptied; say `erase: delete`, or "
                "mask it with `hmac` or `random`."
            )
        values[name.lower()] = new[0].decode("utf-8", "replace")
    return "+".join(f"{kind}={_escaped(value)}" for kind, value in values.items())


def _named(held: Mapping[str, Sequence[bytes]], name: str, naming: Mapping[str, str]) -> list[bytes]:
    return [value for value in held.get(name.lower(), ()) if _equal(value, naming[name.lower()])][:1]


def _equal(raw: bytes, text: str) -> bool:
    return raw.decode("utf-8", "replace").strip().casefold() == text.strip().casefold()


def _plain(value: str) -> str:
    """Return a value of a DN without the escapes of RFC 4514."""
    out = bytearray()
    n = 0
    raw = value.encode()
    while n < len(raw):
        if raw[n : n + 1] == b"\\" and n + 1 < len(raw):
            pair = raw[n + 1 : n + 3]
            try:
                out += bytes.fromhex(pair.decode())
                n += 3
            except ValueError:
                out += raw[n + 1 : n + 2]
                n += 2
            continue
        out += raw[n : n + 1]
        n += 1
    return out.decode("utf-8", "replace")


def _escaped(value: str) -> str:
    text = "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in value)
    if text.startswith(("#", " ")):
        text = f"\\{text}"
    return f"{text[:-1]}\\ " if text.endswith(" ") and not text.endswith("\\ ") else text
