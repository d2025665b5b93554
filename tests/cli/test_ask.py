"""`habeas ask` from the outside: JSON lines in order, faults in their place, one clear line for a wrong use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from services.cli.ask import ask
from services.cli.policy import policy

POLICY = "# Privacy\n\nWe never sell your personal data to anyone.\n\n## Storage\n\nWe keep your data for two years.\n"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    monkeypatch.setenv("HABEAS_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("HABEAS_KNOWLEDGE", raising=False)

    def _run(*arguments: str, given: str | bytes | None = None, command: object = ask) -> Result:
        return CliRunner().invoke(command, list(arguments), input=given)  # type: ignore[arg-type]

    return _run


def lines_of(result: Result) -> list[dict[str, object]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_many_questions_are_answered_in_their_order_with_the_shape_that_is_promised(run) -> None:
    asked = [{"id": n, "question": q} for n, q in enumerate(["Do you sell my data?", "Tell me a joke", "cookies?"])]
    told = lines_of(run("--controller", "mailpro", "--jsonl", given="\n".join(map(json.dumps, asked))))
    assert [line["id"] for line in told] == [0, 1, 2]
    first, second = told[0], told[1]
    assert {"id", "answer", "citations", "abstained", "reason", "score"} <= set(first)
    assert "ranking" not in first
    assert set(first["citations"][0]) == {"policy", "version", "clause", "start", "end", "quote"}
    assert first["abstained"] is False
    assert second["abstained"] is True
    assert second["citations"] == []


def test_a_bad_line_is_answered_on_its_line_and_the_rest_goes_on(run) -> None:
    bad: list[bytes] = [
        b"not json", b"[1]", b'{"id": 3}', b'{"id": 4, "question": 5}', b'{"id": 5, "question": "  "}',
        b'{"id": 6, "question": "x", "controller": "nobody"}', b'{"id": 7, "question": "x", "on": "tomorrow"}',
        b'\xff\xfe', b'{"id": 9, "question": "\\ud800 do you sell data?"}',
        b"[" * 100_000, b'{"id": 11, "question": "Do you sell my data?"}',
    ]  # fmt: skip
    told = lines_of(run("--controller", "axigen", "--jsonl", given=b"\n".join(bad)))
    assert len(told) == len(bad)
    assert [line["id"] for line in told] == [None, None, 3, 4, 5, 6, 7, None, 9, None, 11]
    assert all("error" in line for line in told[:8])
    assert "error" in told[9]
    assert told[10]["abstained"] is False
    assert "Traceback" not in json.dumps(told)


def test_a_line_may_name_its_own_controller_and_day(run) -> None:
    line = {"id": "a", "question": "How long do you keep data after I close my account?", "controller": "mailigen"}
    told = lines_of(run("--controller", "axigen", "--jsonl", "--top", "2",
                        given=json.dumps(line) + "\n" + json.dumps({**line, "on": "2012-01-01"})))  # fmt: skip
    assert told[0]["citations"][0]["version"] == "2018-08-02"
    assert told[1]["abstained"] is True
    assert all(set(each) == {"clause", "start", "end", "score"} for line in told for each in line["ranking"])
    assert [len(line["ranking"]) for line in told] == [2, 2]


def test_one_question_is_answered_for_a_person_to_read(run) -> None:
    result = run("--controller", "axigen", "How long do you keep my data?")
    assert result.exit_code == 0
    assert "within 3 years" in result.output
    assert "[axigen 2018-11-10" in result.output


def test_a_policy_that_nobody_configured_can_be_asked(run, tmp_path: Path) -> None:
    path = tmp_path / "policy.md"
    path.write_text(POLICY, "utf-8")
    told = json.loads(run("--policy", str(path), "--json", "Do you sell my data?").stdout)
    cited = told["citations"][0]
    assert POLICY[cited["start"] : cited["end"]] == cited["quote"]
    assert "never sell" in cited["quote"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--controller", "nobody", "hello"], "unknown controller"),
        (["hello"], "--controller"),
        (["--controller", "axigen"], "give a question"),
        (["--controller", "axigen", "--on", "31/12/2020", "hello"], "YYYY-MM-DD"),
        (["--controller", "axigen", "   "], "empty"),
        (["--controller", "axigen", "--jsonl", "/no/such/file"], "No such file"),
    ],
)
def test_a_wrong_use_is_one_clear_line(run, arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("content", [b"", b"\x00\x01\xff\xfe", b"   \n", b"caf\xe9"])
def test_a_file_that_is_no_policy_is_refused_by_name(run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "what.bin"
    path.write_bytes(content)
    result = run("--policy", str(path), "hello")
    assert result.exit_code == 2
    assert "what.bin" in result.output


def test_an_officer_can_see_why_and_teach_list_check_and_remove(run) -> None:
    why = run("explain", "Do you sell my data?", "--controller", "mailpro", command=policy)
    assert why.exit_code == 0
    assert "concepts  sell" in why.output
    added = run("answer", "add", "Is there an app?", "No.", "--controller", "mailpro", command=policy)
    assert added.exit_code == 0, added.output
    name = added.output.split()[1]
    assert "No." in run("--controller", "mailpro", "is there an app").output
    listed = run("answer", "list", "--controller", "mailpro", "--check", command=policy)
    assert listed.exit_code == 0
    assert "in use" in listed.output
    assert run("answer", "remove", name, "--controller", "mailpro", command=policy).exit_code == 0
    assert "no curated" in run("answer", "list", "--controller", "mailpro", command=policy).output
