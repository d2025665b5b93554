"""The page in a person's package: in their language, whole by itself, and never a way for data to become code."""

from __future__ import annotations

import io
import json
import re
import tomllib
import zipfile
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from services.fulfil import readable
from services.fulfil.archive import archive
from services.fulfil.core.maps.model import TableName
from services.fulfil.core.maps.reading import read_maps
from services.fulfil.readable import RECORDS_SHOWN_MAX, Cover, Statement

PAGES = Path(readable.__file__).parent / "pages"
LANGUAGES = sorted(path.stem for path in PAGES.glob("*.toml"))
MADE = datetime(2026, 11, 21, 9, tzinfo=UTC)
CUSTOMERS = TableName("shop", "customers")
MAP = """
system: shop
name: Webshop
source: from you, when you ordered
recipients: ["Postal Carrier Ltd, Riga"]
transfers: [United Kingdom (adequacy decision)]
tables:
  customers:
    about: Customers
    purpose: To deliver what was ordered.
    key: id
    retention: {ground: Tax Act s. 7, years: 10, from: since}
    fields:
      id: user.unique_id
      email: {category: user.contact.email, identity: email}
      profile: {category: user.demographic, fields: {phones: {category: user.contact.phone_number}}}
      vip: user.behavior
      since: user.behavior
  notes:
    fields:
      text: user.content
"""


