"""The commands answer every line in order, name what is wrong with a bad one, and report an old inbox in shadow."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.cli.backtest import backtest
from services.cli.match import match
from services.cli.phrases import phrases

MBOX = (
    "From a@example.org Mon Jan  1 00:00:00 2024\nSubject: hello\n\nplease delete my account, yours a@example.org\n\n"
    "From b@example.org Mon Jan  1 00:00:00 2024\nSubject: order\n\nwhere is my parcel?\n"
)


def test_jsonl_answers_every_line_in_order_and_names_bad_ones() -> None:
    lines = [
        '{"id": 1, "text": "delete my account"}',
        "nonsense",
        '{"id": 2}',
        '{"id": "z", "text": "hi", "lang": "en"}',
    ]
    result = CliRunner().invoke(match, ["--jsonl"], input="\n".join(lines))
    answers = [json.loads(line) for line in result.output.splitlines()]
    assert result.exit_code == 0
    assert [answer["id"] for answer in answers] == [1, None, 2, "z"]
    assert answers[0]["claims"][0].keys() >= {"right", "tier", "score", "spans", "reason", "negated"}
    assert "error" in answers[1]
    assert "error" in answers[2]
    assert answers[3]["claims"] == []


def test_explain_marks_the_evidence_in_the_text() -> None:
    result = CliRunner().invoke(match, ["--explain", "--text", "please delete my account"])
    assert "[[delete my account|erasure]]" in result.output
    assert 'rule "erase the account"' in result.output


def test_a_backtest_counts_and_masks_and_draws(tmp_path: Path) -> None:
    box = tmp_path / "old.mbox"
    box.write_text(MBOX, "utf-8")
    text = CliRunner().invoke(backtest, [str(box)])
    assert text.exit_code == 0
    assert "2 messages" in text.output
    assert "a@example.org" not in text.output
    report = json.loads(CliRunner().invoke(backtest, [str(box), "--format", "json"]).output)
    assert report["verdicts"] == {"opened": 1, "asked": 0, "reviewed": 0, "ignored": 1}
    page = CliRunner().invoke(backtest, [str(box), "--format", "html"]).output
    assert "<svg" in page
    assert "http" not in page


def test_a_nested_mail_bomb_is_held_and_not_fatal(tmp_path: Path) -> None:
    bomb = (
        "Subject: x\nContent-Type: multipart/mixed; boundary=a\n\n"
        + "--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 300
    )
    (tmp_path / "bomb.eml").write_text(bomb, "utf-8")
    result = CliRunner().invoke(backtest, [str(tmp_path), "--format", "json"])
    assert json.loads(result.output)["unreadable"] == 1


def test_a_source_that_is_missing_is_one_clear_line() -> None:
    result = CliRunner().invoke(backtest, ["nowhere.mbox"])
    assert result.exit_code == 2
    assert "does not exist" in result.output


def test_an_id_too_large_for_json_is_named_and_never_echoed() -> None:
    result = CliRunner().invoke(match, ["--jsonl"], input='{"id": 1e999, "text": "hi"}\n{"id": 2, "text": "hi"}\n')
    answers = [json.loads(line, parse_constant=lambda _: pytest.fail("no JSON")) for line in result.output.splitlines()]
    assert [(answer["id"], "error" in answer) for answer in answers] == [(None, True), (2, False)]


def test_a_phrase_in_a_language_without_a_bank_is_not_taught_in_vain(tmp_path: Path) -> None:
    taught = ["add", "--controller", "axigen", "--home", str(tmp_path), "--right", "erasure", "--lang", "xx", "zap me"]
    result = CliRunner().invoke(phrases, taught)
    assert result.exit_code == 2
    assert "no phrase bank for 'xx'" in result.output
