"""Bytes become the letters that their writer typed, whatever the program declared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.core.charsets import declared_in_html, decoded, whole

GERMAN = "Bitte löschen Sie alle meine Daten – danke"
RUSSIAN = "Прошу удалить все мои персональные данные"
JAPANESE = "私の個人データを送ってください"


@pytest.mark.parametrize(
    ("written", "declared", "text"),
    [
        ("utf-8", None, GERMAN),
        ("utf-8", "us-ascii", GERMAN),
        ("utf-8", "utf-8; reply-type=original", GERMAN),
        ("utf-8-sig", "utf-8", GERMAN),
        ("cp1252", "iso-8859-1", GERMAN),
        ("cp1252", "utf-8", GERMAN),
        ("cp1252", None, GERMAN),
        ("cp1252", "x-unheard-of", GERMAN),
        ("koi8-r", "KOI8-R", RUSSIAN),
        ("cp1251", "windows-1251", RUSSIAN),
        ("utf-16", "utf-16", RUSSIAN),
        ("utf-16", None, RUSSIAN),
        ("iso-2022-jp", "ISO-2022-JP", JAPANESE),
        ("iso-2022-jp", None, JAPANESE),
        ("cp932", "Shift_JIS", JAPANESE),
        ("gb18030", "gb2312", "请删除我的個人資料"),
        ("cp949", "ks_c_5601-1987", "제 개인정보를 삭제해 주세요"),
        ("cp1254", "iso-8859-9", "Lütfen “tüm” kişisel verilerimi silin"),
    ],
)
def test_a_text_is_read_as_it_was_written(written: str, declared: str | None, text: str) -> None:
    assert decoded(text.encode(written), declared) == text


def test_one_broken_byte_costs_one_letter() -> None:
    assert decoded(f"{GERMAN} äöü ".encode() + b"\xff", "utf-8") == f"{GERMAN} äöü \ufffd"
    assert decoded(JAPANESE.encode("euc_jp") + b"\xff", "euc-jp").startswith(JAPANESE)


def test_a_page_may_name_its_charset_itself() -> None:
    assert declared_in_html(b'<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">') == (
        "windows-1251"
    )
    assert declared_in_html(b"<p>charset</p>") is None


@given(
    st.binary(max_size=60),
    st.sampled_from(
        [None, "utf-7", "unicode_escape", "idna", "punycode", "rot13", "zlib", "hex", "utf-16", "hz", "\0"]
    ),
)
def test_whatever_is_declared_the_text_can_be_stored(content: bytes, declared: str | None) -> None:
    decoded(content, declared).encode("utf-8")


def test_half_a_letter_becomes_a_mark() -> None:
    assert decoded(b"+2AA-", "utf-7") == "\ufffd"
    assert whole("a\ud800b") == "a\ufffdb"
