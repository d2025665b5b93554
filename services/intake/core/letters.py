"""From a template's name, a language and facts to the words of a letter.

The words are data (`services/intake/letters/<language>.toml`); facts are values, and reach the template as values only:
what a person or a policy wrote can never act as a template. A language we have no letters in is answered in English.
"""

from __future__ import annotations

import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Final

from jinja2 import ChainableUndefined, Template, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

FALLBACK: Final = "en"
LINE_CHARACTERS: Final = 78
TEMPLATES_KEPT: Final = 512
_JINJA: Final = ImmutableSandboxedEnvironment(
    autoescape=False, undefined=ChainableUndefined, trim_blocks=False, keep_trailing_newline=False
)
_BLANKS: Final = re.compile(r"\n{3,}")  # what a part that has no facts leaves behind


class LetterFault(Exception):
    """A letter that cannot be written: the template is unknown, or its words are not as they must be."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The words of a letter."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Phrases:
    """One language's letters, as read from its file."""

    language: str
    words: Mapping[str, Any]

    def section(self, name: str) -> Mapping[str, Any]:
        """Return a table of the file; empty where this language leaves it to the fallback."""
        found = self.words.get(name, {})
        return found if isinstance(found, Mapping) else {}


def read_phrases(language: str, toml: str) -> Phrases:
    """Return a language's letters, or say what is wrong with the file."""
    try:
        return Phrases(language, tomllib.loads(toml))
    except tomllib.TOMLDecodeError as fault:
        raise LetterFault(f"the letters in '{language}' are not valid TOML: {fault}") from None


class Writer:
    """Writes letters in every language it was given phrases for."""

    def __init__(self, phrases: Mapping[str, Phrases]) -> None:
        if FALLBACK not in phrases:
            raise LetterFault(f"there are no letters in '{FALLBACK}', which every other language falls back to")
        self._phrases = phrases

    def languages(self) -> tuple[str, ...]:
        """Return the languages that letters can be written in."""
        return tuple(sorted(self._phrases))

    def compose(self, template: str, language: str, facts: Mapping[str, Any]) -> Letter:
        """Return the letter. Facts named in the template and not given are left out of the text."""
        known = self._with_words(language, dict(facts))
        subject = self._fill(self._words(language, template, "subject"), known)
        body = self._fill(self._words(language, template, "body"), known)
        parts = [
            self._fill(self._words(language, "", "greeting"), known),
            body.strip(),
            *(self._fill(self._words(language, "notices", name), known) for name in known.get("notices", ())),
            self._fill(self._words(language, "", "closing"), known),
        ]
        if known.get("reference"):
            parts.append(self._fill(self._words(language, "", "reference"), known))
            subject = f"{subject} [{known['reference']}]"
        return Letter(" ".join(subject.split()), _BLANKS.sub("\n\n", "\n\n".join(wrap(part) for part in parts)) + "\n")

    def table(self, name: str, language: str, facts: Mapping[str, Any]) -> dict[str, str]:
        """Return the filled words of a table, such as those of the pages behind the links."""
        words = self._phrases[FALLBACK].section(name)
        return {each: self._fill(self._words(language, name, each), facts) for each in words}

    def date(self, language: str, iso: str) -> str:
        """Return a date in words: people read '3 May 2027' the same everywhere, 03/05/27 they do not."""
        day = date.fromisoformat(iso[:10])
        months = self._words(language, "", "months")
        return str(self._words(language, "", "date")).format(day=day.day, month=months[day.month - 1], year=day.year)

    def _with_words(self, language: str, facts: dict[str, Any]) -> dict[str, Any]:
        """Put the language's own words for dates, rights and states into the facts."""
        for name, fact in facts.items():
            if name in {"received", "expires", "due", "new_due", "sent"} and isinstance(fact, str) and fact:
                facts[name] = self.date(language, fact)
        if isinstance(facts.get("right"), str):
            facts["right_in_short"] = self._words(language, "rights_in_short", facts["right"])
            facts["right"] = self._words(language, "rights", facts["right"])
        for name, section in (("ground", "grounds"), ("extension_ground", "extension_grounds")):
            facts[name] = self._ground(language, section, facts.get(f"{name}_id") or facts.get(name), facts.get(name))
        facts["rights"] = [self._right(language, right) for right in facts.get("rights", ())]
        facts["rights_notice"] = self._fill(self._words(language, "notices", "rights_notice"), facts)
        return facts

    def _ground(self, language: str, section: str, ground: object, title: object) -> str:
        """Return a ground in the reader's language; one that an operator added keeps the words it was given."""
        phrases = self._phrases.get(language, self._phrases[FALLBACK])
        return str(phrases.section(section).get(str(ground)) or title or "")

    def _right(self, language: str, right: Mapping[str, Any]) -> dict[str, Any]:
        state = right.get("state", "")
        return {
            "name": self._words(language, "rights", str(right["right"])),
            "in_short": self._words(language, "rights_in_short", str(right["right"])),
            "due": self.date(language, str(right["due"])) if right.get("due") else "",
            "rule": right.get("rule", ""),
            "state": self._words(language, "states", state) if state else "",
        }

    def _words(self, language: str, section: str, name: str) -> Any:
        for candidate in (language, FALLBACK):
            phrases = self._phrases.get(candidate)
            found = None if phrases is None else (phrases.section(section) if section else phrases.words).get(name)
            if found is not None:
                return found
        raise LetterFault(f"no language has the words '{section}.{name}'")

    def _fill(self, words: str, facts: Mapping[str, Any]) -> str:
        try:
            return _template(words).render(facts)
        except TemplateError as fault:
            raise LetterFault(f"a letter's words are not a valid template: {type(fault).__name__}") from None


@lru_cache(TEMPLATES_KEPT)
def _template(words: str) -> Template:
    """Compile a template once: compiling costs a hundred times what filling in does."""
    return _JINJA.from_string(words)


def wrap(text: str) -> str:
    """Fold long lines for plain-text mail; links and quotations keep their line."""
    return "\n".join(folded for line in text.splitlines() for folded in _folded(line))


def _folded(line: str) -> Iterator[str]:
    if len(line) <= LINE_CHARACTERS or "://" in line or line.lstrip().startswith(">"):
        yield line.rstrip()
        return
    indent = line[: len(line) - len(line.lstrip())]
    hanging = indent + ("  " if line.lstrip().startswith("- ") else "")
    yield from textwrap.wrap(
        line.strip(),
        LINE_CHARACTERS,
        initial_indent=indent,
        subsequent_indent=hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )
