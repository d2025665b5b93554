"""The package that a person gets: one ZIP with a page to read, the data as files, and a manifest with hashes."""

from __future__ import annotations

import hashlib
import html
import json
import zipfile
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

CHUNK_BYTES: Final = 1 << 20

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Your data from {controller}</title>
<style>body{{font:1rem/1.6 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem}}
table{{border-collapse:collapse}}
th,td{{text-align:left;padding:.4rem 1rem .4rem 0;border-bottom:1px solid #bbb}}</style></head><body><main>
<h1>Your data from {controller}</h1>
<p>Made on {made}. Each line is one kind of record that was found about you; the records are in the folder
<code>data</code>, one file a kind, one record a line, in a form that computers read (JSON Lines).
<code>manifest.json</code> lists every file with its SHA-256 hash.</p>
<table><thead><tr><th scope="col">Where</th><th scope="col">Records</th><th scope="col">Left out</th></tr></thead>
<tbody>{rows}</tbody></table>
<p>What was left out would have told you about other people (Art. 15(4) GDPR).</p>
</main></body></html>
"""


def archive(
    folder: Path, controller: str, counts: Mapping[str, int], withheld: Mapping[str, int], made: datetime
) -> Path:
    """Write the archive of `folder/data` beside it, and return its path."""
    target = folder / "package.zip"
    data = sorted(path for path in (folder / "data").rglob("*") if path.is_file())
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archived:
        manifest = []
        for path in data:
            name = f"data/{path.relative_to(folder / 'data').as_posix()}"
            archived.write(path, name)
            manifest.append({"file": name, "bytes": path.stat().st_size, "sha256": _sha256(path)})
        archived.writestr("index.html", _page(controller, counts, withheld, made))
        archived.writestr("manifest.json", json.dumps({"made": made.isoformat(), "files": manifest}, indent=2))
    return target


def _page(controller: str, counts: Mapping[str, int], withheld: Mapping[str, int], made: datetime) -> str:
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(name)}</th><td>{count}</td><td>{withheld.get(name, 0)}</td></tr>"
        for name, count in sorted(counts.items())
    )
    return _PAGE.format(controller=html.escape(controller), made=made.date().isoformat(), rows=rows)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as source:
        while chunk := source.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()
