"""One valid sample of any event, made from its fields' types."""

from __future__ import annotations

import types
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from schemas.base import Event

MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
REF = "vault:00000000-0000-4000-8000-000000000000"


def sample(model: type[Event]) -> Event:
    """Return an event with every field filled."""
    return model.model_validate({name: _value(name, field) for name, field in model.model_fields.items()})


def _value(name: str, field: Any) -> Any:
    patterns = [getattr(part, "pattern", None) for part in field.metadata]
    if any(pattern and pattern.startswith("^vault:") for pattern in patterns):
        return REF
    if any(pattern and pattern.startswith("^(policy") for pattern in patterns):
        return "law"
    return _of(field.annotation)


def _of(kind: Any) -> Any:
    origin, inner = get_origin(kind), get_args(kind)
    if origin in {Union, types.UnionType}:
        return _of(inner[0])
    if origin is tuple:
        return (_of(inner[0]),)
    if hasattr(kind, "__metadata__"):
        patterns = [getattr(part, "pattern", "") or "" for part in kind.__metadata__]
        return REF if any(pattern.startswith("^vault:") for pattern in patterns) else _of(kind.__origin__)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: _value(name, field) for name, field in kind.model_fields.items()}
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return {str: "abc", int: 1, float: 0.5, bool: True, datetime: MOMENT}.get(kind, MOMENT)