class Seen(HTMLParser):
    """What a browser would make of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, list[str]] = {}
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            self.attributes.setdefault(name, []).append(value or "")

    def handle_data(self, data: str) -> None:
        self.text += data


def packed(folder: Path, rows: list[dict[str, Any]], language: str = "en", **more: Any) -> tuple[Seen, zipfile.ZipFile]:
    place = folder / "data" / "shop" / "customers.jsonl"
    place.parent.mkdir(parents=True)
    place.write_text("".join(json.dumps(row) + "\n" for row in rows))
    maps = read_maps([("shop.yml", MAP)])[0]
    cover = Cover("Axigen", MADE, language, maps, **more)
    file = zipfile.ZipFile(io.BytesIO(b"".join(archive(folder, cover, {CUSTOMERS: len(rows)}, None))))
    return Seen(file.read("index.html").decode()), file


ANN = {"id": 1, "email": "ann@example.org", "profile": {"phones": ["111", "112"]}, "vip": True, "since": None}


def test_every_record_is_readable_with_what_it_is_and_what_it_is_for(tmp_path: Path) -> None:
    seen, _ = packed(tmp_path, [ANN])
    for words in (
        "ann@example.org",
        "111",
        "email address",
        "To deliver what was ordered.",
        "Customers",
        "Webshop",
        "yes",
    ):
        assert words in seen.text
    for words in (
        "Postal Carrier Ltd, Riga",
        "United Kingdom",
        "from you, when you ordered",
        "10 years (Tax Act s. 7)",
    ):
        assert words in seen.text


def test_the_page_speaks_the_person_s_language(tmp_path: Path) -> None:
    seen, _ = packed(tmp_path, [ANN], "de")
    assert seen.attributes["lang"][0] == "de"
    assert "Ihre Daten bei Axigen" in seen.text
    assert "E-Mail-Adresse" in seen.text


def test_a_language_that_we_do_not_write_gets_english_and_says_so_to_a_screen_reader(tmp_path: Path) -> None:
    seen, _ = packed(tmp_path, [ANN], "xx")
    assert seen.attributes["lang"][0] == "en"
    assert "Your data from Axigen" in seen.text


def test_data_never_becomes_code(tmp_path: Path) -> None:
    evil = "<script>alert(1)</script>\"' onload=x {{ 7*7 }}"
    seen, _ = packed(tmp_path, [{"id": 1, "email": evil, evil: evil}], statements=[Statement(evil)], authority=evil)
    assert "script" not in seen.tags
    assert "onload" not in seen.attributes
    assert "{{ 7*7 }}" in seen.text


def test_the_page_stands_alone(tmp_path: Path) -> None:
    seen, _ = packed(tmp_path, [ANN])
    assert not {"script", "link", "img", "iframe"} & set(seen.tags)
    assert all(not place.startswith(("http", "//")) for place in seen.attributes["href"])


def test_the_manifest_names_every_file_with_its_hash(tmp_path: Path) -> None:
    _, file = packed(tmp_path, [ANN])
    listed = {entry["file"] for entry in json.loads(file.read("manifest.json"))["files"]}
    assert listed == set(file.namelist()) - {"manifest.json"}
    assert "data/shop/customers.jsonl" in listed


def test_a_long_table_shows_its_first_records_and_says_where_the_others_are(tmp_path: Path) -> None:
    rows = [{"id": n, "email": f"nr{n}@example.org"} for n in range(RECORDS_SHOWN_MAX + 5)]
    seen, file = packed(tmp_path, rows)
    assert f"nr{RECORDS_SHOWN_MAX - 1}@" in seen.text
    assert f"nr{RECORDS_SHOWN_MAX}@" not in seen.text
    assert "5 further records" in seen.text
    assert file.read("data/shop/customers.jsonl").count(b"\n") == len(rows)


def test_what_was_left_out_is_said_also_where_nothing_else_is_shown(tmp_path: Path) -> None:
    seen, _ = packed(tmp_path, [ANN], withheld={TableName("shop", "notes"): 3})
    assert "Art. 15(4)" in seen.text
    assert "notes" in seen.text


def test_the_policy_is_quoted_in_its_own_language(tmp_path: Path) -> None:
    seen, _ = packed(tmp_path, [ANN], "de", statements=[Statement("We keep it.", "en")])
    assert seen.attributes["lang"] == ["de", "en"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_nobody_found_is_said_plainly(tmp_path: Path, language: str) -> None:
    seen, _ = packed(tmp_path, [], language)
    assert "table" not in seen.tags


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_has_every_word_with_the_same_places(language: str) -> None:
    english, words = (tomllib.loads((PAGES / f"{each}.toml").read_text("utf-8")) for each in ("en", language))
    assert list(words) == list(english)
    assert list(words["kinds_of_data"]) == list(english["kinds_of_data"])
    for name, text in english.items():
        if isinstance(text, str):
            assert re.findall(r"{\w+}", words[name]) == re.findall(r"{\w+}", text), name


@pytest.mark.parametrize("language", [name for name in LANGUAGES if name != "en"])
def test_each_sentence_of_the_page_is_translated(language: str) -> None:
    english, words = (tomllib.loads((PAGES / f"{each}.toml").read_text("utf-8")) for each in ("en", language))
    sentences = {name for name, text in english.items() if isinstance(text, str) and len(text.split()) > 2}
    assert sentences
    assert not [name for name in sentences if words[name] == english[name]]


def test_the_page_can_be_walked_by_ear(tmp_path: Path) -> None:
    # WCAG 2.2, 1.3.1 and 2.4.6: headings in order, every table named, every head cell with its direction.
    seen, _ = packed(tmp_path, [ANN, ANN])
    headings = [tag for tag in seen.tags if tag in {"h1", "h2", "h3"}]
    assert headings[0] == "h1"
    assert set(headings[1:]) == {"h2"}
    named = seen.tags.count("caption") + len(seen.attributes["aria-label"])
    assert seen.tags.count("table") == named == 3
    assert len(seen.attributes["scope"]) == seen.tags.count("th")
    assert "hidden" not in seen.attributes, "what is hidden is not read out either"
    assert "main" in seen.tags


def test_files_of_a_package_that_may_be_mailed_are_numbered_and_the_manifest_says_what_they_hold(
    tmp_path: Path,
) -> None:
    place = tmp_path / "data" / "clinic" / "hiv_tests.jsonl"
    place.parent.mkdir(parents=True)
    place.write_text('{"id": 1}\n')
    content = b"".join(archive(tmp_path, Cover("Axigen", MADE, "en"), {TableName("clinic", "hiv_tests"): 1}, None,
                               numbered=True))  # fmt: skip
    file = zipfile.ZipFile(io.BytesIO(content))
    assert file.namelist() == ["index.html", "data/1.jsonl", "manifest.json"]
    listed = json.loads(file.read("manifest.json"))["files"]
    assert [entry.get("holds") for entry in listed] == [None, "data/clinic/hiv_tests.jsonl"]
    assert 'href="data/1.jsonl"' in file.read("index.html").decode()
    assert not place.exists(), "what is in the stream does not stay on the disk"
