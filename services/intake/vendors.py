"""The words of letters to vendors: between offices, in English, and apart from those that persons read."""

from __future__ import annotations

from importlib.resources import files

from services.intake.core.letters import FALLBACK, Phrases, Writer, read_phrases


def vendor_writer() -> Writer:
    """Return the writer of letters to vendors: the English words, with those for offices put over them."""
    folder = files("services.intake")
    known = read_phrases(FALLBACK, folder.joinpath(f"letters/{FALLBACK}.toml").read_text(encoding="utf-8"))
    own = read_phrases(FALLBACK, folder.joinpath("vendor_letters.toml").read_text(encoding="utf-8"))
    return Writer({FALLBACK: Phrases(FALLBACK, {**known.words, **own.words})})
