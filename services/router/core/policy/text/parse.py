"""A text as published to clauses, whatever it is written in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from services.router.core.policy.model import Clause, ClauseKind
from services.router.core.policy.text import lines, pages
from services.router.core.policy.text.ids import clause_id
from services.router.core.policy.text.plain import Markup, plain_words
from services.router.core.policy.text.sections import Passage, passages
from services.router.core.policy.text.sentences import split_long

_HTML: Final = re.compile(r"(?i)<!doctype html|<html[\s>]|<body[\s>]|</(?:p|div|li|td|h[1-6])>")
SNIFFED_CHARACTERS_MAX: Final = 20_000


def markup_of(text: str) -> Markup:
    """Return how a text is written, judged by the text alone: a file's name often lies."""
    head = text[:SNIFFED_CHARACTERS_MAX]
    return (
        Markup.HTML
        if len(_HTML.findall(head)) >= 2 or head.lstrip("\ufeff \r\n\t")[:9].lower() == "<!doctype"
        else Markup.MARKDOWN
    )


def clauses_of(text: str, kept_ids: Mapping[str, str] | None = None) -> tuple[Clause, ...]:
    """Return the clauses of a text; `kept_ids` names those whose beginning was edited and that keep an older id."""
    markup = markup_of(text)
    blocks = pages.scan(text) if markup is Markup.HTML else lines.scan(text)
    taken: set[str] = set()
    found = []
    for passage in passages(blocks):
        for start, end in _cut(text, passage):
            plain = plain_words(text, start, end, markup)
            if not any(map(str.isalnum, plain)):
                continue  # a table's empty row, a line of stars: nothing that anybody could cite
            derived = clause_id(passage.heading, plain, taken)
            name = (kept_ids or {}).get(derived, derived)
            found.append(Clause(name, passage.heading, passage.kind, start, end, text[start:end], plain, passage.lead))
    return tuple(found)


def _cut(text: str, passage: Passage) -> list[tuple[int, int]]:
    if passage.kind in (ClauseKind.PARAGRAPH, ClauseKind.ITEM, ClauseKind.NOTICE):
        return split_long(text, passage.start, passage.end)
    return [(passage.start, passage.end)]
