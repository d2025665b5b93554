"""A quotation is a slice of the file as published, whatever the file holds."""
# ruff: noqa: E501 - a table of marks is read as one

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.router.core.policy.promises.extract import promises_of
from services.router.core.policy.text.parse import clauses_of, markup_of

SHAPES = sorted((Path(__file__).parent / "shapes").iterdir())
MARKS = ["\n", "\n\n", "  \n", "# ", "## 1\\. ", "* ", "1. ", "a) ", "| ", "---|---\n", "**", "_", "> ", "\xa0", "\u200b", "é", "𝒳", "&nbsp;",
         "<p>", "</p>", "<td rowspan=2>", "<tr>", "<table>", "</table>", "<li>", "<br>", "<b>", "&eacute;", "<!--", "<script>"]  # fmt: skip
WORDS = [
    "we keep data for 30 days",
    "support (at) shop.example",
    "Your rights",
    "CSV or JSON",
    "you may erase it.",
    "Address:",
    "+49 30 5550123",
]
texts = st.lists(st.sampled_from(MARKS + WORDS) | st.text(max_size=12), max_size=60).map("".join)


@given(texts)
@settings(max_examples=300, deadline=None)
def test_every_clause_and_every_promise_is_a_slice_of_the_text(text: str) -> None:
    clauses = clauses_of(text)
    for clause in clauses:
        assert 0 <= clause.start < clause.end <= len(text)
        assert text[clause.start : clause.end] == clause.text
    for promise in promises_of(text, clauses, markup_of(text)):
        assert text[promise.start : promise.end] == promise.quote != ""


@given(texts)
@settings(max_examples=150, deadline=None)
def test_clauses_stand_in_order_and_do_not_overlap(text: str) -> None:
    clauses = clauses_of(text)
    assert all(one.end <= other.start for one, other in pairwise(clauses))


@given(texts)
@settings(max_examples=100, deadline=None)
def test_ids_are_unique_and_a_text_is_read_the_same_way_twice(text: str) -> None:
    clauses = clauses_of(text)
    assert len({clause.id for clause in clauses}) == len(clauses)
    assert clauses_of(text) == clauses


@pytest.mark.parametrize("path", SHAPES, ids=lambda path: path.name)
def test_a_sentence_added_between_paragraphs_leaves_every_id_as_it_was(path: Path) -> None:
    text = path.read_text("utf-8")
    clauses = [clause for clause in clauses_of(text) if clause.citable]
    middle = clauses[len(clauses) // 2]
    addition = (
        "<p>This wholly new sentence says nothing that was said before.</p>"
        if path.suffix == ".html"
        else ("\n\nThis wholly new sentence says nothing that was said before.\n\n")
    )
    block = text.rfind("\n", 0, middle.start) + 1 if path.suffix != ".html" else text.rfind("<p", 0, middle.start)
    edited = text[:block] + addition + text[block:]
    before = {clause.id for clause in clauses}
    after = {clause.id for clause in clauses_of(edited)}
    assert len(before & after) >= len(before) - 1
