"""A case under the terms of a controller in Berlin, for the tests that tell it things."""

from __future__ import annotations

import pytest

from tests.router.cases.scenario import Told, terms


@pytest.fixture
def told() -> Told:
    return Told(terms())
