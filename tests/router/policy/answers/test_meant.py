"""What a whole question means, against what a stray word of it seems to show."""

from __future__ import annotations

from datetime import date

from services.router.answers import Answers
from services.router.core.policy.answers.question import ask
from services.router.laws import shipped_laws
from services.router.policies import load, shipped_root

ANSWERS = Answers(load([shipped_root()]), shipped_laws(), None, None)
LEXICON = ANSWERS.method.lexicon
INDEX = ANSWERS.knowledge("mailigen", date(2026, 1, 1)).index


def test_a_plain_question_weighs_what_it_means_although_no_word_shows_it() -> None:
    asked = ask("Is what I paid for a commodity that you hand out for cash?", "en", INDEX, LEXICON)
    likeliest = LEXICON.wordings.meanings[int(asked.meant.argmax())]
    assert asked.meant.max() > 0.5
    assert all(asked.weights[concept] >= 0.3 for row in likeliest.concepts for concept in row)


def test_an_everyday_word_is_no_slip_of_the_pen_for_a_word_of_the_matter() -> None:
    asked = ask("I look out of the window while my data is sold", "en", INDEX, LEXICON)
    assert "widow" not in asked.reading.pivot
    assert "inheritance" not in {LEXICON.names[concept] for concept in asked.direct}
