"""Open cases of another tool, taken over from its CSV file: all or nothing, and once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.cases.office import Office, days_ago

FOREIGN = f"""\
Request ID;Date Received;Request Type;Requester;E-mail;Status;Due Date;Priority;Identity verified;Assigned To
DSR-1;{days_ago(12)};GDPR - Data Deletion Request;Ann Ash;ann@example.org;In progress;{days_ago(-40)};High;yes;Per
DSR-2;{days_ago(11)};Subject Access Request, Rectification;Bob Bay;bob@example.org;Open;;Low;;
DSR-3;{days_ago(90)};DSAR;Cid Cox;cid@example.org;Closed;;Low;;

DSR-4;{days_ago(4)} 10:30;Do Not Sell;"Dee, ""Dot""
Dow";;New;;Low;no;
"""


def write(tmp_path: Path, text: str | bytes, name: str = "open.csv") -> str:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return str(path)


def bring(office: Office, file: str, *words: str) -> Any:
    return office.json("import", file, "--controller", "axigen", *words)


def test_another_tools_open_cases_are_taken_over_with_their_clocks(office: Office, tmp_path: Path) -> None:
    file = write(tmp_path, FOREIGN)
    dry = bring(office, file, "--dry-run")
    assert (dry["opened"], dry["not_open_any_more"], dry["headings_not_read"]) == (3, 1, ["Priority"])
    assert office.json("list", "--state", "all") == [], "a dry run changes nothing"
    done = bring(office, file)
    assert [(each["line"], each["reference"], each["how"]) for each in done["cases"]] == [
        (2, "DSR-1", "opened"), (3, "DSR-2", "opened"), (6, "DSR-4", "opened"),
    ]  # fmt: skip
    assert [each["case"] for each in done["cases"]] == [each["case"] for each in dry["cases"]]
    assert [each["due"] for each in done["cases"]] == [each["due"] for each in dry["cases"]]
    cases = {each["reference"]: office.show(each["case"]) for each in done["cases"]}
    first = cases["DSR-1"]
    assert (first["rights"], first["officer"], first["claims"][0]["stage"]) == (["erasure"], "per", "routed")
    assert first["letters"] == [], "who had a receipt from the other tool gets no second one"
    assert "DSR-1" in next(x for x in first["timeline"] if x["event"] == "NoteAdded")["words"][0]
    assert cases["DSR-2"]["rights"] == ["access", "rectification"]
    assert cases["DSR-2"]["claims"][0]["waits"] == ["identity"]
    assert dry["letters"] == 1, "only who is still to be asked is written to, and has an address"
    assert "due" in dry["warnings"][0]["warning"]


def test_importing_again_changes_nothing(office: Office, tmp_path: Path) -> None:
    file = write(tmp_path, FOREIGN)
    first = bring(office, file)
    before = [office.show(each["case"]) for each in first["cases"]]
    again = bring(office, file)
    assert (again["opened"], again["known"]) == (0, 3)
    assert [office.show(each["case"]) for each in first["cases"]] == before
    grown = write(tmp_path, FOREIGN + f"DSR-5;{days_ago(1)};Access;Eve Elm;eve@example.org;Open;;;;\n")
    assert (bring(office, grown)["opened"], len(office.json("list"))) == (1, 4)


def test_what_was_asked_and_extended_before_is_counted(office: Office, tmp_path: Path) -> None:
    table = (
        "reference,received,rights,email,identity_asked,identity_given,extension_told,extension_ground\n"
        f"a,{days_ago(20)},access,a@example.org,{days_ago(19)},{days_ago(9)},,\n"
        f"b,{days_ago(20)},access,b@example.org,,{days_ago(18)},{days_ago(10)},complexity\n"
        f"c,{days_ago(20)},access,c@example.org,,{days_ago(18)},,\n"
    )
    done = office.json("import", write(tmp_path, table), "--controller", "hexamail")
    a, b, c = (office.show(each["case"])["claims"][0] for each in done["cases"])
    assert a["due"] > c["due"], "days of waiting are added"
    assert b["extended"] is True
    assert b["due"] > a["due"]
    late = table.splitlines()[0] + f"\nd,{days_ago(50)},access,d@example.org,,,{days_ago(3)},complexity\n"
    (late_case,) = office.json("import", write(tmp_path, late), "--controller", "hexamail")["cases"]
    assert office.show(late_case["case"])["claims"][0]["extended"] is False, "told too late, it does not count"


BAD = f"""\
reference,received,rights,email,identity,extension_told
,{days_ago(3)},access,a@example.org,,
b,31/12/2025,access,b@example.org,,
c,{days_ago(3)},time travel,c@example.org,,
d,{days_ago(-3)},access,d@example.org,,
e,{days_ago(3)},access,,,
f,{days_ago(3)},access,not an address,,
g,{days_ago(3)},access,g@example.org,perhaps,
h,{days_ago(3)},access,h@example.org,,{days_ago(2)}
i,{days_ago(3)},access,i@example.org,,
i,{days_ago(3)},access,i@example.org,,
j,1899-01-01,access,j@example.org,,
"""


def test_every_bad_line_is_named_with_its_remedy_and_nothing_is_taken(office: Office, tmp_path: Path) -> None:
    done = office.result("import", write(tmp_path, BAD), "--controller", "axigen")
    assert done.exit_code == 1
    lines = done.output.splitlines()
    told = dict(line.removeprefix("line ").split(",", 1) for line in lines[:-1])
    assert sorted(map(int, told)) == [2, 3, 4, 5, 6, 7, 8, 9, 11, 12]
    for line, said in {
        "2": "reference: is empty", "3": "--dates DMY or --dates MDY", "4": "unknown right 'time travel'; write one of",
        "5": "lies in the future", "6": "say who it is about", "7": "not an address such as", "8": "write yes or no",
        "9": "counts only with its reasons (Art. 12(3) GDPR)", "11": "line 10 has the same reference",
        "12": "out of range",
    }.items():  # fmt: skip
        assert said in told[line], line
    assert lines[-1] == "nothing was imported: 10 faults"
    assert office.json("list", "--state", "all") == []
    assert "@example.org" not in done.output.replace("ann@example.org", ""), "a fault names the line, not the person"


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (b"", [], "line 1, file: is empty"),
        (b"name,colour\nAnn,red\n", [], "no heading is reference; say which one it is: --map reference=HEADING"),
        (b"id,key,received,right\n", [], "both look like reference"),
        (b"id,received,right\n", ["--map", "reference=Nummer"], "there is no heading 'Nummer'; the headings are: id"),
        (b"id,received,right\n", ["--map", "shoe=id"], "unknown column shoe; known are: reference"),
        (b"id,received,right\n", ["--map", "shoe"], "COLUMN=HEADING"),
        (b"id,received,right\n1,\xe4,x\n", [], "line 2, file: is not UTF-8 text"),
        (b"PK\x03\x04\x00\x00", [], "holds binary content"),
        (b'id,received,right\n1,"2026-01-01,x\n', [], "quotation mark that is not closed"),
        (b"id,received,right\n1,2026-01-01,access\n", ["--controller", "nobody"], "unknown controller nobody"),
        (b"id,received,right\n1,2026-01-01,access\n", ["--zone", "Mars/Base"], "unknown time zone 'Mars/Base'"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(
    office: Office, tmp_path: Path, content: bytes, words: list[str], said: str
) -> None:
    where = [] if "--controller" in words else ["--controller", "axigen"]
    done = office.result("import", write(tmp_path, content), *where, *words)
    assert done.exit_code == 1
    assert said in done.output
    assert office.json("list", "--state", "all") == []


def test_dates_and_headings_of_other_countries_are_read_as_told(office: Office, tmp_path: Path) -> None:
    table = "Vorgang;Eingangsdatum;Art der Anfrage;Nachname;Vorname\n7;03.11.2026;Löschung;Ash;Ann\n"
    dry = bring(office, write(tmp_path, table.encode("utf-16")), "--dry-run")
    assert dry["cases"][0]["rights"] == ["erasure"]
    american = write(tmp_path, "Ticket,Created,Type,Name\n7,11/03/2026,Right to Access (CCPA),Ann\n")
    mdy = bring(office, american, "--dry-run", "--dates", "MDY")
    assert mdy["cases"][0]["due"] == dry["cases"][0]["due"], "both arrived on 3 November"
