"""Ids that are derived as text are those that the standard library makes."""

from __future__ import annotations

from uuid import UUID, uuid5

from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import derived_text


@given(namespace=st.uuids(), name=st.text())
def test_a_derived_id_is_the_standard_librarys(namespace: UUID, name: str) -> None:
    assert derived_text(namespace, name) == str(uuid5(namespace, name))
