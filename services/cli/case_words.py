"""How cases are printed for people: one line each, or one case on a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from services.fulfil.api.steps import UNAVAILABLE


def line(found: dict[str, Any]) -> str:
    """Return one case as one line."""
    due = found["due_day"] or "-"
    mark = "OVERDUE" if found["overdue"] else "paused" if found["paused"] and not found["due"] else found["state"]
    waits = ", ".join(dict.fromkeys([*found["waiting_for"], *found["tasks"]])) or "-"
    if found.get("letters_to_post"):
        waits += f"; {found['letters_to_post']} to post"
    rights = ", ".join(found["rights"])
    officer = f"  @{found['officer']}" if found["officer"] else ""
    return f"{found['reference']}  {found['controller']:<10} due {due:<10}  {mark:<9}  {rights}  ({waits}){officer}"


def table(found: Iterable[dict[str, Any]]) -> str:
    """Return cases, a line each."""
    return "\n".join(map(line, found)) or "no cases"


def reviews(found: Iterable[dict[str, Any]]) -> str:
    """Return the messages that wait for a human, a line each."""
    lines = [
        f"{each['review']}  {each['controller']:<10} {each['received'][:16]}  {each['reason']}"
        f"  {', '.join(each['suggestions']) or '-'}"
        for each in found
    ]
    return "\n".join(lines) or "nothing waits for a human"


def page(found: dict[str, Any]) -> str:
    """Return one case in full."""
    return "\n".join([line(found), *_head(found), "", *_claims(found), *_letters(found), "", *_timeline(found)])


def _head(found: dict[str, Any]) -> Iterator[str]:
    yield f"    id {found['case']}, version {found['version']}"
    yield f"    from {_channel(found)}, under policy version {found['policy_version']}"
    law = found["law"]
    because = f" ({'; '.join(law['because'])})" if law["because"] else ""
    yield f"    law: {', '.join(law['laws'])}{because}; times are {found['zone']}"
    yield f"    identity: {found['assurance']}; asked by the {found['asker']}" + (
        "" if found["authority"] else ", whose authority is not accepted"
    )
    for each in found["documents"]:
        yield f"    identity document of {each['received'][:10]}: look with `habeas case document`; destroyed after"
    if found["joined_into"]:
        yield f"    lives on in {found['joined_into']}"


def _channel(found: dict[str, Any]) -> str:
    return {"email": "an email", "chat": "a chat", "letter": "a letter", "phone": "a call"}[found["channel"]]


def _claims(found: dict[str, Any]) -> Iterator[str]:
    for claim in found["claims"]:
        ended = f" as {claim['outcome']}" if claim["outcome"] else ""
        due = f", due {claim['due_day'] or claim['due']}" if claim["due"] and not claim["completed"] else ""
        stands = f", clock stands since {claim['paused_since'][:16]}" if claim["paused_since"] else ""
        yield f"{claim['right']}: {claim['stage'].replace('_', ' ')}{ended}{due}{stands}"
        yield f"    {claim['source'] or ''}"
        yield from (f"    {step}" for step in claim["steps"])
        yield from (f"    WARNING {warning}" for warning in claim["warnings"])
        yield from _tried(claim.get("tried") or {})
        for task in claim["tasks"]:
            yield f"    TASK {task['reason']}, due {task['due'][:10]}"
            yield from preview(task.get("preview") or {})


def _tried(tried: dict[str, Any]) -> Iterator[str]:
    """Say that a claim was tried and waits for its next try: nobody has to do anything, unless it lasts."""
    if not tried:
        return
    why, _, systems = tried["cause"].partition(": ")
    away = why == UNAVAILABLE
    what = f"for {systems or 'a connected system'} to answer" if away else f"after {why}"
    if tried["state"] == "parked":
        yield f"    PARKED {what}; `habeas dead-letters list` shows it"
    elif tried["until"]:
        yield f"    WAITS {what}, tried {tried['tries']} times, again at {tried['until'][:16]} UTC"
    if away:
        yield "      `habeas connectors test` says what is wrong; `habeas fulfil run` tries it now"


def _letters(found: dict[str, Any]) -> Iterator[str]:
    for letter in found["letters"]:
        how = "to be posted by hand" if letter["by_hand"] else "on its way"
        yield f"LETTER {letter['letter'][:8]}  {letter['template']}, {how}"


def _timeline(found: dict[str, Any]) -> Iterator[str]:
    for entry in found["timeline"]:
        yield f"{entry['local']}  [{entry['who']}]  {entry['what']}"
        if entry["why"] and entry["why"] not in entry["what"]:
            yield f"        by {entry['why']}"
        for text in entry["words"]:
            yield from (f"        | {row}" for row in text.splitlines())


def preview(shown: dict[str, Any]) -> Iterator[str]:
    """Yield what an officer is shown before saying yes: the plan by table and ground, the fields that may be meant."""
    for table in shown.get("tables", ()):
        yield f"      {table['system']}.{table['table']}: {table['rows']} rows to {table['how']} ({table['label']})"
        for kept in table["kept"]:
            until = f" until {kept['until']}" if kept["until"] else ""
            yield f"        {kept['rows']} kept{until}: {kept['ground']}"
    asked = shown.get("asked") or {}
    if asked:
        old, new = asked.get("old") or "?", asked.get("new") or "?"
        yield f"      asked for: {asked.get('field') or 'a field'}: {old} -> {new}"
    for each in shown.get("fields", ()):
        yield f"      {'* ' if each['likely'] else '  '}{each['field']} = {each['value']}"
    for purpose in shown.get("purposes", ()):
        yield f"      purpose: {purpose}"
    for recipient in shown.get("recipients", ()):
        yield f"      recipient of this data: {recipient}"
    for delegate in shown.get("delegates", ()):
        yield f"      asked besides: {delegate}"
    if "delegate" in shown:
        yield f"      {shown['delegate']} is to be settled with by hand; complete the task when it is"
        if shown.get("known_by"):
            yield f"        known there by: {shown['known_by']}"
        for said in (shown.get("why"), shown.get("wrote"), shown.get("results")):
            yield from (f"        {line}" for line in (said or "").splitlines())
    if "restricted" in shown:
        said = "not used meanwhile" if shown["restricted"] else "NOT restricted: the map names no field for it"
        yield f"      {said}"
    for done in shown.get("done", ()):
        yield f"      done: {done}"
    for said in (*shown.get("notes", ()), *shown.get("faults", ())):
        yield f"      {said}"
    if "statement" in shown:
        yield f"      to be attached to the person's data: {shown['statement']}"
    if "set" in shown:
        yield f"      approve it with --set {shown['set']}=VALUE"
