"""Records as TOML text, written so that a reviewer sees one promise after another."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from services.router.core.policy.model import Controller, Promise, Seat
from services.router.core.policy.record import Record


def controller_toml(controller: Controller) -> str:
    """Return a controller's file."""
    lines = [f"name = {literal(controller.name)}", f"website = {literal(controller.website)}"]
    if controller.contacts:
        lines.append(f"contacts = {literal(controller.contacts)}")
    return "\n".join([*lines, "", *_seat(controller.seat), ""])


def record_toml(record: Record, promises: Sequence[Promise]) -> str:
    """Return a version's record with its promises in the order of the text."""
    lines = [f"effective = {record.effective.isoformat()}"] if record.effective else []
    lines += [
        f"kind = {literal(record.kind.value)}",
        f"language = {literal(record.language)}",
        f"source = {literal(record.source)}",
        f"sha256 = {literal(record.sha256)}",
        "",
        *_seat(record.seat),
    ]
    if record.kept_ids:
        lines += ["", "[clause_ids]"]
        lines += [f"{json.dumps(new)} = {literal(old)}" for new, old in sorted(record.kept_ids.items())]
    for promise in promises:
        lines += ["", *_promise(promise)]
    return "\n".join(lines) + "\n"


def record_fields(record: Record, promises: Sequence[Promise]) -> dict[str, Any]:
    """Return the tables that `record_toml` writes, as they are read back."""
    fields: dict[str, Any] = {"effective": record.effective} if record.effective else {}
    fields |= {
        "kind": record.kind.value,
        "language": record.language,
        "source": record.source,
        "sha256": record.sha256,
        "seat": {name: _thawed(getattr(record.seat, name)) for name in _SEAT_NAMES},
    }
    if record.kept_ids:
        fields["clause_ids"] = dict(sorted(record.kept_ids.items()))
    if promises:
        fields["promise"] = [
            {
                "kind": promise.kind.value,
                "value": _thawed(promise.value),
                "start": promise.start,
                "quote": promise.quote,
                **({"confirmed": True} if promise.confirmed else {"confidence": round(promise.confidence, 2)}),
            }
            for promise in promises
        ]
    return fields


def _thawed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _thawed(inner) for key, inner in value.items()}
    return [_thawed(inner) for inner in value] if isinstance(value, (tuple, list)) else value


_SEAT_NAMES: Final = ("entity", "address", "country", "zone", "holidays", "laws")


def _seat(seat: Seat) -> list[str]:
    return ["[seat]", *(f"{name} = {literal(getattr(seat, name))}" for name in _SEAT_NAMES)]


def _promise(promise: Promise) -> list[str]:
    sure = "confirmed = true" if promise.confirmed else f"confidence = {promise.confidence:.2f}"
    return [
        "[[promise]]",
        f"kind = {literal(promise.kind.value)}",
        f"value = {literal(promise.value)}",
        f"start = {promise.start}",
        f"quote = {literal(promise.quote)}",
        sure,
    ]


def literal(value: Any) -> str:
    """Return a value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {literal(inner)}" for key, inner in value.items()) + " }" if value else "{}"
    if isinstance(value, Sequence):
        return "[" + ", ".join(literal(inner) for inner in value) + "]"
    return str(value)
