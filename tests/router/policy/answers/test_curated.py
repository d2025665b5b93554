"""An officer's answers: first, cited as such, and waiting when their clause changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.router.answers import Answers, read_curated, write_curated
from services.router.api import answers as door
from services.router.core.policy.answers.curated import Curated, fingerprint
from services.router.laws import shipped_laws
from services.router.policies import load, shipped_root

TODAY = date(2026, 1, 1)
CLAUSE = "how-do-we-protect.all-credit-card-transactions-are-processed"
QUESTION = "Do you have a mobile app?"


@pytest.fixture
def own(tmp_path: Path) -> Answers:
    return Answers(load([shipped_root()]), shipped_laws(), tmp_path)


def test_a_curated_answer_is_used_first_and_cited_as_such(own: Answers) -> None:
    assert own.ask("mailpro", QUESTION, TODAY).abstained
    taught = door.teach(own, "mailpro", QUESTION, "No, we have no app.", CLAUSE, by="AB")
    found = own.ask("mailpro", "do you have a mobile app", TODAY, top=2)
    assert not found.abstained
    assert found.reason == f"curated: {taught.id}"
    assert "No, we have no app." in found.text
    assert own.method.frames.of("en").say("curated") in found.text
    assert [cited.clause for cited in found.citations] == [CLAUSE]
    assert len(found.ranking) == 2


def test_another_question_is_not_taken_for_the_curated_one(own: Answers) -> None:
    door.teach(own, "mailpro", QUESTION, "No, we have no app.")
    assert "No, we have no app." not in own.ask("mailpro", "Do you sell personal data?", TODAY).text


def test_another_controller_does_not_hear_it(own: Answers) -> None:
    door.teach(own, "mailpro", QUESTION, "No, we have no app.")
    assert own.ask("axigen", QUESTION, TODAY).curated == ""


def test_what_was_taught_survives_a_restart_and_can_be_removed(own: Answers, tmp_path: Path) -> None:
    taught = door.teach(own, "mailpro", QUESTION, 'No.\n"None" \\ at all — ☃', CLAUSE)
    again = Answers(load([shipped_root()]), shipped_laws(), tmp_path)
    assert again.taught("mailpro") == (taught,)
    door.remove_curated(again, "mailpro", taught.id)
    assert read_curated(tmp_path, "mailpro") == ()
    with pytest.raises(door.AskFault, match="there is no curated answer"):
        door.remove_curated(again, "mailpro", taught.id)


def test_teaching_the_same_question_again_replaces_the_answer(own: Answers) -> None:
    door.teach(own, "mailpro", QUESTION, "No.")
    door.teach(own, "mailpro", QUESTION, "Yes, since May.")
    assert [each.answer for each in own.taught("mailpro")] == ["Yes, since May."]


def test_when_the_clause_changes_the_answer_waits_for_an_officer(own: Answers) -> None:
    taught = door.teach(own, "mailpro", QUESTION, "No, we have no app.", CLAUSE)
    own.teach("mailpro", [replace(taught, clause_sha256=fingerprint("what the clause said before"))])
    found = own.ask("mailpro", QUESTION, TODAY)
    assert "No, we have no app." not in found.text
    assert any(taught.id in warning for warning in found.warnings)
    assert [state.stale for state in door.curated_states(own, "mailpro")] == [True]


def test_a_clause_that_does_not_exist_cannot_be_rested_on(own: Answers) -> None:
    with pytest.raises(door.AskFault, match="no clause"):
        door.teach(own, "mailpro", QUESTION, "No.", "no.such-clause")
    assert own.taught("mailpro") == ()


def test_blanks_and_line_ends_are_no_change_of_a_clause() -> None:
    assert fingerprint("a  b\nc ") == fingerprint("a b c")
    assert fingerprint("a b c") != fingerprint("a b d")


@given(
    st.lists(
        st.builds(
            Curated,
            id=st.text("abcdef0123456789", min_size=1),
            question=st.text(min_size=1),
            answer=st.text(min_size=1),
        ),
        max_size=4,
    )
)
def test_whatever_is_taught_is_read_back_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, taught: list[Curated]
) -> None:
    root = tmp_path_factory.mktemp("taught")
    write_curated(root, "mailpro", taught)
    assert list(read_curated(root, "mailpro")) == taught


@pytest.mark.parametrize("name", ["", "../x", "a/b", ".hidden"])
def test_a_controllers_name_cannot_leave_its_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(door.PolicyError):
        write_curated(tmp_path, name, [])
