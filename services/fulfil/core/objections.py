"""What an objection is about: direct marketing, which ends at once (Art. 21(3) GDPR), or something to be weighed."""

from __future__ import annotations

import re
from typing import Final

MARKETING: Final = re.compile(
    r"marketing|newsletter|mailing|advert|\bads?\b|promo|commercial|offers?\b|spam|werb|reklam|publicit|prospec|"
    r"pubblicit|reclam|oferty|nabídk|hirdet|mainos|διαφήμ|tanıtım"
)
"""Words for advertising in the languages that people write in, by their stems."""

MORE: Final = re.compile(
    r"profil|automat|legitimate interest|berechtigt|intérêts? légitime|interés(?:es)? legítimo|analy|tracking|scoring|"
    r"interessi legittimi|gerechtvaardigd|uzasadnion|interes legitim|statisti|research|forsch|recherche"
)
"""Words for what is weighed."""


def about_marketing(said: str) -> bool:
    """Tell whether an objection, in folded words, is to direct marketing."""
    return MARKETING.search(said) is not None


def about_more_than_marketing(said: str) -> bool:
    """Tell whether it also concerns processing that an officer must weigh."""
    return MORE.search(said) is not None
