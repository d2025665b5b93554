"""Letters: every one that can be asked for has words, in every language, with all facts and with few."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Any, Final

import pytest
from jinja2 import Environment, nodes

from schemas.rights import Outcome, Right
from services.intake.core.letters import LINE_CHARACTERS, Writer, read_phrases
from services.intake.service import letter_writer
from services.router.core.cases.ending import TEMPLATES as ENDINGS
from services.router.grounds import shipped_grounds
from services.router.letters import STATES, TEMPLATES

WRITER: Final = letter_writer()
FOLDER: Final = files("services.intake").joinpath("letters")
PHRASES: Final = {
    name: read_phrases(name, FOLDER.joinpath(f"{name}.toml").read_text("utf-8")) for name in WRITER.languages()
}
WORD_TABLES: Final = {"pages", "rights", "rights_in_short", "states", "notices", "grounds", "extension_grounds"}
LETTERS: Final = sorted(
    name for name, found in PHRASES["en"].words.items() if isinstance(found, dict) and name not in WORD_TABLES
)
LINK: Final = "https://privacy.example.org/v/" + "a1B2" * 40
FULL: Final[dict[str, Any]] = {
    "reference": "HB-1A2B3C4D",
    "controller": "Beispiel & Söhne",
    "name": "Ana Ruiz",
    "received": "2027-02-03T10:00:00+00:00",
    "expires": "2027-02-17T10:00:00+00:00",
    "due": "2027-03-03",
    "new_due": "2027-05-03",
    "right": "erasure",
    "rights": [
        {"right": right.value, "due": "2027-03-03", "rule": "Art. 12(3) GDPR", "state": "working"} for right in Right
    ],
    "link": LINK,
    "code": "12345678",
    "human": True,
    "attempts_left": 3,
    "answer": "ANSWER-WORDS",
    "question": "QUESTION-WORDS",
    "note": "NOTE-WORDS",
    "records": 7,
    "systems": "crm, shop",
    "withheld": 2,
    "supplementary": "SUPPLEMENTARY-WORDS",
    "receipts": ["RECEIPT-WORDS"],
    "kept": ["KEPT-WORDS"],
    "ground_id": "legal_obligation",
    "ground": "The law obliges the controller to keep the data",
    "citation": "Art. 17(3)(b) GDPR",
    "authority": "ANSPDCP, Bucharest",
    "extension_ground": "complexity",
    "rule": "Art. 12(3) GDPR",
    "to": "TRANSFER-WORDS",
    "recipients": ["RECIPIENT-WORDS"],
    "sent_to": "OTHER-CONTROLLER",
    "sent": "2027-02-20T10:00:00+00:00",
    "acknowledgement": "NUMBER-WORDS",
    "attached": True,
}  # fmt: skip


def asked_for() -> set[str]:
    """Return every template that the case core names, read from its source."""
    cases = files("services.router.core").joinpath("cases")
    sources = [entry.read_text("utf-8") for entry in cases.iterdir() if entry.name.endswith(".py")]
    return {name for source in sources for name in re.findall(r'story\.letter\(\s*"([a-z_]+)"', source)}


def shell_asks_for() -> set[str]:
    router = files("services.router")
    sources = [entry.read_text("utf-8") for entry in router.iterdir() if entry.name.endswith(".py")]
    found = {name for source in sources for name in re.findall(r'plain\(\s*transaction, message, "([a-z_]+)"', source)}
    assert len(found) > 5  # the walk over the sources found them
    return found | {"identity_document"}


@pytest.mark.parametrize("language", WRITER.languages())
def test_every_letter_that_a_case_can_ask_for_has_words(language: str) -> None:
    wanted = asked_for() | set(ENDINGS.values())
    assert len(wanted) > 10  # the walk over the sources found them
    templates = (
        {TEMPLATES.get(name, name) for name in wanted}
        | shell_asks_for()
        | {"access_result", "chat_receipt", "sent_to_other"}
    )
    missing = {name for name in templates if {"subject", "body"} - set(PHRASES[language].section(name))}
    assert not missing


def test_every_outcome_has_a_letter() -> None:
    assert set(ENDINGS) == set(Outcome)


@pytest.mark.parametrize("language", WRITER.languages())
@pytest.mark.parametrize("template", LETTERS)
def test_a_letter_is_whole_with_all_its_facts_and_with_none(language: str, template: str) -> None:
    for facts in (FULL, {}):
        letter = WRITER.compose(template, language, facts)
        assert letter.subject
        assert not re.search(r"\{[{%]|[%}]\}|None|Undefined", letter.text + letter.subject)
        assert "\n\n\n" not in letter.text
    long_ones = [line for line in letter.text.splitlines() if len(line) > LINE_CHARACTERS and "://" not in line]
    assert not long_ones


@pytest.mark.parametrize("language", WRITER.languages())
def test_a_language_uses_the_same_names_as_the_english_letters(language: str) -> None:
    for template in LETTERS:
        for part in ("subject", "body"):
            assert _names(PHRASES[language].section(template)[part]) == _names(PHRASES["en"].section(template)[part])
    for table in ("rights", "states", "notices", "extension_grounds"):
        assert set(PHRASES[language].section(table)) == set(PHRASES["en"].section(table))
    for name, words in PHRASES["en"].section("notices").items():
        assert _names(PHRASES[language].section("notices")[name]) == _names(words)
    for name, words in PHRASES["en"].section("pages").items():
        assert _names(PHRASES[language].section("pages")[name]) == _names(words)
    for word in ("greeting", "closing", "reference"):
        assert _names(PHRASES[language].words[word]) == _names(PHRASES["en"].words[word])
    assert len(PHRASES[language].words["months"]) == 12
    assert len(set(PHRASES[language].words["months"])) == 12


@pytest.mark.parametrize("language", WRITER.languages())
def test_rights_states_and_dates_have_words(language: str) -> None:
    assert set(PHRASES[language].section("rights")) == {right.value for right in Right}
    assert set(PHRASES[language].section("rights_in_short")) == {right.value for right in Right}
    assert set(STATES.values()) <= set(PHRASES[language].section("states"))
    for day in range(1, 13):
        assert "2027" in WRITER.date(language, f"2027-{day:02}-03")


@pytest.mark.parametrize("language", WRITER.languages())
def test_a_language_names_every_ground_of_refusal_and_english_leaves_them_to_their_titles(language: str) -> None:
    # Half a list would tell one person the reason in their language and the next one in English (Art. 12(1) GDPR).
    assert set(PHRASES[language].section("grounds")) == (set() if language == "en" else set(shipped_grounds()))


@pytest.mark.parametrize("language", WRITER.languages())
def test_a_language_has_no_name_that_the_english_letters_do_not_know(language: str) -> None:
    english = {**PHRASES["en"].words, "grounds": {}}
    assert set(PHRASES[language].words) <= set(english)
    for name, found in PHRASES[language].words.items():
        if isinstance(found, dict) and name != "grounds":
            assert set(found) == set(english[name]), name


@pytest.mark.parametrize("language", [name for name in WRITER.languages() if name != "en"])
def test_every_sentence_is_translated(language: str) -> None:
    assert len(_sentences(PHRASES["en"].words)) > 100  # the walk over the tables found them
    assert set(_sentences(PHRASES[language].words)) & set(_sentences(PHRASES["en"].words)) == set()


@pytest.mark.parametrize("language", WRITER.languages())
def test_a_letter_with_every_notice_is_whole_and_in_one_language(language: str) -> None:
    facts = {
        **FULL, "ground_id": "", "ground": "GROUND-WORDS", "notices": list(PHRASES["en"].section("notices")),
        "version": "2018-11-10", "contact": "CONTACT-WORDS", "formats": "CSV", "about": "ABOUT-WORDS",
        "self_service": ["WAY-WORDS"], "quotes": ["QUOTE-WORDS"], "continues": "CONTINUES-WORDS",
    }  # fmt: skip
    texts = {name: WRITER.compose(name, language, facts).text for name in LETTERS}
    texts = {name: re.sub(r"The\s+Unarchiver", "Unarchiver", text) for name, text in texts.items()}  # a program's name
    assert not [name for name, text in texts.items() if re.search(r"[{}]|\( *\)|: *\.|\.\.|  \w+  ", text)]
    english = re.compile(r"\b(the|your|you|please|because|which)\b", re.IGNORECASE)
    assert language == "en" or not [name for name, text in texts.items() if english.search(text)]


@pytest.mark.parametrize("language", WRITER.languages())
def test_a_refusal_names_ground_source_complaint_and_authority(language: str) -> None:
    # Art. 12(4) GDPR
    text = " ".join(WRITER.compose("refusal", language, FULL).text.split())
    for fact in ("Art. 17(3)(b) GDPR", "ANSPDCP, Bucharest", "NOTE-WORDS", "HB-1A2B3C4D"):
        assert fact in text
    said = PHRASES[language].section("grounds").get("legal_obligation", FULL["ground"])
    assert " ".join(said.split()) in text
    notice = re.split(r"\{%.*%\}", PHRASES[language].section("notices")["rights_notice"])
    assert all(" ".join(piece.split()) in text for piece in notice)


@pytest.mark.parametrize("language", WRITER.languages())
@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("extension", ("NOTE-WORDS", "ANSPDCP, Bucharest", "Art. 12(3) GDPR")),
        ("clarification_request", ("NOTE-WORDS",)),
        ("identity_document", ("NOTE-WORDS",)),
        ("transferred", ("TRANSFER-WORDS", "NOTE-WORDS")),
        ("partly_done", ("KEPT-WORDS", "RECEIPT-WORDS", "NOTE-WORDS", "Art. 17(3)(b) GDPR")),
        ("done", ("KEPT-WORDS", "RECEIPT-WORDS", "NOTE-WORDS")),
        ("recipients_told", ("RECIPIENT-WORDS",)),
        ("answer", ("ANSWER-WORDS",)),
        ("ask", ("QUESTION-WORDS",)),
        ("receipt", (LINK, "12345678", "Art. 12(3) GDPR")),
        ("paused", ("NOTE-WORDS",)),
    ],
)
def test_what_a_human_or_a_handler_wrote_reaches_the_person(
    language: str, template: str, words: tuple[str, ...]
) -> None:
    text = " ".join(WRITER.compose(template, language, FULL).text.split())
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("language", WRITER.languages())
def test_who_received_the_data_is_not_told_that_it_is_theirs(language: str) -> None:
    told = {"recipient_notice": ["erasure"], "customer_informed": [right.value for right in Right]}
    for template, rights in told.items():
        text = " ".join(WRITER.compose(template, language, FULL).text.split())
        for right in rights:
            assert PHRASES[language].section("rights_in_short")[right] in text
            assert PHRASES[language].section("rights")[right] not in text


@pytest.mark.parametrize("language", WRITER.languages())
def test_an_extension_names_the_new_day(language: str) -> None:
    text = " ".join(WRITER.compose("extension", language, FULL).text.split())
    assert WRITER.date(language, "2027-05-03") in text
    assert PHRASES[language].section("extension_grounds")["complexity"] in text


@pytest.mark.parametrize("language", WRITER.languages())
def test_what_the_policy_promises_stands_below_the_letter(language: str) -> None:
    facts = {
        **FULL, "notices": ["contact", "formats", "self_service", "policy_says", "complaint"], "version": "2018-11-10",
        "contact": "CONTACT-WORDS", "formats": "CSV", "self_service": ["WAY-WORDS"], "quotes": ["QUOTE-WORDS"],
    }  # fmt: skip
    text = " ".join(WRITER.compose("receipt", language, facts).text.split())
    for words in ("CONTACT-WORDS", "CSV", "WAY-WORDS", "> QUOTE-WORDS", "2018-11-10", "ANSPDCP, Bucharest"):
        assert words in text


def test_what_a_person_wrote_cannot_act_as_a_template() -> None:
    letter = WRITER.compose("answer", "en", {"answer": "{{ controller }} {% for x in 9 %}", "controller": "ACME"})
    assert "{{ controller }} {% for x in 9 %}" in letter.text


def test_a_language_without_letters_is_answered_in_english() -> None:
    assert WRITER.compose("review", "eo", FULL) == WRITER.compose("review", "en", FULL)


def test_a_ground_that_an_operator_added_keeps_its_title() -> None:
    own = {**FULL, "ground_id": "house_rule", "ground": "Our own words"}
    assert "Our own words" in Writer(PHRASES).compose("refusal", "de" if "de" in PHRASES else "en", own).text


def _names(words: str) -> set[str]:
    """Return every name and attribute between the braces."""
    tree = Environment(autoescape=True).parse(words)
    names = {node.name for node in tree.find_all(nodes.Name)}
    return names | {
        f"{node.node.name}.{node.attr}" for node in tree.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)
    }


def _sentences(words: Mapping[str, Any]) -> list[str]:
    """Return what a table says in three words and more, without its places."""
    found: list[str] = []
    for said in words.values():
        if isinstance(said, Mapping):
            found += _sentences(said)
        elif isinstance(said, str):
            found += (line.strip() for line in re.split(r"\{[{%].*?[%}]\}|\{\w+\}|\n", said))
    return [line for line in found if len(line.split()) > 2]
