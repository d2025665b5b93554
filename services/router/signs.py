"""The signs as files: `knowledge/signs/*.toml`, read once."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

from services.router.core.signs.children import AgeWords
from services.router.core.signs.customers import CustomerWords

_ROOT: Final = Path(__file__).resolve().parents[2] / "knowledge" / "signs"


@cache
def age_words() -> Mapping[str, AgeWords]:
    """Return how each language says an age."""
    return {name: AgeWords(**_tuples(table)) for name, table in _read("children").items()}


@cache
def customer_words() -> Mapping[str, CustomerWords]:
    """Return how each language says that a customer of ours sends mail through us."""
    return {name: CustomerWords(**_tuples(table)) for name, table in _read("customers").items()}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((_ROOT / f"{name}.toml").read_text("utf-8"))


def _tuples(table: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(found) for key, found in table.items()}
