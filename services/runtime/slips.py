"""Variables of the environment that were meant as settings and are none.

A slip in a file's key is named at start; one in a variable would go unseen, and the default would rule. Not everything
that begins with our name is meant for us: Kubernetes sets `HABEAS_PORT_25_TCP` where a service is called habeas, and
shells keep what they like.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import Final

PREFIX: Final = "HABEAS_"
OTHERS: Final = frozenset(
    {"home", "cache", "knowledge", "master_key", "master_key_previous", "db_password"},
)
"""Variables of ours that are no settings."""
ALIKE: Final = 0.84
ALIKE_BELOW: Final = 0.6
"""With two underscores a name is a setting's by its shape, and only which one is to be guessed."""


def slips(variables: Iterable[str], settings: Collection[str]) -> list[str]:
    """Return a sentence for each variable that is a setting by its shape, or nearly by its name, and is none."""
    found = []
    for variable in sorted(name for name in variables if name.upper().startswith(PREFIX)):
        name, part, below = variable[len(PREFIX) :].lower().partition("__")
        if name in settings or name in OTHERS:
            continue
        near = difflib.get_close_matches(name, [*settings, *OTHERS], 1, ALIKE_BELOW if part else ALIKE)
        if not (part or near):
            continue
        meant = (
            f"; is {PREFIX}{near[0].upper()}{part}{below.upper()} meant?" if near else "; look for a slip in its name"
        )
        found.append(f"{variable} in the environment: there is no such setting{meant}")
    return found
