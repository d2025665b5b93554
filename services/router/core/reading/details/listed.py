"""What a phrase bank's named lists find in a text: which field, which relation."""

from __future__ import annotations

from collections.abc import Sequence

from services.router.core.reading.lexicon import Lexicon
from services.router.core.reading.words import Word


def named_in(words: Sequence[Word], lexicon: Lexicon, names: Sequence[str]) -> list[tuple[str, int, int]]:
    """Return (name, first word, word after) of what a list with names finds, in the order of the text."""
    meanings = [lexicon.meanings[word.folded] for word in words]
    hits = [(meaning.payload, place, place + 1) for place, meaning in enumerate(meanings) if meaning.payload]
    hits.extend((hit.payload, hit.first, hit.after) for hit in lexicon.phrases(meanings))
    longest_first = sorted(hits, key=lambda hit: (hit[1], -(hit[2] - hit[1])))
    return [(names[(bits & -bits).bit_length() - 1], first, after) for bits, first, after in longest_first]
