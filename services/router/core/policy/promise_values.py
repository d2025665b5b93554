"""What the fields of a promise in a record may hold: a slip is named where it was made, not met in a case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.router.core.policy.promises.durations import DAYS

_NUMBERS: Final = frozenset(("amount", "amount_min", "age", "age_min", "not_knowingly_under"))
_LISTS: Final = frozenset(("rights", "formats", "bases", "items", "laws", "interests", "national", "supplements"))
_FLAGS: Final = frozenset(
    (
        "allowed",
        "anonymous",
        "closes_account",
        "collected",
        "extendable",
        "named",
        "offered",
        "personal",
        "sells",
        "shares",
        "told",
        "used",
        "vague",
    )
)
NUMBER_MAX: Final = 10_000


def slip_in(fields: Mapping[str, Any]) -> str | None:
    """Return what is wrong with a promise's table, in words for the person who wrote it; nothing if nothing is."""
    value = fields.get("value", {})
    if not isinstance(value, Mapping):
        return 'value must be a table, such as { amount = 30, unit = "day" }'
    confidence = fields.get("confidence", 0.5)
    if isinstance(confidence, bool) or not isinstance(confidence, int | float) or not 0 <= confidence <= 1:
        return f"confidence must be a number from 0 to 1, not {confidence!r}"
    if not isinstance(fields.get("confirmed", False), bool):
        return f"confirmed must be true or false, not {fields['confirmed']!r}"
    return next(filter(None, (_slip(name, given) for name, given in value.items())), None) or _slip_in_time(value)


def _slip(name: str, given: Any) -> str | None:
    if name in _NUMBERS and (isinstance(given, bool) or not isinstance(given, int) or not 0 < given <= NUMBER_MAX):
        return f"{name} must be a whole number above 0, not {given!r}"
    if name in _LISTS and not (isinstance(given, list | tuple) and all(isinstance(each, str) for each in given)):
        return f'{name} must be a list, such as ["access"], not {given!r}'
    if name in _FLAGS and not isinstance(given, bool):
        return f"{name} must be true or false, not {given!r}"
    return None


def _slip_in_time(value: Mapping[str, Any]) -> str | None:
    if ("amount" in value) != ("unit" in value):
        return 'amount and unit belong together, such as amount = 30, unit = "day"'
    if "unit" in value and value["unit"] not in DAYS:
        return f"unit must be one of {', '.join(DAYS)}, not {value['unit']!r}"
    return None
