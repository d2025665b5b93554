"""The words of a letter that no machine sends: an officer prints it and posts it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from services.intake.core.mime import greeting_name
from services.intake.service import letter_writer

BY_POST: Final = {"receipt": "receipt_by_post"}
"""Letters that say something else on paper than in a mail."""


def words_of(template: str, language: str, facts: Mapping[str, Any]) -> dict[str, str]:
    """Return a letter's subject and text."""
    known = {**facts, "name": greeting_name(str(facts.get("name", "")))}
    check = facts.get("check")
    if check:
        # A link cannot be typed from paper; a code can be read out on the phone.
        known["expires"] = check["expires"]
        template = BY_POST.get(template, template)
    letter = letter_writer().compose(template, language, known)
    return {"subject": letter.subject, "text": letter.text}
