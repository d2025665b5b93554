"""The door through which policies come in: what it brings in, and what it refuses without a trace."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli.policy import policy

SHAPES = Path(__file__).parent / "shapes"
STRANGERS = Path(__file__).parent / "strangers"
CREATE = ["--name", "Stridelog", "--country", "US", "--zone", "America/Los_Angeles", "--law", "us-ccpa"]


def run(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(policy, ["--home", str(home), *arguments], catch_exceptions=False)


def brought_in(home: Path, *arguments: str) -> Result:
    return run(
        home,
        "import",
        str(SHAPES / "stridelog.html"),
        "--controller",
        "stridelog",
        "--effective",
        "2024-01-01",
        *arguments,
    )


def files(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}


def test_an_import_keeps_the_file_byte_for_byte_and_is_read_back(tmp_path: Path) -> None:
    assert brought_in(tmp_path, *CREATE).exit_code == 0
    stored = tmp_path / "knowledge/policies/stridelog/2024-01-01.html"
    assert stored.read_bytes() == (SHAPES / "stridelog.html").read_bytes()
    shown = json.loads(run(tmp_path, "show", "--controller", "stridelog", "--json").output)
    text = stored.read_bytes().decode()
    assert shown["clauses"]
    assert all(text[clause["start"] : clause["end"]] == clause["quote"] for clause in shown["clauses"])


def test_importing_the_same_text_again_changes_nothing(tmp_path: Path) -> None:
    brought_in(tmp_path, *CREATE)
    before = files(tmp_path)
    again = brought_in(tmp_path)
    assert again.exit_code == 0
    assert "nothing changed" in again.output
    assert files(tmp_path) == before


def test_what_an_officer_confirmed_survives_another_import(tmp_path: Path) -> None:
    brought_in(tmp_path, *CREATE)
    record = tmp_path / "knowledge/policies/stridelog/2024-01-01.toml"
    record.write_text(record.read_text("utf-8").replace("confidence = 0.90", "confirmed = true"), "utf-8")
    brought_in(tmp_path)
    promises = json.loads(run(tmp_path, "promises", "--controller", "stridelog", "--json").output)["promises"]
    deadline = next(promise for promise in promises if promise["kind"] == "answer_deadline")
    assert deadline["confirmed"]
    assert deadline["confidence"] == 1.0


def test_a_new_version_keeps_the_ids_of_edited_clauses_and_is_kept_beside_the_old(tmp_path: Path) -> None:
    brought_in(tmp_path, *CREATE)
    text = (SHAPES / "stridelog.html").read_text("utf-8")
    newer = tmp_path / "newer.html"
    newer.write_text(
        text.replace("To exercise your rights, email", "If you want to exercise them, email").replace(
            "45 days and", "30 days and"
        ),
        "utf-8",
    )
    assert run(tmp_path, "import", str(newer), "--controller", "stridelog", "--effective", "2025-01-01").exit_code == 0
    changed = json.loads(run(tmp_path, "diff", "--controller", "stridelog", "--json").output)
    assert [pair["new"]["id"] for pair in changed["edited"]] == [pair["old"]["id"] for pair in changed["edited"]]
    assert not changed["added"]
    assert not changed["removed"]
    assert [
        promise["value"]["amount"] for promise in changed["promises_added"] if promise["kind"] == "answer_deadline"
    ] == [30]
    for day, version in (("2024-06-01", "2024-01-01"), ("2025-06-01", "2025-01-01")):
        found = json.loads(run(tmp_path, "in-force", "--controller", "stridelog", "--on", day, "--json").output)
        assert found["version"] == version


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "empty"),
        (b" \n\t\n", "empty"),
        (b"%PDF-1.7 \x00\x01", "PDF"),
        (b"PK\x03\x04aaaa", "Word"),
        (bytes(range(256)) * 40, "binary"),
        (b"privacy " * 10, "too few"),
        (b"Take two eggs, some flour and milk, stir well and bake. " * 30, "does not read like a policy"),
        (b"we collect personal data " * 2_100_000, "MB"),
    ],
    ids=["empty", "blank", "pdf", "word", "binary", "short", "recipe", "50 MB"],
)
def test_what_is_no_policy_is_refused_and_leaves_no_trace(tmp_path: Path, content: bytes, says: str) -> None:
    file = tmp_path / "policy.md"
    file.write_bytes(content)
    home = tmp_path / "home"
    refused = run(home, "import", str(file), "--controller", "stridelog", "--effective", "2024-01-01", *CREATE)
    assert refused.exit_code == 2
    assert says in refused.output
    assert "Traceback" not in refused.output
    assert not home.exists() or not files(home)


def test_a_policy_that_says_rights_and_authority_in_its_own_words_is_one(tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    file.write_text(
        "Księgarnia Bursztyn.\n\nMasz prawo dostępu do swoich danych, ich sprostowania, usunięcia oraz prawo "
        "sprzeciwu.\n\nOdpowiadamy na wnioski w ciągu 14 dni.\n\nPrzysługuje Ci skarga do Prezesa Urzędu.\n\n"
        + "Faktury przechowujemy przez 5 lat od końca roku. "
        * 5,
        "utf-8",
    )
    brought = run(tmp_path, "import", str(file), "--controller", "bursztyn", "--effective", "2024-01-01", *CREATE)
    assert brought.exit_code == 0, brought.output


def test_a_policy_in_a_plain_persons_words_is_one_where_it_calls_itself_so(tmp_path: Path) -> None:
    file = tmp_path / "p.txt"
    file.write_text(
        "Privacy policy | Quillfeather\n\nHello! Stripe takes your card; we never see it.\n\nWork stays for a year, "
        "and the newsletter until you unsubscribe.\n\nWe don't hold anything on children under 13.\n\nMoan to us "
        "first; if that fails, the ICO will listen. " + "We keep a list of what we print, and of where it went. " * 3,
        "utf-8",
    )
    brought = run(tmp_path, "import", str(file), "--controller", "quill", "--effective", "2024-01-01", *CREATE)
    assert brought.exit_code == 0, brought.output


@pytest.mark.parametrize("day", ["2024-13-01", "yesterday", "01.02.2024", "1024-01-01", "2999-01-01"])
def test_a_wrong_day_is_refused(tmp_path: Path, day: str) -> None:
    refused = run(
        tmp_path, "import", str(SHAPES / "stridelog.html"), "--controller", "stridelog", "--effective", day, *CREATE
    )
    assert refused.exit_code == 2
    assert not files(tmp_path)


def test_an_unknown_controller_is_refused_with_the_way_to_create_it(tmp_path: Path) -> None:
    refused = brought_in(tmp_path)
    assert refused.exit_code == 2
    assert "--name" in refused.output
    assert "axigen" in refused.output
    assert not files(tmp_path)


def test_two_texts_of_one_day_are_refused(tmp_path: Path) -> None:
    brought_in(tmp_path, *CREATE)
    before = files(tmp_path)
    other = run(
        tmp_path, "import", str(SHAPES / "chorale.txt"), "--controller", "stridelog", "--effective", "2024-01-01"
    )
    assert other.exit_code == 2
    assert "a day has one version" in other.output
    assert files(tmp_path) == before


def test_a_file_that_is_not_there_and_an_id_that_is_none_are_named(tmp_path: Path) -> None:
    absent = run(tmp_path, "import", str(tmp_path / "no.md"), "--controller", "axigen", "--effective", "2024-01-01")
    assert absent.exit_code == 2
    assert "cannot be read" in absent.output
    strange = run(tmp_path, "import", str(SHAPES / "chorale.txt"), "--controller", "../up", "--effective", "2024-01-01")
    assert strange.exit_code == 2
    assert "controller's id" in strange.output


def test_a_changed_text_is_refused_when_it_is_read(tmp_path: Path) -> None:
    brought_in(tmp_path, *CREATE)
    stored = tmp_path / "knowledge/policies/stridelog/2024-01-01.html"
    stored.write_text(stored.read_text("utf-8").replace("45 days", "95 days"), "utf-8")
    refused = run(tmp_path, "show", "--controller", "stridelog")
    assert refused.exit_code == 2
    assert "sha256" in refused.output


def test_a_quotation_that_is_not_in_the_text_is_refused(tmp_path: Path) -> None:
    brought_in(tmp_path, *CREATE)
    record = tmp_path / "knowledge/policies/stridelog/2024-01-01.toml"
    record.write_text(
        record.read_text("utf-8") + '\n[[promise]]\nkind = "right"\nquote = "words nobody published"\n', "utf-8"
    )
    refused = run(tmp_path, "promises", "--controller", "stridelog")
    assert refused.exit_code == 2
    assert "not in the text" in refused.output


@pytest.mark.parametrize(
    ("right", "wrong", "says"),
    [
        ("confidence = 0.90", 'confidence = "high"', "confidence must be a number"),
        ("amount = 45", 'amount = "forty-five"', "amount must be a whole number"),
        ('unit = "day"', 'unit = "moon"', "unit must be one of"),
        ("confidence = 0.90", 'confirmed = "no"', "confirmed must be true or false"),
        ("amount = 45, ", "", "belong together"),
        ("[[promise]]", "[promise]", "TOML"),
        ('laws = ["us-ccpa"]', 'laws = "us-ccpa"', "laws must be a list"),
        ('laws = ["us-ccpa"]', 'laws = ["us-moon"]', "unknown law 'us-moon'"),
        ('zone = "America/Los_Angeles"', 'zone = "America/Nowhere"', "unknown time zone"),
    ],
)
def test_a_slip_in_a_record_is_named_with_its_place(tmp_path: Path, right: str, wrong: str, says: str) -> None:
    brought_in(tmp_path, *CREATE)
    record = tmp_path / "knowledge/policies/stridelog/2024-01-01.toml"
    written = record.read_text("utf-8")
    assert right in written
    record.write_text(written.replace(right, wrong, 1), "utf-8")
    refused = run(tmp_path, "lint", "--controller", "stridelog")
    assert refused.exit_code == 2
    assert says in refused.output
    if "promise" in refused.output and "TOML" not in refused.output:
        number = written[: written.index(right)].count("\n") + 1
        named = int(refused.output.partition("line ")[2].partition(":")[0])
        assert 0 < number - named < 8


@pytest.mark.parametrize(
    ("option", "says"),
    [(("--law", "no-law"), "unknown law 'no-law'"), (("--holidays", "US-XX"), "unknown region 'XX'")],
)
def test_a_seat_whose_deadlines_nobody_could_count_is_refused(
    tmp_path: Path, option: tuple[str, str], says: str
) -> None:
    refused = brought_in(tmp_path, *CREATE, *option)
    assert refused.exit_code == 2
    assert says in refused.output
    assert not files(tmp_path)


def test_a_further_document_stands_beside_the_policy(tmp_path: Path) -> None:
    cookies = tmp_path / "cookies.md"
    cookies.write_text(
        "# Cookie policy\n\n" + "We use cookies to remember your data protection choices for 30 days. " * 12, "utf-8"
    )
    result = run(
        tmp_path,
        "import",
        str(cookies),
        "--controller",
        "axigen",
        "--effective",
        "2020-01-01",
        "--document",
        "cookie-policy",
    )
    assert result.exit_code == 0, result.output
    listed = json.loads(run(tmp_path, "list", "--controller", "axigen", "--json").output)
    assert {(found["document"], found["version"]) for found in listed} == {
        ("privacy-policy", "2018-11-10"),
        ("cookie-policy", "2020-01-01"),
    }


def test_a_folder_brings_in_each_document_and_names_the_one_that_is_none(tmp_path: Path) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for source, name in (
        ("cookies.md", "cookies.md"),
        ("retention.md", "Retention-Schedule.md"),
        ("dpa.txt", "dpa.txt"),
    ):
        (folder / name).write_bytes((STRANGERS / source).read_bytes())
    (folder / "privacy.html").write_bytes((SHAPES / "stridelog.html").read_bytes())
    (folder / "notes.pdf").write_bytes(b"%PDF")
    home = tmp_path / "home"
    arguments = ["import", str(folder), "--controller", "stridelog", "--effective", "2024-01-01"]
    brought = run(home, *arguments, *CREATE)
    assert brought.exit_code == 0, brought.output
    listed = json.loads(run(home, "list", "--controller", "stridelog", "--json").output)
    assert [each["document"] for each in listed] == ["privacy-policy", "cookie-policy", "retention-schedule", "dpa"]
    before = files(home)
    (folder / "terms.md").write_text("", "utf-8")
    again = run(home, *arguments)
    assert again.exit_code == 2
    assert "terms.md is empty" in again.output
    assert files(home) == before
    (folder / "cookies-2.md").write_text("cookies", "utf-8")
    assert "would both be the cookie-policy" in run(home, *arguments).output


def test_what_an_import_reports_is_what_is_read_back(tmp_path: Path) -> None:
    reported = json.loads(brought_in(tmp_path, *CREATE, "--json").output)
    listed = json.loads(run(tmp_path, "list", "--controller", "stridelog", "--json").output)
    assert reported["changed"]
    assert {key: value for key, value in reported.items() if key not in ("changed", "path")} == listed[0]


def test_a_page_in_an_older_encoding_is_kept_as_it_is_and_read_in_its_letters(tmp_path: Path) -> None:
    text = (SHAPES / "chorale.txt").read_text("utf-8").replace("’", "'")
    file = tmp_path / "chorale.txt"
    file.write_bytes(text.encode("cp1252"))
    create = ["--name", "Chorale", "--country", "FR", "--zone", "Europe/Paris"]
    home = tmp_path / "home"
    result = run(home, "import", str(file), "--controller", "chorale", "--effective", "unknown", *create)
    assert result.exit_code == 0, result.output
    assert (home / "knowledge/policies/chorale/unknown.md").read_bytes() == text.encode("cp1252")
    shown = json.loads(run(home, "show", "--controller", "chorale", "--json").stdout)
    assert all(text[clause["start"] : clause["end"]] == clause["quote"] for clause in shown["clauses"])
    assert shown["language"] == "fr"
