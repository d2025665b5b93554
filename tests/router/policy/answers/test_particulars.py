"""What exactly is asked: a policy may speak of a matter and be silent on the one thing somebody wants to know of it."""

from __future__ import annotations

import shutil
import tomllib
from datetime import date
from pathlib import Path

import numpy as np
import pytest

import services
from services.router.answers import kept_counts, read_method, spoken_files
from services.router.core.policy.answers.index import Passage, index_of
from services.router.core.policy.answers.lexicon import counted_in, read
from services.router.core.policy.answers.spoken import spoken_by, strangers

TODAY = date(2026, 1, 1)
NO_POLICY_SAYS = ("product_help", "smalltalk")
"""Nothing about data is asked, so that no clause answers, whatever words it has."""
TABLE = Path(services.__file__).parent.parent / "knowledge" / "answers" / "particulars.toml"


def entries():
    return {name: fields for name, fields in tomllib.loads(TABLE.read_text("utf-8")).items() if name != "macros"}


@pytest.fixture(name="particulars")
def _particulars(answers):
    return answers.method.lexicon.particulars


def number(particulars, name):
    return [meaning.name for meaning in particulars.wordings.meanings].index(name)


@pytest.mark.parametrize(
    ("question", "language", "particular"),
    [
        ("For how many weeks will such a cookie be there?", "en", "cookie_lifetime"),
        ("Is a copy of my lists saved every night?", "en", "backup_frequency"),
        ("What does the man in charge of privacy at your place go by?", "en", "dpo_name"),
        ("Wie alt muss man mindestens sein?", "de", "age_minimum"),
        ("Quel prestataire gère les paiements par carte ?", "fr", "payment_provider_name"),
    ],
)
def test_what_exactly_is_asked_is_known_by_the_whole_question(
    answers, particulars, question, language, particular
) -> None:
    likely = particulars.wordings.meant(read(question, language, answers.method.lexicon))
    assert particular in {particulars.wordings.meanings[at].name for at in np.argsort(-likely)[:2]}


@pytest.mark.parametrize(
    ("text", "particular", "says"),
    [
        ("We use cookies to remember your basket.", "cookie_lifetime", False),
        ("Our cookies expire after 30 days.", "cookie_lifetime", True),
        ("We make backups to protect your lists.", "backup_frequency", False),
        ("Backups are made every night.", "backup_frequency", True),
        ("Payments are handled by a trusted provider.", "payment_provider_name", False),
        ("The service is for persons of 18 years or more.", "age_minimum", True),
        ("If your privacy was breached, contact us immediately.", "breach_hours", False),
        ("We notify you of a breach within 72 hours.", "breach_hours", True),
    ],
)
def test_a_clause_says_it_only_where_it_has_the_words_that_an_answer_cannot_do_without(
    answers, particulars, text, particular, says
) -> None:
    index = index_of([Passage("a", 0, len(text), text)], "en", answers.method.lexicon)
    assert bool(index.said[number(particulars, particular), 0]) is says


def test_the_words_of_a_heading_help_a_clause_and_never_answer_alone(answers, particulars) -> None:
    at = number(particulars, "cookie_lifetime")
    texts = ["They expire after 30 days.", "They are small files."]
    passages = [Passage(text[:9], 0, len(text), text, ("Cookies",)) for text in texts]
    said = index_of(passages, "en", answers.method.lexicon).said[at]
    assert 0 < said[0] < 1
    assert said[1] == 0


def test_every_particular_has_wordings_and_what_an_answer_says(particulars) -> None:
    for at, (name, fields) in enumerate(entries().items()):
        assert {"like", "wordings_of"} & set(fields) or len(fields["questions"].split("\n")) >= 3, name
        said = bool(particulars.says[at]) or at in particulars.meanings
        assert said == (name not in NO_POLICY_SAYS), name


def test_no_wording_stands_under_two_particulars() -> None:
    lines = [line for fields in entries().values() for line in fields.get("questions", "").splitlines() if line]
    assert len(set(lines)) == len(lines)


@pytest.mark.parametrize(
    ("controller", "question"),
    [
        ("axigen", "For how many weeks will such a cookie be there?"),
        ("mailpro", "How often do you back up what I upload?"),
        ("hexamail", "For how many years are my bills held?"),
        ("mailigen", "What key length is used for encrypting lists?"),
    ],
)
def test_a_policy_that_speaks_of_the_matter_only_is_silent_on_the_particular(answers, controller, question) -> None:
    assert answers.ask(controller, question, TODAY).abstained


def test_the_kept_counts_are_those_of_the_tables() -> None:
    root = TABLE.parent
    kept = kept_counts(root)
    assert kept is not None, "run python scripts/count_wordings.py"
    tables = [tomllib.loads((root / name).read_text("utf-8")) for name in ("wordings.toml", "particulars.toml")]
    fresh = counted_in(read_method(root, recount=True).lexicon, tables[0], tables[1], spoken_files(root))
    for one, other in zip(kept, fresh, strict=True):
        assert one.features == other.features
        for name in ("starts", "entries", "times", "lines"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def test_tables_that_were_edited_since_are_counted_anew(tmp_path) -> None:
    root = tmp_path / "answers"
    shutil.copytree(TABLE.parent, root)
    assert kept_counts(root) is not None
    with (root / "wordings.toml").open("a", encoding="utf-8") as table:
        table.write('\n[tea]\nconcepts = ["cost"]\nquestions = """\nwould you brew chamomile\n"""\n')
    assert kept_counts(root) is None
    wordings = read_method(root).lexicon.wordings
    likely = wordings.meant(read("chamomile", "en", read_method(root).lexicon))
    assert wordings.meanings[int(likely.argmax())].name == "tea"


def test_a_line_added_to_a_hands_file_counts_and_loses_none_of_the_others(tmp_path) -> None:
    root = tmp_path / "answers"
    shutil.copytree(TABLE.parent, root)
    with (root / "wordings" / "lv.txt").open("a", encoding="utf-8") as file:
        file.write("\n[retention]\nabrakadabra simsalabim\n")
    assert kept_counts(root) is None
    lexicon, shipped = read_method(root).lexicon, read_method(TABLE.parent).lexicon
    likely = lexicon.wordings.meant(read("abrakadabra simsalabim", "lv", lexicon))
    assert lexicon.wordings.meanings[int(likely.argmax())].name == "retention"
    assert set(shipped.wordings.places) < set(lexicon.wordings.places)


def test_every_name_in_the_files_of_wordings_is_an_entry_of_a_table() -> None:
    root = TABLE.parent
    tables = [tomllib.loads((root / name).read_text("utf-8")) for name in ("wordings.toml", "particulars.toml")]
    spoken = spoken_by(spoken_files(root))
    assert strangers(spoken, *tables) == []
    assert strangers({"retentoin": []}, *tables) == ["retentoin"]
    for file in spoken_files(root):
        for name, lines in spoken_by([file]).items():
            assert len(set(lines)) == len(lines), f"{file[0]}: {name}"
