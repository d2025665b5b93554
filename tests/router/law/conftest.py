"""Asks the clock as a line of JSON does, with the shipped laws and calendars."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from services.router.api.deadlines import deadline

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def ask() -> Ask:
    def asked(regime: str, received: str, right: str = "access", **fields: Any) -> dict[str, Any]:
        line = {"received": received, "right": right, **fields}
        if regime:
            line["regime"] = regime
        if regime == "eu-gdpr":
            line = {"tz": "Europe/Berlin", "calendar": "DE-BE"} | line
        if regime == "uk-gdpr":
            line = {"tz": "Europe/London", "calendar": "GB-ENG"} | line
        return deadline(line).fields()

    return asked
