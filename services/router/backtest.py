"""What the reader would have done with an old inbox: counts, example lines and a picture.

Only counts and a few shortened, masked lines are kept while reading: memory does not grow with the inbox.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from services.router.core.reading.reader import read
from services.router.core.reading.rights import Tier
from services.router.core.reading.verdict import Reading
from services.router.old_mail import OldMessage
from services.router.reading import Banks, shipped_opinions

LINE_CHARACTERS_MAX: Final = 110
SENTENCE_CHARACTERS_MAX: Final = 160
WORDS_BEFORE_CHARACTERS: Final = 40
WORD_OF_TIER: Final = {Tier.ACT: "opened", Tier.ASK: "asked", Tier.REVIEW: "reviewed", Tier.NONE: "ignored"}
COLOUR_OF_TIER: Final = {"opened": "#1b6e53", "asked": "#c58a1a", "reviewed": "#5b5fa8", "ignored": "#b6b6b6"}
_ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,200}")
_NUMBER = re.compile(r"\d[\d ./-]{4,}\d")
_SENTENCE = re.compile(r"[.!?]\s+|\n+")
_NAMING: Final = frozenset({"name", "person", "username", "account_id", "order", "old_value", "new_value"})


@dataclass
class Report:
    """What would have happened, in numbers, with a few lines to judge it by."""

    messages: int = 0
    unreadable: int = 0
    automatic: int = 0
    tiers: Counter[str] = field(default_factory=Counter)
    rights: Counter[tuple[str, str]] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    lines: dict[str, list[str]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0


def run(messages: Iterable[OldMessage], banks: Banks, lines_max: int) -> Report:
    """Read every message in shadow and count."""
    report = Report()
    started = time.perf_counter()
    opinions = shipped_opinions()
    for message in messages:
        report.messages += 1
        if message.fault is not None:
            report.unreadable += 1
            report.tiers["reviewed"] += 1
            if len(report.faults) < lines_max:
                report.faults.append(f"{message.name}: {message.fault}")
            continue
        _count(report, message, read(message.text, subject=message.subject, banks=banks, opinions=opinions), lines_max)
    report.seconds = time.perf_counter() - started
    return report


def _count(report: Report, message: OldMessage, reading: Reading, lines_max: int) -> None:
    live = [claim for claim in reading.claims if not claim.negated]
    word = WORD_OF_TIER[reading.tier]
    if message.automatic:
        # RFC 3834: nobody answers a machine. What it may hold is for a human to see.
        report.automatic += 1
        word = WORD_OF_TIER[Tier.REVIEW if reading.claims else Tier.NONE]
    report.tiers[word] += 1
    report.languages[reading.language.code] += 1
    for claim in live:
        report.rights[(claim.right.value, word if message.automatic else WORD_OF_TIER[claim.tier])] += 1
    key = f"{word}: {live[0].right.value.replace('_', ' ')}" if live else word
    shown = report.lines.setdefault(key, [])
    if len(shown) < lines_max:
        span = next((span for claim in live for span in claim.spans if span.part == "text"), None)
        line = _example(message.text, span.start if span else 0, reading)
        if not line or (live and span is None):
            # The evidence stands in the subject.
            line = shortened(masked(" ".join(f"{message.subject} | {line}".strip(" |").split())))
        line = line or "(nothing is written)"
        if line not in shown:
            shown.append(line)


def _example(text: str, at: int, reading: Reading) -> str:
    """Return the line that holds the evidence, from the beginning of its sentence, without whom it names."""
    begin = max(
        (found.end() for found in _SENTENCE.finditer(text, max(0, at - SENTENCE_CHARACTERS_MAX), at)), default=0
    )
    if begin < at - SENTENCE_CHARACTERS_MAX:
        begin = text.rfind(" ", max(0, at - WORDS_BEFORE_CHARACTERS), at) + 1 or at
    end = begin + 4 * LINE_CHARACTERS_MAX
    line = text[begin:end]
    names = {one.value for one in reading.found if one.kind in _NAMING and len(one.value) > 1}
    for name in sorted(names, key=len, reverse=True):
        line = line.replace(name, "[name]")
    return shortened(masked(" ".join(line.split())))


def masked(text: str) -> str:
    """Return a line without the addresses and numbers that would name somebody."""
    return _NUMBER.sub("[number]", _ADDRESS.sub("[address]", text))


def shortened(line: str) -> str:
    """Return a line that fits, cut between words."""
    if len(line) <= LINE_CHARACTERS_MAX:
        return line
    return line[: LINE_CHARACTERS_MAX - 1].rsplit(" ", 1)[0] + "…"


def report_json(report: Report) -> dict[str, Any]:
    """Return the report as plain values."""
    rights: dict[str, dict[str, int]] = {}
    for (right, word), count in sorted(report.rights.items()):
        rights.setdefault(right, {})[word] = count
    return {
        "messages": report.messages,
        "unreadable": report.unreadable,
        "automatic": report.automatic,
        "verdicts": {word: report.tiers[word] for word in WORD_OF_TIER.values()},
        "rights": rights,
        "languages": dict(report.languages.most_common()),
        "examples": report.lines,
        "faults": report.faults,
        "seconds": round(report.seconds, 2),
    }


def as_text(report: Report) -> str:
    """Return the report for a terminal, with bars."""
    lines = [f"{report.messages} messages read in shadow in {report.seconds:.1f} s; nothing was sent or stored", ""]
    for word in WORD_OF_TIER.values():
        count = report.tiers[word]
        share = count / max(1, report.messages)
        lines.append(f"  {word:9} {count:7} {share:5.0%}  {'█' * round(40 * share)}".rstrip())
    if report.automatic:
        lines += ["", f"  {_of_machines(report)}"]
    lines += ["", "rights"]
    for right, words in report_json(report)["rights"].items():
        lines.append(f"  {right:24} " + ", ".join(f"{word} {count}" for word, count in words.items()))
    lines += ["", "languages  " + ", ".join(f"{code} {count}" for code, count in report.languages.most_common(12))]
    for key, shown in _examples(report):
        lines += ["", key, *(f"  {line}" for line in shown)]
    if report.unreadable:
        lines += ["", f"{report.unreadable} could not be read and would be held for a human", *report.faults]
    return "\n".join(lines) + "\n"


def as_html(report: Report) -> str:
    """Return the report as one page that loads nothing, picture included."""
    examples = "".join(
        f"<h3>{escape(key)}</h3><ul>{''.join(f'<li>{escape(line)}</li>' for line in shown)}</ul>"
        for key, shown in _examples(report)
    )
    languages = ", ".join(f"{escape(code)} {count}" for code, count in report.languages.most_common(20))
    faults = "".join(f"<li>{escape(fault)}</li>" for fault in report.faults)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>habeas backtest</title>'
        "<style>body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem}"
        "li{margin:.2rem 0}</style>"
        f"<h1>What would have happened</h1><p>{report.messages} messages were read in shadow. Nothing was sent, and "
        f"nothing was stored but this page. {_of_machines(report)}</p>{picture(report)}<p>"
        "A message can use several rights. The bars of the "
        f"rights have a scale of their own.</p><p>Languages: {languages}</p><h2>Example lines</h2>{examples}"
        f"<h2>Held for a human</h2><p>{report.unreadable} could not be read.</p><ul>{faults}</ul></html>\n"
    )


def _of_machines(report: Report) -> str:
    if not report.automatic:
        return ""
    return f"{report.automatic} came from machines (bounces, absences, newsletters): none is answered by rule."


def _examples(report: Report) -> list[tuple[str, list[str]]]:
    """Return the example lines by verdict, in the order in which an officer cares."""
    order = list(WORD_OF_TIER.values())
    named = [(key, shown) for key, shown in report.lines.items() if shown]
    return sorted(named, key=lambda one: (order.index(one[0].partition(":")[0]), one[0]))


def picture(report: Report) -> str:
    """Return the counts a right as an SVG bar chart."""
    rights = report_json(report)["rights"]
    rows = [("all messages", dict(report.tiers)), *rights.items()]
    height = 34 * len(rows) + 40
    most = max((sum(words.values()) for words in rights.values()), default=1) or 1
    bars = []
    for place, (name, words) in enumerate(rows):
        top, left = 34 * place + 10, 210.0
        bars.append(f'<text x="200" y="{top + 17}" text-anchor="end">{escape(name.replace("_", " "))}</text>')
        for word, colour in COLOUR_OF_TIER.items():
            count = words.get(word, 0)
            width = 480 * count / (most if place else max(1, report.messages))
            if count:
                bars.append(
                    f'<rect x="{left:.1f}" y="{top}" width="{width:.1f}" height="24" fill="{colour}">'
                    f"<title>{word}: {count}</title></rect>"
                )
            left += width
        bars.append(f'<text x="{left + 6:.1f}" y="{top + 17}">{sum(words.values())}</text>')
    legend = "".join(
        f'<rect x="{210 + 120 * place}" y="{height - 22}" width="14" height="14" fill="{colour}"/>'
        f'<text x="{230 + 120 * place}" y="{height - 10}">{word}</text>'
        for place, (word, colour) in enumerate(COLOUR_OF_TIER.items())
    )
    return (
        f'<svg viewBox="0 0 760 {height}" role="img" aria-label="Verdicts for each right" '
        f'font-family="system-ui,sans-serif" font-size="14">{"".join(bars)}{legend}</svg>'
    )
