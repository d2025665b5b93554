"""What a whole question means corrects what its single words seem to show.

"Might you make money on the side by passing on who my clients are?" is about selling, whatever "passing on" may show
elsewhere; and it is answered by what is said of selling, although it never says "sell".
"""

from __future__ import annotations

from typing import Final

import numpy as np

from services.router.core.policy.answers.lexicon import Lexicon, Reading
from services.router.core.policy.answers.wordings import Row

PLAIN_MIN: Final = 0.9
"""How likely one meaning must be for what does not belong to it to be taken for chance."""
LIKELY_MIN: Final = 0.5
STRANGE_MAX: Final = -0.2
"""How little a concept must speak for the meaning to be a stranger to it: a fifth less often shown than elsewhere."""
MEANT_SHARE: Final = 0.6
"""What a concept weighs that is meant and not shown."""
CHANCE_KINDS: Final = ("topic", "absent")


def without_chance(reading: Reading, meant: Row, lexicon: Lexicon) -> Reading:
    """Return the reading without the topics that only stray words show, where the whole question is plain."""
    if not len(meant):
        return reading
    likeliest = int(meant.argmax())
    if meant[likeliest] < PLAIN_MIN:
        return reading
    own = {concept for row in lexicon.wordings.meanings[likeliest].concepts for concept in row}
    kept = tuple(
        hit
        for hit in reading.concepts
        if lexicon.kinds[hit[0]] not in CHANCE_KINDS
        or hit[0] in own
        or lexicon.wordings.speaks_for(f"#{hit[0]}", likeliest) >= STRANGE_MAX
    )
    return Reading(reading.pivot, reading.own, reading.unknown, kept)


def add_meant(weights: Row, meant: Row, lexicon: Lexicon) -> None:
    """Weigh the concepts of what is likely meant, as if some word had shown them."""
    for number in np.flatnonzero(meant > LIKELY_MIN):
        for row in lexicon.wordings.meanings[number].concepts:
            for concept in row:
                weights[concept] = max(weights[concept], MEANT_SHARE * meant[number])
