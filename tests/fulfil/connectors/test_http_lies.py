"""A service that answers something else than its map says is not taken for one that knows nobody."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.fulfil.asking import Answer, ask

MAP = """
system: crm
connector: {tables: {people: {list: {get: /people, rows: rows, paging: {kind: cursor, query: at, from: next}}}}}
tables: {people: {key: id, fields: {email: {identity: email, category: user.contact.email}}}}
"""
ANN = {"id": 1, "email": "ann@x.org"}


class Service:
    """Answers every question alike."""

    def __init__(self) -> None:
        self.says: Any = None
        self.asked = 0
        service = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_: object) -> None:
                return

            def do_GET(self) -> None:
                service.asked += 1
                body = json.dumps(service.says).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def access(self, folder: Path) -> Answer:
        """Ask for Ann."""
        (folder / "crm.yml").write_text(MAP)
        url = f"crm=http://user:secret@127.0.0.1:{self.server.server_port}/"
        return ask("access", "--map", folder / "crm.yml", "--connect", url, "--identity", "email=ann@x.org")


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.mark.parametrize(
    "says",
    [
        [ANN],
        {"data": [ANN]},
        {"rows": [1, "x"]},
        {"rows": "none"},
        {"error": "please log in"},
        {"rows": [{"email": "a"}]},
    ],
)
def test_an_answer_unlike_the_map_is_never_taken_for_nobody(service: Service, tmp_path: Path, says: Any) -> None:
    service.says = says
    answer = service.access(tmp_path)
    assert (answer.exit, answer.status) == (1, "incomplete")
    assert "unlike the map" in answer.errors[0]
    assert "ann@x.org" not in answer.said


@pytest.mark.parametrize("says", [{"rows": []}, {"rows": None}, {"total_size": 0, "start": 0}])
def test_an_answer_without_rows_is_nobody(service: Service, tmp_path: Path, says: Any) -> None:
    service.says = says
    assert service.access(tmp_path).status == "complete"


def test_a_next_page_that_was_read_already_ends_the_reading(service: Service, tmp_path: Path) -> None:
    service.says = {"rows": [ANN], "next": "again"}
    answer = service.access(tmp_path)
    assert (answer.status, service.asked) == ("incomplete", 2)
    assert "paging" in answer.errors[0]
