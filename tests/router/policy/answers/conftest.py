"""The shipped policies, answered; loaded once, because nothing in them changes."""

from __future__ import annotations

from datetime import date

import pytest

from services.router.answers import Answers
from services.router.laws import shipped_laws
from services.router.policies import load, shipped_root

TODAY = date(2026, 1, 1)


@pytest.fixture(scope="session")
def answers() -> Answers:
    return Answers(load([shipped_root()]), shipped_laws())
