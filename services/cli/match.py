"""`habeas match`: which rights a message uses, and on what evidence."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, Final

import click

from services.router.api.reading import (
    BankError,
    Banks,
    ChatAdviser,
    Claim,
    Reading,
    SecondOpinion,
    TeachingError,
    advised,
    as_json,
    banks_for,
    lessons_of,
    read_message,
)

TEXT_BYTES_MAX: Final = 6_000_000
LINE_BYTES_MAX: Final = 8_000_000


@click.command()
@click.argument("source", required=False)
@click.option("--jsonl", "jsonl", is_flag=True, help='Read {"id","text"} lines and answer one JSON object a line.')
@click.option("--text", "given", help="The message itself, instead of a file or standard input.")
@click.option("--subject", default="", help="The message's subject.")
@click.option("--lang", default=None, help="The message's language, if it is known (de, pt-BR …).")
@click.option("--controller", default=None, help="Read with what this controller's officers taught.")
@click.option(
    "--home",
    type=click.Path(path_type=Path, file_okay=False),
    envvar="HABEAS_HOME",
    default=None,
    help="The folder of this installation.",
)
@click.option(
    "--adviser-url",
    default=None,
    help="An OpenAI-compatible endpoint that may suggest rights for messages a human reviews (setting: adviser.url).",
)
@click.option(
    "--adviser-model",
    default=None,
    help="The endpoint's model (setting: adviser.model). Its key is the setting adviser.key.",
)
@click.option("--explain", is_flag=True, help="Show the evidence, highlighted in the text.")
def match(
    source: str | None,
    jsonl: bool,
    given: str | None,
    subject: str,
    lang: str | None,
    controller: str | None,
    home: Path | None,
    explain: bool,
    adviser_url: str | None,
    adviser_model: str | None,
) -> None:
    """Read a message and say which rights it uses.

    SOURCE is a file, or the message itself; without it, or with "-", standard input is read.
    """
    banks = _banks(home, controller)
    adviser = _adviser(home, adviser_url, adviser_model)
    if jsonl:
        with _opened(source) as lines:
            for line in _answers(lines, banks, adviser):
                sys.stdout.write(line)
                sys.stdout.flush()
        _say_what_failed(adviser)
        return
    text = given if given is not None else _message(source)
    reading = read_message(text, subject=subject, language=lang, banks=banks)
    if adviser is not None:
        reading = advised(reading, text, adviser)
        _say_what_failed(adviser)
    click.echo(
        explained(text, subject, reading, colour=sys.stdout.isatty())
        if explain
        else json.dumps(as_json(reading), ensure_ascii=False, indent=2)
    )


def _message(source: str | None) -> str:
    """Return the message: what was typed, where it is plainly no file's name, or what the file holds."""
    typed = source is not None and len(source.split()) > 1
    return source if typed and source is not None and not _is_file(source) else _whole(source)


def _is_file(name: str) -> bool:
    try:
        return Path(name).is_file()
    except OSError:  # a message is longer than a name may be
        return False


def _banks(home: Path | None, controller: str | None) -> Banks:
    if controller and home is None:
        home = home_folder()
    try:
        lessons = lessons_of(home, controller).active() if controller and home else []
        return banks_for([home / "knowledge"] if home else [], lessons)
    except (BankError, TeachingError) as fault:
        raise click.UsageError(str(fault)) from None


def _adviser(home: Path | None, url: str | None, model: str | None) -> ChatAdviser | None:
    """Return the language model that the settings or the flags name; none by default."""
    named = url is not None or any(name.upper().startswith("HABEAS_ADVISER") for name in os.environ)
    if not named and not ((home or home_folder()) / "habeas.toml").is_file():
        return None  # nothing can name one: the settings need not be read for one message
    from services.runtime.settings import SettingsFault, load

    given = {name: value for name, value in (("url", url), ("model", model)) if value is not None}
    try:
        chosen = load(home, flags={"adviser": given} if given else None).adviser
    except SettingsFault as fault:
        raise click.UsageError(str(fault)) from None
    if chosen.url is None:
        return None
    key = chosen.key.get_secret_value() if chosen.key else ""
    return ChatAdviser(chosen.url, chosen.model, key, chosen.timeout_seconds)


def _say_what_failed(adviser: ChatAdviser | None) -> None:
    if adviser is not None and adviser.failures:
        click.echo(
            f"the adviser gave no usable answer {adviser.failures} times; those messages have no suggestion", err=True
        )


