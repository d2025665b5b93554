"""The refusal grounds as files: `knowledge/grounds/*.toml`, read once; an operator's folder may add or correct one."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from services.router.core.cases.grounds import Ground, GroundFault, ground


def shipped_root() -> Path:
    """Return where the grounds that habeas ships with are kept."""
    return Path(__file__).resolve().parents[2] / "knowledge" / "grounds"


@cache
def shipped_grounds() -> Mapping[str, Ground]:
    """Return the grounds that habeas ships with, by id."""
    return read_grounds([shipped_root()])


def read_grounds(roots: Iterable[Path]) -> Mapping[str, Ground]:
    """Return the grounds of these folders; a later folder's ground replaces an earlier one of the same id."""
    found: dict[str, Ground] = {}
    for path in (path for root in roots for path in sorted(root.glob("*.toml"))):
        try:
            tables = tomllib.loads(path.read_text("utf-8")).get("ground", [])
            found |= {each.id: each for each in map(ground, tables)}
        except (tomllib.TOMLDecodeError, ValueError) as fault:
            raise GroundFault(f"{path.name}: {fault}") from None
    return found
