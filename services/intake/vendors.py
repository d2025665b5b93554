"""The words of letters to vendors: between offices, in the vendor's language, apart from those that persons read."""

from __future__ import annotations

from importlib.resources import files

from services.intake.core.letters import Phrases, Writer, read_phrases
from services.runtime.settings import VENDOR_LANGUAGES


def vendor_writer() -> Writer:
    """Return the writer of letters to vendors: a language's letters, with those for offices put over them."""
    folder = files("services.intake")
    found: dict[str, Phrases] = {}
    for language in VENDOR_LANGUAGES:
        known, own = (
            read_phrases(language, folder.joinpath(f"{place}/{language}.toml").read_text(encoding="utf-8"))
            for place in ("letters", "vendor_letters")
        )
        found[language] = Phrases(language, {**known.words, **own.words})
    return Writer(found)