def home_folder() -> Path:
    """Return this installation's folder: HABEAS_HOME, or `habeas-home` here."""
    return Path(os.environ.get("HABEAS_HOME", "habeas-home"))


def _opened(source: str | None) -> IO[bytes]:
    if source in (None, "-"):
        return sys.stdin.buffer
    assert source is not None
    try:
        return Path(source).open("rb")
    except OSError as fault:
        raise click.UsageError(
            f"cannot read {source}: {fault.strerror}; a message itself is given with --text, or on standard input"
        ) from None


def _whole(source: str | None) -> str:
    with _opened(source) as opened:
        return opened.read(TEXT_BYTES_MAX).decode("utf-8", errors="replace")


def _answers(lines: IO[bytes], banks: Banks, adviser: SecondOpinion | None) -> Iterator[str]:
    """Answer each line in order; a line that cannot be read is answered with what is wrong with it."""
    while line := lines.readline(LINE_BYTES_MAX + 1):
        if len(line) > LINE_BYTES_MAX:
            while line and not line.endswith(b"\n"):
                line = lines.readline(LINE_BYTES_MAX)
            yield _written(
                {"id": None, "error": f"the line is longer than {LINE_BYTES_MAX} bytes; send the text in parts"}
            )
        elif line.strip():
            yield _written(_answer(line, banks, adviser))


def _answer(line: bytes, banks: Banks, adviser: SecondOpinion | None) -> dict[str, Any]:
    try:
        # A byte that is no UTF-8 spoils one letter, not the message.
        asked = json.loads(line.decode("utf-8-sig", errors="replace"), parse_constant=_refused)
    except (ValueError, RecursionError):
        return {"id": None, "error": 'not a JSON object; write {"id": "...", "text": "..."} on one line'}
    if not isinstance(asked, dict):
        return {"id": None, "error": 'not a JSON object; write {"id": "...", "text": "..."} on one line'}
    name, text = asked.get("id"), asked.get("text")
    if isinstance(name, float) and not math.isfinite(name):
        return {"id": None, "error": '"id" is too large a number; give a string'}
    subject, lang = asked.get("subject") or "", asked.get("lang")
    if not isinstance(text, str):
        return {"id": name, "error": '"text" must be a string'}
    if not isinstance(subject, str) or not isinstance(lang, str | None):
        return {"id": name, "error": '"subject" and "lang" must be strings when given'}
    reading = read_message(text, subject=subject, language=lang or None, banks=banks)
    return {"id": name, **as_json(reading if adviser is None else advised(reading, text, adviser))}


def _refused(constant: str) -> None:
    # JSON knows no NaN and no Infinity: echoed in an answer, they would make that no JSON either.
    raise ValueError(constant)


def _written(answer: dict[str, Any]) -> str:
    # A lone surrogate may be in the text; it is written escaped, never an encoding fault.
    try:
        line = json.dumps(answer, ensure_ascii=False)
        line.encode()
    except UnicodeEncodeError:
        line = json.dumps(answer)
    return line + "\n"


def explained(text: str, subject: str, reading: Reading, *, colour: bool) -> str:
    """Return the message with its evidence marked, and each verdict with its reason."""
    lines = [f"language: {reading.language.code} ({reading.language.confidence:.2f})   verdict: {reading.tier.value}"]
    if subject:
        lines.append("subject: " + _marked(subject, reading.claims, "subject", colour=colour))
    lines += ["", _marked(text, reading.claims, "text", colour=colour), ""]
    for claim in reading.claims:
        denied = " (denied)" if claim.negated else ""
        lines.append(f"{claim.right.value}{denied}: {claim.tier.value}, {claim.score:.2f}, {claim.reason}")
    if not reading.claims:
        lines.append("no right is used")
    lines.extend(f"question back: {asked.text} [{asked.yes}] [{asked.no}]" for asked in reading.questions)
    lines.extend(f"note: {note}" for note in reading.notes)
    return "\n".join(lines)


def _marked(text: str, claims: tuple[Claim, ...], part: str, *, colour: bool) -> str:
    spans = sorted(
        (span.start, span.end, claim.right.value) for claim in claims for span in claim.spans if span.part == part
    )
    pieces, at = [], 0
    for start, end, right in spans:
        if start < at:
            continue
        words = text[start:end]
        pieces += [text[at:start], click.style(words, bold=True, reverse=True) if colour else f"[[{words}|{right}]]"]
        at = end
    return "".join([*pieces, text[at:]])
