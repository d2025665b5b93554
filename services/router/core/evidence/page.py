"""The timeline as one page that any browser shows without a network: no script, no picture, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from html import escape
from typing import Any, Final

STYLE: Final = """\
body{font:16px/1.5 Georgia,serif;max-width:60em;margin:2em auto;padding:0 1em;color:#111;background:#fff}
h1,h2{line-height:1.2}table{border-collapse:collapse;width:100%}td,th{border-top:1px solid #bbb;padding:.4em .6em;
text-align:left;vertical-align:top}td.when{white-space:nowrap}small{color:#444}
blockquote{margin:.4em 0;padding-left:1em;border-left:3px solid #999;white-space:pre-wrap}
ol.steps{margin:.3em 0 0;padding-left:1.4em;color:#333}
@media print{body{margin:0;max-width:none}tr{break-inside:avoid}}"""

PROOF: Final = """\
<p>Every event above is a link of a chain of hashes (<code>audit/links.jsonl</code>); every file is listed with its
SHA-256 in <code>manifest.json</code>, which is signed. <code>habeas audit verify --folder .</code> checks all of it
without any access to the system; <code>sha256sum -c SHA256SUMS</code> checks the files alone. <code>README.txt</code>
says how to do the rest by hand.</p>"""
OTHERS: Final = (
    "places that name other persons were taken out before this folder was written. Officers appear under the id by "
    "which they act for the controller."
)


def page(found: Mapping[str, Any]) -> str:
    """Return the page of one case."""
    parts = [
        "<!doctype html>", f'<html lang="en"><head><meta charset="utf-8"><title>{escape(found["reference"])}</title>',
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">',
        f"<style>{STYLE}</style></head><body>", *_head(found), *_claims(found["claims"]), *_events(found["timeline"]),
        *_decisions(found["decisions"]), *_letters(found["letters"]), *_proof(found), "</body></html>",
    ]  # fmt: skip
    return "\n".join(parts) + "\n"


def _head(found: Mapping[str, Any]) -> Iterator[str]:
    yield f"<h1>Case {escape(found['reference'])}</h1>"
    law = found["law"]
    because = f" ({escape('; '.join(law['because']))})" if law["because"] else ""
    rows = [
        ("Controller", found["controller_name"]),
        ("Received", found["received_local"]),
        ("Channel", found["channel"]),
        ("State", found["state"]),
        ("Law", escape(", ".join(law["laws"])) + because),
        ("Policy in force", f"version {escape(found['policy_version'])}"),
        ("Times", f"in {escape(found['zone'])}"),
    ]
    yield "<table>"
    for name, value in rows:
        shown = value if name in {"Law", "Policy in force", "Times"} else escape(str(value))
        yield f"<tr><th>{name}</th><td>{shown}</td></tr>"
    yield "</table>"


def _claims(claims: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield "<h2>What was asked, and until when</h2><table>"
    yield "<tr><th>Right</th><th>Ended</th><th>Due</th><th>How the date came about</th></tr>"
    for claim in claims:
        steps = "".join(f"<li>{escape(step)}</li>" for step in (*claim["steps"], *claim["warnings"]))
        ended = escape((claim["outcome"] or "open").replace("_", " "))
        due = escape(str(claim["due_day"] or claim["due"] or ""))
        when = f"<br><small>{escape(claim['completed_local'])}</small>" if claim.get("completed_local") else ""
        yield (
            f"<tr><td>{escape(claim['right'].replace('_', ' '))}</td><td>{ended}{when}</td>"
            f"<td>{due}<br><small>{escape(claim['source'] or '')}</small></td>"
            f'<td><ol class="steps">{steps}</ol></td></tr>'
        )
    yield "</table>"


def _events(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield "<h2>What happened</h2><table><tr><th>When</th><th>Who</th><th>What, and why</th></tr>"
    for entry in entries:
        why = f"<br><small>{escape(entry['why'])}</small>" if entry["why"] else ""
        words = "".join(f"<blockquote>{escape(text)}</blockquote>" for text in entry["words"])
        later = (
            f"<br><small>recorded {escape(entry['recorded_local'])}</small>"
            if entry["recorded_local"] != entry["local"]
            else ""
        )
        yield (
            f'<tr><td class="when">{escape(entry["local"])}{later}</td><td>{escape(entry["who"])}</td>'
            f"<td>{escape(entry['what'])}{why}{words}</td></tr>"
        )
    yield "</table>"


def _decisions(decisions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield "<h2>Decisions and their reasons</h2>"
    listed = list(decisions)
    if not listed:
        yield "<p>No officer decided anything in this case.</p>"
        return
    yield "<table><tr><th>When</th><th>Who</th><th>Decision</th><th>Ground and source</th><th>Reasons</th></tr>"
    for each in listed:
        words = "".join(f"<blockquote>{escape(text)}</blockquote>" for text in each["reasons"])
        yield (
            f'<tr><td class="when">{escape(each["local"])}</td><td>{escape(each["who"])}</td>'
            f"<td>{escape(each['decision'])}</td><td>{escape(each['why'])}</td><td>{words}</td></tr>"
        )
    yield "</table>"


def _letters(letters: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    yield "<h2>Letters and their delivery</h2><table>"
    yield "<tr><th>Letter</th><th>Asked for</th><th>Delivered</th><th>Message-ID</th></tr>"
    for each in letters:
        named = escape(each["template"].replace("_", " "))
        linked = f'<a href="{escape(each["file"])}">{named}</a>' if each["file"] else named
        yield (
            f"<tr><td>{linked}</td><td>{escape(each['requested_local'])}</td><td>{escape(each['delivery'])}</td>"
            f"<td><small>{escape(each['message_id'])}</small></td></tr>"
        )
    yield "</table>"


def _proof(found: Mapping[str, Any]) -> Iterator[str]:
    yield "<h2>How to check this folder</h2>"
    yield PROOF
    yield f"<p>{found['redactions']} {OTHERS}</p>"
