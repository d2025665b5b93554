"""A plain path is read as the library reads it."""

from __future__ import annotations

from email.utils import parseaddr
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from services.intake import smtp
from services.intake.core.mail import address_of

PARTS = st.from_regex(r"[A-Za-z0-9_+-]{1,8}(\.[A-Za-z0-9_+-]{1,8}){0,2}", fullmatch=True)
HOSTS = st.from_regex(r"[A-Za-z0-9-]{1,8}(\.[A-Za-z0-9-]{1,8}){0,2}", fullmatch=True)
OPTIONS = st.sampled_from(
    [
        "",
        " SIZE=1234",
        " size=65 body=8BITMIME",
        " size",
        " BODY=8BITMIME SMTPUTF8",
        "  SIZE=1",
        " (a comment) SIZE=1",
        " x",
    ]
)


@pytest.fixture(scope="module")
def door() -> Any:
    made = smtp._Smtp.__new__(smtp._Smtp)
    made.local_part_limit = 0
    return made


@given(local=PARTS, host=HOSTS, options=OPTIONS)
def test_a_path_with_its_parameters_is_read_as_the_library_reads_it(
    door: Any, local: str, host: str, options: str
) -> None:
    path = f"<{local}@{host}>{options}"
    assert door._getaddr(path) == SMTP._getaddr(door, path)


@pytest.mark.parametrize("path", ["", "<>", "a@b", '<"a b"@c>', "<a@[127.0.0.1]>", "<ü@b.org>", "<a@b", "<@x:a@b>"])
def test_any_other_path_is_left_to_the_library(door: Any, path: str) -> None:
    assert smtp._PLAIN_PATH.fullmatch(path) is None
    assert door._getaddr(path) == SMTP._getaddr(door, path)


@given(local=PARTS, host=HOSTS)
def test_a_plain_address_is_its_own_bare_address(local: str, host: str) -> None:
    assert address_of(f"{local}@{host}") == parseaddr(f"{local}@{host}")[1].lower()
